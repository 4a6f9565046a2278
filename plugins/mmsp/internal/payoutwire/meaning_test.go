package payoutwire

import (
	"fmt"
	"slices"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/mmsp/internal/wire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// codes are the document's 47 codes and what each means for a payout and for a query.
var codes = map[string][2]sdk.Outcome{
	"0001": {sdk.OutcomeUnknown, sdk.OutcomeUnknown},
	"1008": {sdk.OutcomeUnknown, sdk.OutcomeRefused}, // the number is used: the payout exists
	"1009": {sdk.OutcomeUnknown, sdk.OutcomeRefused},
	"1027": {sdk.OutcomeUnknown, sdk.OutcomeRefused}, // of a query only
	"1028": {sdk.OutcomeUnknown, sdk.OutcomeNotFound},
	"1029": {sdk.OutcomeUnknown, sdk.OutcomeUnknown},
	"1037": {sdk.OutcomeUnknown, sdk.OutcomeRefused},
	"1038": {sdk.OutcomeUnknown, sdk.OutcomeRefused},
	"1040": {sdk.OutcomeUnknown, sdk.OutcomeRefused},
	"1046": {sdk.OutcomeUnknown, sdk.OutcomeRefused},
	"1047": {sdk.OutcomeUnknown, sdk.OutcomeRefused},
	// Not in the list, which changes: 1016 and 1041 to 1044 are not printed.
	"1016": {sdk.OutcomeUnknown, sdk.OutcomeUnknown}, "1041": {sdk.OutcomeUnknown, sdk.OutcomeUnknown}, "1042": {sdk.OutcomeUnknown, sdk.OutcomeUnknown},
	"1043": {sdk.OutcomeUnknown, sdk.OutcomeUnknown}, "1044": {sdk.OutcomeUnknown, sdk.OutcomeUnknown}, "1050": {sdk.OutcomeUnknown, sdk.OutcomeUnknown},
	"0": {sdk.OutcomeUnknown, sdk.OutcomeUnknown}, "00": {sdk.OutcomeUnknown, sdk.OutcomeUnknown}, "10000": {sdk.OutcomeUnknown, sdk.OutcomeUnknown},
}

func TestEveryCode(t *testing.T) {
	t.Parallel()
	for n := range 10000 {
		code := fmt.Sprintf("%04d", n)
		listed := n == 2 || n >= 1001 && n <= 1049
		want, special := codes[code]
		switch {
		case code == "0000":
			continue
		case special:
		case listed:
			want = [2]sdk.Outcome{sdk.OutcomeRefused, sdk.OutcomeRefused}
		default:
			want = [2]sdk.Outcome{sdk.OutcomeUnknown, sdk.OutcomeUnknown}
		}
		// A message that comes along changes nothing.
		r := Reply{Code: code, Fields: wire.Body{"PAYSTATE": `"1"`}}
		if got := [2]sdk.Outcome{r.Created(), r.Queried()}; got != want {
			t.Errorf("%s: %s, want %s", code, got, want)
		}
		if want := n == 1006; r.SignatureRefused() != want {
			t.Errorf("%s: signature refused %v", code, !want)
		}
	}
	if n := len(refusals) + len(doubts) + len([]string{"0000", "0001", "1027", "1028", "1029"}); n != 47 {
		t.Errorf("%d codes, the document lists 47", n)
	}
	if slices.ContainsFunc(doubts, func(code string) bool { return slices.Contains(refusals, code) }) {
		t.Error("a code is a doubt and a refusal")
	}
}

func TestEveryPayState(t *testing.T) {
	t.Parallel()
	cases := []struct {
		state              string
		want               sdk.Outcome
		inReview, returned bool
	}{
		{`"1"`, sdk.OutcomeSucceeded, false, false},
		{`1`, sdk.OutcomeSucceeded, false, false},
		{`"2"`, sdk.OutcomeInProgress, false, false},
		{`2`, sdk.OutcomeInProgress, false, false},
		{`"3"`, sdk.OutcomeFailed, false, false},
		{`"4"`, sdk.OutcomeFailed, false, true},
		{`"5"`, sdk.OutcomeInProgress, true, false},
		{`5`, sdk.OutcomeInProgress, true, false},
		{`"0"`, sdk.OutcomeUnknown, false, false},
		{`"6"`, sdk.OutcomeUnknown, false, false},
		{`"01"`, sdk.OutcomeUnknown, false, false},
		{`" 1"`, sdk.OutcomeUnknown, false, false},
		{`1.0`, sdk.OutcomeUnknown, false, false},
		{`""`, sdk.OutcomeUnknown, false, false},
		{`null`, sdk.OutcomeUnknown, false, false},
		{`true`, sdk.OutcomeUnknown, false, false},
	}
	for _, c := range cases {
		r := Reply{Code: "0000", Fields: wire.Body{"PAYSTATE": c.state, "ORDERNO": `"1"`, "AMT": `100`}}
		for _, outcome := range []sdk.Outcome{r.Created(), r.Queried()} {
			got := r.Result(outcome, Payout{OrderNo: "1", Amount: sdk.Fen(100)})
			if got.Outcome != c.want || got.InReview != c.inReview || got.Returned != c.returned {
				t.Errorf("PAYSTATE %s: %+v", c.state, got)
			}
		}
	}
	if got := (Reply{Code: "0000"}).Created(); got != sdk.OutcomeUnknown {
		t.Errorf("0000 without a message: %s", got)
	}
}

// TestResultConcernsThePayout: of another payout, merchant, amount or currency, it is no answer.
func TestResultConcernsThePayout(t *testing.T) {
	t.Parallel()
	asked := Payout{Merchant: testMerchant, OrderNo: testOrder, Amount: sdk.Fen(100), AmountNamed: true}
	good := func() wire.Body {
		return wire.Body{
			"PAYSTATE": `"1"`, "ORDERNO": `"` + testOrder + `"`, "MERNO": `"` + testMerchant + `"`,
			"AMT": `100`, "CURTYPE": `1`, "BSORDERNO": `"2017122500004124"`, "DESC": `"已付"`,
		}
	}
	for _, state := range []string{`"1"`, `"2"`, `"3"`, `"4"`, `"5"`} {
		for name, values := range map[string][]string{
			"ORDERNO": {`null`, `""`, `"26010100010000000002"`, `[]`}, "MERNO": {`"001440353999854"`, `{}`},
			"AMT": {`101`, `"100.0"`, `"1e2"`, `-100`, `"0100000000000000000000"`, `{}`}, "CURTYPE": {`2`, `"CNY"`, `[]`},
		} {
			for _, value := range values {
				fields := good()
				fields["PAYSTATE"], fields[name] = state, value
				r := Reply{Code: "0000", Fields: fields}
				if got := r.Result(r.Queried(), asked); got.Outcome != sdk.OutcomeUnknown || got.InReview || got.Returned {
					t.Errorf("PAYSTATE %s, %s %s: %+v", state, name, value, got)
				}
			}
		}
	}
	r := Reply{Code: "0000", Message: "交易成功", Fields: good()}
	want := sdk.PayoutResult{
		Outcome: sdk.OutcomeSucceeded, OrderNo: testOrder, Amount: sdk.Fen(100), ProviderOrderNo: "2017122500004124",
		Provider: sdk.ProviderText{Code: "0000", Message: "已付"},
	}
	if got := r.Result(r.Queried(), asked); got != want {
		t.Errorf("%+v", got)
	}
	delete(r.Fields, "AMT")
	if got := r.Result(r.Queried(), asked); got.Outcome != sdk.OutcomeUnknown {
		t.Errorf("a success without an amount: %s", got.Outcome)
	}
	asked.AmountNamed = false
	if got := r.Result(r.Created(), asked); got.Outcome != sdk.OutcomeSucceeded {
		t.Errorf("a payout's reply without an amount: %s", got.Outcome)
	}
}

func TestListed(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]sdk.Outcome{
		"0000": sdk.OutcomeUnknown, "0001": sdk.OutcomeUnknown, "1002": sdk.OutcomeRefused, "1008": sdk.OutcomeRefused, "1009": sdk.OutcomeRefused, "9999": sdk.OutcomeRefused,
	} {
		if got := (Reply{Code: code}).Listed(); got != want {
			t.Errorf("%s without a message: %s, want %s", code, got, want)
		}
	}
}
