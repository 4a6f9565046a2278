package service

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/zhanggui-pay/zhanggui/core"
)

// payoutColumn is a column of a payout file: its field in the API, its headings, and where
// its cells go.
type payoutColumn struct {
	field, zh, en string
	example       string
	set           func(in *core.CreatePayoutInput, cell string)
}

// payoutColumns are the columns of the template, in its order. The example's card number has a
// wrong check digit: a row that was forgotten in the file pays nobody.
func payoutColumns() []payoutColumn {
	return []payoutColumn{
		{"merchant_payout_no", "商户付款单号", "Payout number", "SALARY-2026-11-0001", func(in *core.CreatePayoutInput, v string) { in.MerchantPayoutNo = v }},
		{"amount", "金额（元）", "Amount (yuan)", "1234.50", nil},
		{"source", "出款方式", "Source", "balance", func(in *core.CreatePayoutInput, v string) { in.Source = v }},
		{"payee.type", "收款账户类型", "Payee type", "personal", func(in *core.CreatePayoutInput, v string) { in.Payee.Type = v }},
		{"payee.name", "收款人姓名", "Payee name", "张三", func(in *core.CreatePayoutInput, v string) { in.Payee.Name = core.SecretString(v) }},
		{"payee.number", "收款账号", "Payee account", "6217710000000001", func(in *core.CreatePayoutInput, v string) { in.Payee.Number = core.SecretString(v) }},
		{"payee.bank_name", "开户银行", "Bank", "招商银行", func(in *core.CreatePayoutInput, v string) { in.Payee.BankName = v }},
		{"payee.branch_code", "联行号", "Branch number", "", func(in *core.CreatePayoutInput, v string) { in.Payee.BranchCode = v }},
		{"payee.branch_name", "支行名称", "Branch", "", func(in *core.CreatePayoutInput, v string) { in.Payee.BranchName = v }},
		{"payee.province", "开户省份", "Province", "广东省", func(in *core.CreatePayoutInput, v string) { in.Payee.Province = v }},
		{"payee.city", "开户城市", "City", "深圳市", func(in *core.CreatePayoutInput, v string) { in.Payee.City = v }},
		{"payee.phone", "手机号", "Phone", "13800138000", func(in *core.CreatePayoutInput, v string) { in.Payee.Phone = core.SecretString(v) }},
		{"payee.id_number", "证件号", "Identity number", "", func(in *core.CreatePayoutInput, v string) { in.Payee.IDNumber = core.SecretString(v) }},
		{"purpose", "用途", "Purpose", "工资", func(in *core.CreatePayoutInput, v string) { in.Purpose = v }},
		{"channel", "出款渠道", "Channel", "", func(in *core.CreatePayoutInput, v string) { in.Channel = v }},
	}
}

// columnsOf adds the inputs that only this provider has.
func columnsOf(spec core.PayoutSpec) []payoutColumn {
	columns := payoutColumns()
	for _, f := range spec.Extra {
		columns = append(columns, payoutColumn{field: "extra." + f.Name, zh: f.Label.ZH, en: f.Label.EN, set: func(in *core.CreatePayoutInput, v string) {
			if v == "" {
				return
			}
			if in.Payee.Extra == nil {
				in.Payee.Extra = map[string]string{}
			}
			in.Payee.Extra[f.Name] = chosen(v, f.Options)
		}})
	}
	return columns
}

// columnTitle is the heading of a field, for people.
func columnTitle(field string) string {
	for _, c := range payoutColumns() {
		if c.field == field {
			return c.zh
		}
	}
	return field
}

// payoutRows is a file's rows as payouts, and what is wrong with them.
type payoutRows struct {
	inputs []core.CreatePayoutInput
	lines  []int
	errors []core.PayoutRowError
	count  int // of errors, those beyond MaxRowErrors included
}

func (r *payoutRows) fault(line int, number string, f payoutFault) {
	r.count++
	if len(r.errors) < core.MaxRowErrors {
		r.errors = append(r.errors, core.PayoutRowError{Row: line, Column: f.field, Number: printable(number), Code: f.code, Message: core.Text{EN: f.en, ZH: f.zh}})
	}
}

// printable bounds a merchant's own number that may be anything.
func printable(number string) string { return shorten(strings.ToValidUTF8(number, "?"), 64) }

// readPayoutRows turns a table into payouts. Every cell is looked at: a merchant mends a file
// once, not once for each error.
func readPayoutRows(table core.PayoutTable, spec core.PayoutSpec) payoutRows {
	var out payoutRows
	places := out.headings(table.Header, columnsOf(spec))
	if out.count > 0 {
		return out
	}
	numbers, same := map[string]int{}, map[string]int{}
	for i, cells := range table.Rows {
		line := table.Lines[i]
		in, faults := readPayoutRow(cells, places, spec)
		for _, f := range faults {
			out.fault(line, in.MerchantPayoutNo, f)
		}
		out.duplicates(line, in, numbers, same)
		out.inputs, out.lines = append(out.inputs, in), append(out.lines, line)
	}
	return out
}

// headings finds the column of each cell.
func (r *payoutRows) headings(header []string, columns []payoutColumn) []*payoutColumn {
	places := make([]*payoutColumn, len(header))
	for i, title := range header {
		at := slices.IndexFunc(columns, func(c payoutColumn) bool {
			return title == c.field || title == c.zh || strings.EqualFold(title, c.en)
		})
		switch {
		case title == "":
		case at < 0:
			r.fault(1, "", payoutFault{"", faultChoice, fmt.Sprintf("Column %d has a heading that is not known; use those of the template.", i+1), fmt.Sprintf("第 %d 列的标题无法识别，请使用模板中的标题。", i+1)})
		case slices.Contains(places, &columns[at]):
			r.fault(1, "", payoutFault{columns[at].field, faultDuplicate, "The column stands twice.", "此列重复。"})
		default:
			places[i] = &columns[at]
		}
	}
	for i := range columns {
		if f := columns[i].field; (f == "amount" || f == "payee.name" || f == "payee.number") && !slices.Contains(places, &columns[i]) {
			r.fault(1, "", payoutFault{f, faultMissing, "The column is missing.", "缺少此列。"})
		}
	}
	return places
}

func readPayoutRow(cells []string, places []*payoutColumn, spec core.PayoutSpec) (in core.CreatePayoutInput, faults []payoutFault) {
	in.Payee.Type = core.PayeePersonal
	amount := ""
	for i, cell := range cells {
		switch {
		case i >= len(places) || places[i] == nil:
			if cell != "" {
				faults = append(faults, payoutFault{"", faultChoice, fmt.Sprintf("Column %d has a cell and no heading.", i+1), fmt.Sprintf("第 %d 列有内容但没有标题。", i+1)})
			}
		case places[i].field == "amount":
			amount = cell
		case cell != "":
			places[i].set(&in, cell)
		}
	}
	in.Source = chosen(in.Source, spec.Sources)
	if in.Source == "" && len(spec.Sources) > 0 {
		in.Source = spec.Sources[0].ID
	}
	in.Payee.Type = chosen(in.Payee.Type, spec.PayeeTypes)
	var ok bool
	if in.Amount, ok = yuan(amount); !ok {
		faults = append(faults, payoutFault{"amount", faultAmount, "The amount must be yuan with at most two decimals, for instance 1234.50.", "金额单位为元，最多两位小数，例如 1234.50。"})
		rest := in
		rest.Amount = core.Fen(1)
		return in, append(faults, checkPayoutInput(rest, spec)...)
	}
	return in, append(faults, checkPayoutInput(in, spec)...)
}

// chosen gives the id of a choice that was written by its name.
func chosen(value string, from []core.Channel) string {
	for _, c := range from {
		if value == c.ID || value == c.Name.ZH || strings.EqualFold(value, c.Name.EN) {
			return c.ID
		}
	}
	return value
}

// yuan reads an amount as people write it: 1234.5, 1,234.50. No sign, no exponent, no more
// than two decimals: nothing is rounded.
func yuan(text string) (core.Money, bool) {
	whole, part, point := strings.Cut(text, ".")
	groups := strings.Split(whole, ",")
	for i, g := range groups[1:] {
		if len(g) != 3 || i == 0 && (groups[0] == "" || len(groups[0]) > 3) {
			return core.Money{}, false
		}
	}
	whole = strings.Join(groups, "")
	if !digits(whole, 1, 10) || point && !digits(part, 1, 2) {
		return core.Money{}, false
	}
	fen, err := strconv.ParseInt(whole+(part + "00")[:2], 10, 64)
	return core.Fen(fen), err == nil
}

// duplicates finds a number that stands twice, and rows that are the same and have none.
func (r *payoutRows) duplicates(line int, in core.CreatePayoutInput, numbers, same map[string]int) {
	if no := in.MerchantPayoutNo; no != "" {
		if first, twice := numbers[no]; twice {
			r.fault(line, no, payoutFault{"merchant_payout_no", faultDuplicate, fmt.Sprintf("The number stands in line %d already.", first), fmt.Sprintf("与第 %d 行的单号重复。", first)})
			return
		}
		numbers[no] = line
		return
	}
	payee := plainPayee(in.Payee)
	key := strings.Join([]string{payee.Name, payee.Number, in.Amount.String(), in.Source, in.Channel, in.Purpose}, "\x00")
	if first, twice := same[key]; twice {
		r.fault(line, "", payoutFault{"", faultDuplicate, fmt.Sprintf("The row is the same as line %d; give both a number of their own if both are meant.", first), fmt.Sprintf("与第 %d 行完全相同；如确需重复付款，请填写不同的单号。", first)})
		return
	}
	same[key] = line
}

// used marks the rows whose numbers are on a payout already.
func (r *payoutRows) used(numbers []string) {
	for i, in := range r.inputs {
		if in.MerchantPayoutNo != "" && slices.Contains(numbers, in.MerchantPayoutNo) {
			r.fault(r.lines[i], in.MerchantPayoutNo, payoutFault{"merchant_payout_no", faultUsed, "The number was used for another payout.", "该单号已用于其他付款。"})
		}
	}
	slices.SortStableFunc(r.errors, func(a, b core.PayoutRowError) int { return a.Row - b.Row })
}

// asks sums the rows by source and channel, for a look at the balances.
func (r *payoutRows) asks() []payoutAsk {
	var out []payoutAsk
	for _, in := range r.inputs {
		i := slices.IndexFunc(out, func(a payoutAsk) bool { return a.source == in.Source && a.channel == in.Channel })
		if i < 0 {
			i, out = len(out), append(out, payoutAsk{source: in.Source, channel: in.Channel, smallest: in.Amount.Minor})
		}
		out[i].amount += in.Amount.Minor
		out[i].amounts = append(out[i].amounts, in.Amount.Minor)
		out[i].largest, out[i].smallest = max(out[i].largest, in.Amount.Minor), min(out[i].smallest, in.Amount.Minor)
	}
	return out
}
