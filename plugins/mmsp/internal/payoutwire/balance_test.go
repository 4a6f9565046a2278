package payoutwire

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/mmsp/internal/wire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

const (
	rowD0 = `{"ACCSTATUS":1,"BALANCE":1000,"BALANCEPAY":20000,"ADVANCEPAY":"300","FREEZEBAL":40,"ISCHARGE":"2","MERTYPE":"2","CHLNO":"C1","CHLMERNO":"M1",
		"LIMIT_DOWN":"100","LIMIT_TOP":"5000000","BEGIN_AT":"09:00","END_AT":"173000","HOLIDAYTYPE":3,"SETTLE_AT":16,"SETTLE_TYPE":"2"}`
	rowT1 = `{"ACCSTATUS":"0","BALANCE":"7","BALANCEPAY":"5","ADVANCEPAY":0,"FREEZEBAL":"0","ISCHARGE":"1","MERTYPE":1,"CHLNO":"C2","CHLMERNO":"M2",
		"BEGIN_AT":"早上","END_AT":"25","HOLIDAYTYPE":"9","SETTLE_AT":"24","SETTLE_TYPE":"3"}`
)

func balances(t *testing.T, rules BalanceRules, fields string) (sdk.BalanceResult, error) {
	t.Helper()
	o, err := wire.ReadObject([]byte(fields))
	if err != nil {
		t.Fatal(err)
	}
	return Reply{Code: "0000", Message: "交易成功", Fields: o}.Balances(rules)
}

func TestBalanceRow(t *testing.T) {
	t.Parallel()
	got, err := balances(t, BalanceRules{ClassField: "MERTYPE"}, `{"RSPTIME":"20260101120000","ACCINFO":[`+rowD0+`,`+rowT1+`]}`)
	if err != nil {
		t.Fatal(err)
	}
	want := []sdk.Balance{
		{
			Channel: "C1", ChannelMerchant: "M1", Pending: sdk.Fen(1000), Available: sdk.Fen(20000), Advance: sdk.Fen(300), Frozen: sdk.Fen(40),
			Minimum: sdk.Fen(100), Maximum: sdk.Fen(5_000_000), Opens: "09:00:00", Closes: "17:30:00", Holidays: "both", Clears: "D1", ClearsAt: 16,
		},
		{
			Channel: "C2", ChannelMerchant: "M2", Suspended: true, Pending: sdk.Fen(7), Available: sdk.Fen(5), Advance: sdk.Fen(0), Frozen: sdk.Fen(0), ClearsAt: -1,
		},
	}
	for i := range want {
		figures := got.Balances[i].Figures
		if figures["CHLNO"] != want[i].Channel || figures["BEGIN_AT"] == "" || figures["HOLIDAYTYPE"] == "" {
			t.Errorf("row %d: figures %v", i, figures)
		}
		got.Balances[i].Figures = nil
		if !reflect.DeepEqual(got.Balances[i], want[i]) {
			t.Errorf("row %d: %+v\nwant %+v", i, got.Balances[i], want[i])
		}
	}
	if got.Outcome != sdk.OutcomeSucceeded || !got.AsOf.Equal(time.Date(2026, 1, 1, 12, 0, 0, 0, sdk.Beijing())) {
		t.Errorf("%s at %s", got.Outcome, got.AsOf)
	}
	// Notes 11 and 12: the advance counts for the D0 row only.
	if got.Payable != sdk.Fen(20000+300+5) || got.Total != sdk.Fen(1000+20000+300+7+5) {
		t.Errorf("payable %v, total %v", got.Payable, got.Total)
	}
}

func TestBalanceSums(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, row      string
		field          string
		payable, total sdk.Money
	}{
		{"T1", `"BALANCE":7,"BALANCEPAY":5,"ADVANCEPAY":0,"MERTYPE":"1"`, "MERTYPE", sdk.Fen(5), sdk.Fen(12)},
		{"T1 has no advance", `"BALANCE":7,"BALANCEPAY":5,"ADVANCEPAY":90,"MERTYPE":"1"`, "MERTYPE", sdk.Fen(5), sdk.Fen(12)},
		{"D0", `"BALANCE":7,"BALANCEPAY":5,"ADVANCEPAY":90,"MERTYPE":"2"`, "MERTYPE", sdk.Fen(95), sdk.Fen(102)},
		{"by the notes", `"BALANCE":7,"BALANCEPAY":5,"ADVANCEPAY":90,"MERTYPE":"1","ISCHARGE":"2"`, "ISCHARGE", sdk.Fen(95), sdk.Fen(102)},
		{"overdrawn", `"BALANCE":0,"BALANCEPAY":-5,"MERTYPE":"1"`, "MERTYPE", sdk.Fen(-5), sdk.Fen(-5)},
		{"no class", `"BALANCE":7,"BALANCEPAY":5,"ADVANCEPAY":90`, "MERTYPE", sdk.Money{}, sdk.Money{}},
		{"another class", `"BALANCE":7,"BALANCEPAY":5,"ADVANCEPAY":90,"MERTYPE":"3"`, "MERTYPE", sdk.Money{}, sdk.Money{}},
		{"no amount", `"BALANCE":7,"ADVANCEPAY":90,"MERTYPE":"2"`, "MERTYPE", sdk.Money{}, sdk.Money{}},
		{"no pending", `"BALANCEPAY":7,"MERTYPE":"1"`, "MERTYPE", sdk.Money{}, sdk.Money{}},
		{"no advance", `"BALANCE":7,"BALANCEPAY":5,"MERTYPE":"2"`, "MERTYPE", sdk.Money{}, sdk.Money{}},
		{"no number", `"BALANCE":"7.5","BALANCEPAY":5,"MERTYPE":"1"`, "MERTYPE", sdk.Money{}, sdk.Money{}},
	}
	for _, c := range cases {
		got, err := balances(t, BalanceRules{ClassField: c.field}, `{"ACCINFO":[{`+c.row+`}]}`)
		if err != nil || got.Payable != c.payable || got.Total != c.total {
			t.Errorf("%s: payable %v, total %v, %v", c.name, got.Payable, got.Total, err)
		}
	}
	none, err := balances(t, BalanceRules{ClassField: "MERTYPE"}, `{"ACCINFO":[]}`)
	if err != nil || none.Outcome != sdk.OutcomeSucceeded || none.Payable.Currency != "" || len(none.Balances) != 0 {
		t.Errorf("no rows: %+v, %v", none, err)
	}
}

// TestRowsInEveryForm: an array, a string that holds one, and a single row (trap P9).
func TestRowsInEveryForm(t *testing.T) {
	t.Parallel()
	quoted, err := json.Marshal(" [" + rowD0 + "," + rowT1 + "] ")
	if err != nil {
		t.Fatal(err)
	}
	one, err := json.Marshal(rowD0)
	if err != nil {
		t.Fatal(err)
	}
	for form, want := range map[string]int{`[` + rowD0 + `,` + rowT1 + `]`: 2, string(quoted): 2, rowD0: 1, string(one): 1} {
		got, err := balances(t, BalanceRules{ClassField: "MERTYPE"}, `{"ACCINFO":`+form+`}`)
		if err != nil || len(got.Balances) != want || got.Balances[0].Available != sdk.Fen(20000) {
			t.Errorf("%s: %+v, %v", form, got, err)
		}
	}
	for _, form := range []string{`null`, `""`, `"x"`, `1`, `true`, `[1]`, `["a"]`, `[null]`, `"{\"A\":1,\"A\":2}"`, `"[{\"A\":1,\"A\":2}]"`, `"[{}] [{}]"`, `"[{}"`, `"null"`, `[` + strings.Repeat(`{},`, maxRows) + `{}]`} {
		if got, err := balances(t, BalanceRules{ClassField: "MERTYPE"}, `{"ACCINFO":`+form+`}`); err == nil {
			t.Errorf("%.40s: %+v, %v", form, got, err)
		}
	}
	if got, err := balances(t, BalanceRules{ClassField: "MERTYPE"}, `{}`); err == nil {
		t.Errorf("no ACCINFO: %+v, %v", got, err)
	}
}

func TestLimitsInYuan(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]sdk.Money{
		"1": sdk.Fen(100), "50000": sdk.Fen(5_000_000), "0.5": sdk.Fen(50), "50000.00": sdk.Fen(5_000_000), "1.23": sdk.Fen(123),
		"": {}, ".5": {}, "1.234": {}, "1,5": {}, "x": {}, "1.-5": {},
	} {
		if got := money(text, true); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"9": "09:00:00", "09": "09:00:00", "9:30": "09:30:00", "09:30": "09:30:00", "0930": "09:30:00", "093015": "09:30:15", "09:30:15": "09:30:15",
		"": "", "24": "", "2400": "", "9点": "", "09-30": "",
	} {
		if got := clock(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
