package service

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

func payoutTestSpec() core.PayoutSpec {
	return core.PayoutSpec{
		Sources:    []core.Channel{{ID: "balance", Name: core.Text{ZH: "余额支付", EN: "Balance"}}, {ID: "advance", Name: core.Text{ZH: "垫资支付", EN: "Advance"}}},
		PayeeTypes: []core.Channel{{ID: "personal", Name: core.Text{ZH: "借记卡"}}, {ID: "business", Name: core.Text{ZH: "对公账号"}}},
		Needs:      []string{core.NeedPayeeName, core.NeedPayeeNumber, core.NeedPhone}, Maximum: core.Fen(1_000_000),
		Extra: []core.InputField{{Name: "kind", Label: core.Text{ZH: "业务类型", EN: "Kind"}, Options: []core.Channel{{ID: "001", Name: core.Text{ZH: "工资", EN: "Salary"}}}}},
	}
}

// TestRowsOfAFile: each row that cannot be used is named by line, column and word, all of them
// at once; the sentences repeat no payee.
func TestRowsOfAFile(t *testing.T) {
	t.Parallel()
	const name, card, phone = "欧阳测试", "6217715555555555", "13900139000"
	header := []string{"商户付款单号", "金额（元）", "Payee name", "payee.number", "手机号", "收款账户类型", "联行号", "出款方式", "业务类型"}
	good := func(no, amount string) []string { return []string{no, amount, name, card, phone} }
	long := strings.Repeat("张", 21)
	for _, tt := range []struct {
		what string
		rows [][]string
		want string
	}{
		{"a good file", [][]string{good("A1", "1,234.5"), good("A2", "0.01"), {"", "12", name, card, phone, "对公账号", "104581006015", "垫资支付", "工资"}}, ""},
		{"a name of 21 characters", [][]string{good("A1", "1"), {"A2", "1", long, card, phone}}, "3 payee.name too_long"},
		{"a name of 20", [][]string{{"A2", "1", long[3:], card, phone}}, ""},
		{"a formula for a name", [][]string{{"A2", "1", `=HYPERLINK("http://x")`, card, phone}}, "2 payee.name invalid_characters"},
		{"a wrong check digit", [][]string{{"A2", "1", name, "6217715555555554", phone}}, "2 payee.number invalid_number"},
		{"letters in a card", [][]string{{"A2", "1", name, "62177155555555AB", phone}}, "2 payee.number invalid_number"},
		{"three decimals", [][]string{good("A1", "1.005")}, "2 amount invalid_amount"},
		{"an exponent", [][]string{good("A1", "1e3")}, "2 amount invalid_amount"},
		{"a sign", [][]string{good("A1", "-5")}, "2 amount invalid_amount"},
		{"wrong groups", [][]string{good("A1", "12,34")}, "2 amount invalid_amount"},
		{"nothing", [][]string{good("A1", "0")}, "2 amount invalid_amount"},
		{"too much", [][]string{good("A1", "10000.01")}, "2 amount amount_too_large"},
		{"no phone", [][]string{{"A1", "1", name, card}}, "2 payee.phone missing"},
		{"an unknown source", [][]string{{"A1", "1", name, card, phone, "", "", "both"}}, "2 source no_such_choice"},
		{"a company without its branch", [][]string{{"A1", "1", name, card, phone, "business"}}, "2 payee.branch_code missing"},
		{"an unknown kind", [][]string{{"A1", "1", name, card, phone, "", "", "", "002"}}, "2 extra.kind no_such_choice"},
		{"a cell without a heading", [][]string{{"A1", "1", name, card, phone, "", "", "", "", "x"}}, "2  no_such_choice"},
		{"a number twice", [][]string{good("A1", "1"), good("A1", "2")}, "3 merchant_payout_no duplicate"},
		{"the same row twice", [][]string{good("", "1"), good("", "2"), good("", "1")}, "4  duplicate"},
		{"the same payee under two numbers", [][]string{good("A1", "1"), good("A2", "1")}, ""},
		{"several things at once", [][]string{{"A1", "x", "", "1", phone}}, "2 amount invalid_amount|2 payee.name missing|2 payee.number invalid_number"},
	} {
		table := core.PayoutTable{Header: header, Rows: tt.rows}
		for i := range tt.rows {
			table.Lines = append(table.Lines, i+2)
		}
		got := readPayoutRows(table, payoutTestSpec())
		var words []string
		for _, e := range got.errors {
			words = append(words, fmt.Sprintf("%d %s %s", e.Row, e.Column, e.Code))
			text, _ := json.Marshal(e)
			for _, secret := range []string{name, card, phone, long, "HYPERLINK"} {
				if strings.Contains(string(text), secret) {
					t.Errorf("%s: the error repeats %s: %s", tt.what, secret, text)
				}
			}
			if e.Message.ZH == "" || e.Message.EN == "" {
				t.Errorf("%s: no sentence: %+v", tt.what, e)
			}
		}
		if strings.Join(words, "|") != tt.want || got.count != len(got.errors) {
			t.Errorf("%s: %q, want %q", tt.what, words, tt.want)
		}
	}
}

func TestAFileIsReadAsItIsWritten(t *testing.T) {
	t.Parallel()
	table := core.PayoutTable{
		Header: []string{"商户付款单号", "金额（元）", "收款人姓名", "收款账号", "手机号", "收款账户类型", "联行号", "出款方式", "业务类型"},
		Rows:   [][]string{{"A1", "1,234.5", "甲公司", "000123", "13900139000", "对公账号", "104581006015", "垫资支付", "工资"}, {"A2", "3", "张三", "6217715555555555", "13900139000"}},
		Lines:  []int{2, 3},
	}
	rows := readPayoutRows(table, payoutTestSpec())
	if rows.count != 0 {
		t.Fatalf("%+v", rows.errors)
	}
	first, second := rows.inputs[0], rows.inputs[1]
	if first.Amount != core.Fen(123_450) || first.Source != "advance" || first.Payee.Type != core.PayeeBusiness || string(first.Payee.Number.Reveal()) != "000123" ||
		first.Payee.Extra["kind"] != "001" || first.Payee.BranchCode != "104581006015" || first.MerchantPayoutNo != "A1" {
		t.Errorf("%+v", first)
	}
	if second.Amount != core.Fen(300) || second.Source != "balance" || second.Payee.Type != core.PayeePersonal {
		t.Errorf("%+v", second)
	}
	asks := rows.asks()
	if len(asks) != 2 || asks[0].amount != 123_450 || asks[1].largest != 300 {
		t.Errorf("%+v", asks)
	}
	rows.used([]string{"A2"})
	if len(rows.errors) != 1 || rows.errors[0].Row != 3 || rows.errors[0].Code != faultUsed {
		t.Errorf("%+v", rows.errors)
	}
	for what, header := range map[string][]string{
		"an unknown heading": {"金额（元）", "收款人姓名", "收款账号", "密码"}, "a heading twice": {"金额（元）", "收款人姓名", "收款账号", "amount"}, "a heading missing": {"金额（元）", "收款人姓名"},
	} {
		bad := table
		bad.Header = header
		if got := readPayoutRows(bad, payoutTestSpec()); got.count == 0 || got.errors[0].Row != 1 || len(got.inputs) != 0 {
			t.Errorf("%s: %+v", what, got.errors)
		}
	}
}

func TestWhatIsShownOfAPayee(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"张三": "张*", "欧阳测试": "欧*", "张": "*", "Li Lei": "L*"} {
		if got := maskName(name); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
	for number, want := range map[string]string{"6217715555555555": "621771****5555", "0001234567": "****67", "12345": "****", "": "****"} {
		if got := maskAccount(number); got != want {
			t.Errorf("%s: %s", number, got)
		}
	}
	// The idempotency key tells payees apart, which print alike.
	s := &Service{Options: Options{HashKey: core.SecretString("k"), Clock: time.Now}}
	in := core.CreatePayoutInput{IdempotencyKey: "k", Amount: core.Fen(1), Payee: core.Payee{Name: core.SecretString("张三")}}
	one := s.payoutKey(core.Identity{}, in)
	in.Payee.Name = core.SecretString("李四")
	if two := s.payoutKey(core.Identity{}, in); bytes.Equal(one.BodyHash, two.BodyHash) {
		t.Error("another payee has the same hash")
	}
}
