package billfile

import (
	"slices"
	"strconv"
	"strings"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/internal/sheet"
)

// places says in which column each field stands; -1: in none.
type places map[string]int

// headings finds the mapped columns, and says of all that are wrong.
func (r *reading) headings() (fine bool, err error) {
	r.places, fine = places{}, true
	for _, f := range core.BillFields() {
		title := r.mapping.Columns[f.Name]
		r.places[f.Name] = -1
		if title == "" {
			continue
		}
		title = sheet.Clean(title)
		at := slices.Index(r.facts.Header, title)
		switch {
		case at < 0:
			fine = false
			found := shorten(strings.Join(r.facts.Header, " | "), 200)
			if err := r.fault(r.last, title, CodeNoColumn, "The column is missing. The heading has: %s", "缺少此列。标题行为：%s", found); err != nil {
				return false, err
			}
		case slices.Contains(r.facts.Header[at+1:], title):
			fine = false
			if err := r.fault(r.last, title, CodeTwice, "The column stands twice.", "此列出现了两次。"); err != nil {
				return false, err
			}
		default:
			r.places[f.Name] = at
		}
	}
	return fine, nil
}

// row reads one row. Every cell is looked at, so that a file is mended once.
func (r *reading) row(record []string) error {
	if r.facts.Rows == core.MaxBillRows {
		if err := r.fault(r.last, "", CodeTooMany, "The file has more than %d rows: ask for it in parts.", "文件超过 %d 行，请分批下载。", core.MaxBillRows); err != nil {
			return err
		}
		return errEnough
	}
	r.facts.Rows++
	width := len(r.facts.Header)
	if len(record) < width {
		return r.fault(r.last, "", CodeShortRow, "The row has %d of %d columns: the file was cut off here, or a line break stands in a cell.",
			"此行只有 %d 列，应有 %d 列：文件在此处被截断，或单元格中含有换行。", len(record), width)
	}
	for i, cell := range record[width:] {
		if sheet.Clean(cell) != "" {
			return r.fault(r.last, "", CodeLongRow, "Column %d has a cell and no heading: a delimiter stands in a cell before it, for instance in an amount.",
				"第 %d 列有内容但没有标题：前面的单元格（例如金额）中可能含有分隔符。", width+i+1)
		}
	}
	b := rowReading{reading: r, record: record, line: core.StoredLine{N: r.last, Outcome: core.OutcomeSucceeded}}
	skip, err := b.read()
	switch {
	case err != nil || b.faults > 0:
		return err
	case skip:
		r.facts.Skipped++
		return nil
	}
	r.count(b.line)
	return r.each(b.line)
}

func (r *reading) count(l core.StoredLine) {
	r.facts.Sums[core.TotalAll] += l.Amount.Minor
	if l.Kind == core.MovementPayment {
		r.facts.Sums[core.TotalPayments] += l.Amount.Minor
		r.facts.Sums[core.TotalNet] += l.Amount.Minor
		return
	}
	r.facts.Sums[core.TotalNet] -= l.Amount.Minor
}

// rowReading is one row being read.
type rowReading struct {
	*reading

	record []string
	line   core.StoredLine
	faults int
}

// cell is the text of a field, and whether it has a column.
func (b *rowReading) cell(field string) (string, bool) {
	at := b.places[field]
	if at < 0 {
		return "", false
	}
	return sheet.Clean(b.record[at]), true
}

// wrong reports a cell.
func (b *rowReading) wrong(field, code, en, zh string, args ...any) error {
	b.faults++
	return b.fault(b.last, b.facts.Header[b.places[field]], code, en, zh, args...)
}

func (b *rowReading) read() (skip bool, err error) {
	if skip, err = b.status(); skip || err != nil {
		return skip, err
	}
	for _, part := range []func() error{b.kindAndAmount, b.fee, b.time, b.numbers, b.merchant} {
		if err := part(); err != nil {
			return false, err
		}
	}
	if method, ok := b.cell(core.BillMethod); ok {
		b.line.Method = shorten(method, 64)
	}
	return false, nil
}

func (b *rowReading) status() (skip bool, err error) {
	status, ok := b.cell(core.BillStatus)
	if !ok {
		return false, nil
	}
	b.line.Status = shorten(status, 64)
	outcome, known := b.mapping.Statuses[status]
	switch {
	case !known:
		return false, b.wrong(core.BillStatus, CodeStatus, "The status “%s” is not in the mapping.", "映射中没有状态“%s”。", shorten(status, 40))
	case outcome == core.SkipStatus:
		return true, nil
	}
	b.line.Outcome = core.Outcome(outcome)
	return false, nil
}

func (b *rowReading) kindAndAmount() error {
	cell, mapped := b.cell(core.BillKind)
	if mapped {
		kind, known := b.mapping.Kinds[cell]
		if !known {
			return b.wrong(core.BillKind, CodeKind, "The kind “%s” is not in the mapping.", "映射中没有交易类型“%s”。", shorten(cell, 40))
		}
		b.line.Kind = core.MovementKind(kind)
	}
	field := core.BillAmount
	if b.line.Kind == core.MovementRefund && b.places[core.BillRefundAmount] >= 0 {
		field = core.BillRefundAmount
	}
	text, _ := b.cell(field)
	fen, ok := amount(text, b.mapping.Unit)
	if !ok {
		return b.wrong(field, CodeAmount, "“%s” is no amount in %s.", "“%s”不是以%s为单位的金额。", shorten(text, 40), unitOf(b.mapping.Unit))
	}
	switch {
	case !mapped && fen < 0:
		b.line.Kind = core.MovementRefund
	case !mapped:
		b.line.Kind = core.MovementPayment
	case fen < 0 && b.line.Kind == core.MovementPayment:
		return b.wrong(field, CodeAmount, "The amount %s of a payment is below zero.", "支付金额 %s 小于零。", shorten(text, 40))
	}
	b.line.Amount = core.Fen(max(fen, -fen))
	return nil
}

// unitOf is a unit in both languages, for a sentence.
func unitOf(unit string) words {
	if unit == unitFen {
		return words{"whole fen", "分"}
	}
	return words{"yuan with at most two decimals", "元（最多两位小数）"}
}

func (b *rowReading) fee() error {
	text, _ := b.cell(core.BillFee)
	if text == "" {
		return nil
	}
	fen, ok := amount(text, b.mapping.Unit)
	if !ok {
		return b.wrong(core.BillFee, CodeAmount, "“%s” is no fee in %s.", "“%s”不是以%s为单位的手续费。", shorten(text, 40), unitOf(b.mapping.Unit))
	}
	b.line.Fee = core.Fen(fen)
	return nil
}

func (b *rowReading) time() error {
	text, _ := b.cell(core.BillTime)
	at, ok := moment(text, b.mapping.TimeFormat)
	if !ok {
		return b.wrong(core.BillTime, CodeTime, "“%s” is no time of the form %s.", "“%s”不符合时间格式 %s。", shorten(text, 40), b.mapping.TimeFormat)
	}
	b.line.At = at
	return nil
}

// numbers takes our number by the row's kind, and the provider's.
func (b *rowReading) numbers() error {
	if b.line.Kind == "" {
		return nil // its kind is at fault, and was reported
	}
	field := core.BillNumberField(b.line.Kind)
	provider := core.BillProviderOrderNo
	if b.line.Kind == core.MovementRefund && b.places[core.BillProviderRefundNo] >= 0 {
		provider = core.BillProviderRefundNo
	}
	for _, f := range []string{field, provider} {
		text, _ := b.cell(f)
		if !number(text) {
			return b.wrong(f, CodeNumber, "“%s” is no order number: a spreadsheet may have rounded it. Take the file as the provider gives it.",
				"“%s”不是订单号：可能被表格软件改写，请使用渠道下载的原始文件。", shorten(text, 40))
		}
		if f == provider {
			b.line.ProviderNumber = text
		} else {
			b.line.Number = text
		}
	}
	if b.line.Number == "" && b.line.ProviderNumber == "" {
		b.faults++
		return b.fault(b.last, b.titles(field, provider), CodeMissing, "The row has no order number.", "此行没有订单号。")
	}
	return nil
}

// titles are the headings of the fields that have a column.
func (b *rowReading) titles(fields ...string) string {
	var out []string
	for _, f := range fields {
		if at := b.places[f]; at >= 0 {
			out = append(out, b.facts.Header[at])
		}
	}
	return strings.Join(out, " / ")
}

func (b *rowReading) merchant() error {
	text, ok := b.cell(core.BillMerchantNo)
	if !ok || b.mapping.MerchantNo == "" || text == b.mapping.MerchantNo {
		return nil
	}
	return b.wrong(core.BillMerchantNo, CodeAccount, "The merchant number is “%s” and should be “%s”: the file is another account's.",
		"商户号为“%s”，应为“%s”：这是其他账户的账单。", shorten(text, 40), b.mapping.MerchantNo)
}

// trailer holds what the file states against what was read.
func (r *reading) trailer(record []string) error {
	line := r.last
	if r.mapping.TrailerBelow {
		var err error
		if record, err = r.next(); err != nil {
			return err
		}
		if record == nil {
			return r.fault(line, "", CodeNoTrailer, "The line with the totals is missing below this one: the file was cut off.", "合计标题行下方缺少合计数据：文件被截断。")
		}
		line = r.last
	}
	return r.totals(line, record)
}

func (r *reading) totals(line int64, record []string) error {
	count, stated, err := r.stated(line, record, r.mapping.TrailerCount, func(text string) (int64, bool) {
		n, err := strconv.ParseInt(strings.ReplaceAll(text, ",", ""), 10, 64)
		return n, err == nil
	})
	if err != nil {
		return err
	}
	if stated && count != r.facts.Rows && count != r.facts.Rows-r.facts.Skipped {
		return r.fault(line, r.columnName(r.mapping.TrailerCount), CodeTotals, "The file states %d rows and has %d.", "文件合计为 %d 笔，实际有 %d 笔。", count, r.facts.Rows)
	}
	sum, also, err := r.stated(line, record, r.mapping.TrailerAmount, func(text string) (int64, bool) { return amount(text, r.mapping.Unit) })
	if err != nil {
		return err
	}
	if has := r.facts.Sums[r.mapping.TotalOf]; also && sum != has {
		return r.fault(line, r.columnName(r.mapping.TrailerAmount), CodeTotals, "The file states a total of ¥%s and its rows make ¥%s.",
			"文件合计金额为 ¥%s，各行相加为 ¥%s。", yuanText(sum), yuanText(has))
	}
	r.facts.Totals = stated || also
	return nil
}

// stated reads a total: 3, 3笔, 总笔数：3.
func (r *reading) stated(line int64, record []string, column int, parse func(string) (int64, bool)) (n int64, stated bool, err error) {
	if column == 0 {
		return 0, false, nil
	}
	text := ""
	if column <= len(record) {
		text = sheet.Clean(record[column-1])
	}
	bare := text
	if i := strings.LastIndexAny(bare, ":："); i >= 0 {
		bare = strings.TrimLeft(bare[i:], ":：")
	}
	bare = strings.TrimRight(sheet.Clean(bare), "笔条元")
	n, ok := parse(bare)
	if !ok {
		return 0, false, r.fault(line, r.columnName(column), CodeTotals, "“%s” in the line of totals is no number.", "合计行中的“%s”不是数字。", shorten(text, 40))
	}
	return n, true, nil
}

// columnName names a column of the line of totals, which has no heading of its own.
func (r *reading) columnName(n int) string { return "#" + strconv.Itoa(n) }
