package mmsp_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"
)

func TestPayout(t *testing.T) {
	t.Parallel()
	w := payoutWorld(t)
	w.purse("900", 0, "100000 0 30")
	a := w.wantPayout(payoutBody("1"), "0000 2")
	if a.text("ORDERNO") != "1" || len(a.text("BSORDERNO")) != 16 || a.text("MERNO") != merNo || a.text("DESC") != "付款中" ||
		a.text("RSPTIME") != "20261123100000" || a.text("ACCNAME") != "张三" {
		t.Errorf("the reply says %v", a.plain)
	}
	w.paidOut("1", 1, -1000)          // moved before the reply, whatever PAYSTATE says
	w.purse("901", 0, "98800 0 1230") // amount and fee are frozen
	w.wantPayout(payoutQueryBody("1"), "0000 1")
	w.purse("902", 0, "98800 0 30")
	w.wantPayout(payoutBody("1"), "1008")
	w.paidOut("1", 1, -1000)
	by := payoutQueryBody("").without("ORDERNO").with("BSORDERNO", a.text("BSORDERNO"))
	if again := w.wantPayout(by, "0000 1"); again.text("ORDERNO") != "1" {
		t.Errorf("the platform's number found %v", again.plain)
	}
	if w.sim.Calls(mmsp.OpPayout) != 2 || w.sim.Calls(mmsp.OpPayoutQuery) != 2 || w.sim.Calls(mmsp.OpPayoutBalance) != 3 {
		t.Errorf("calls: %d %d %d", w.sim.Calls(mmsp.OpPayout), w.sim.Calls(mmsp.OpPayoutQuery), w.sim.Calls(mmsp.OpPayoutBalance))
	}
	if p, found := w.sim.Payout(merNo, "1"); !found || p.Requests != 2 || p.Queries != 2 || p.Amount != 1000 || p.Fee != 200 {
		t.Errorf("the payout is %+v", p)
	}
	w.clean()
}

func TestPayoutRules(t *testing.T) {
	t.Parallel()
	at := func(hour int) func(*world) {
		return func(w *world) { w.clock.Sleep(time.Duration(hour-10) * time.Hour) } // it is 10:00 in China
	}
	account := func(change func(*mmsp.PayoutAccount)) func(*mmsp.Options) {
		return func(o *mmsp.Options) { change(o.Merchants[0].Payout) }
	}
	cases := map[string]struct {
		options func(*mmsp.Options)
		before  func(*world)
		body    fields
		want    string
	}{
		"ten million yuan by default": {nil, nil, payoutBody("1").with("AMT", "1000000001"), "1012"},
		"a smaller limit":             {func(o *mmsp.Options) { o.Payout.MaxAmount = 500 }, nil, payoutBody("1"), "1012"},
		"under the channel's limit":   {nil, nil, payoutBody("1").with("AMT", "99").with("CHLNO", "C1"), "1030"},
		"over the channel's limit":    {nil, nil, payoutBody("1").with("AMT", "50001").with("CHLNO", "C1"), "1030"},
		"the fee does not fit":        {nil, nil, payoutBody("1").with("AMT", "40001").with("CHLNO", "C2"), "1031"},
		"exactly what is there":       {nil, nil, payoutBody("1").with("AMT", "40000").with("CHLNO", "C2"), "0000 2"},
		"pending money":               {account(func(a *mmsp.PayoutAccount) { a.Channels = a.Channels[:1]; a.Channels[0].Available = 1199 }), nil, payoutBody("1"), "1031"},
		"no advance on T1":            {nil, nil, payoutBody("1").with("PAYTYPE", "3").with("CHLNO", "C1"), "1048"},
		"more than the advance":       {nil, nil, payoutBody("1").with("PAYTYPE", "3").with("AMT", "50001"), "1049"},
		"from the advance":            {nil, nil, payoutBody("1").with("PAYTYPE", "3").with("AMT", "50000"), "0000 2"},
		"from the e-bank":             {nil, nil, payoutBody("1").with("PAYTYPE", "2").with("AMT", "50000"), "0000 2"},
		"no such channel":             {nil, nil, payoutBody("1").with("CHLNO", "C9"), "1032"},
		"another channel's merchant":  {nil, nil, payoutBody("1").with("CHLNO", "C1").with("CHLMERNO", "M2"), "1032"},
		"no channel at all":           {account(func(a *mmsp.PayoutAccount) { a.Channels = nil }), nil, payoutBody("1"), "1032"},
		"too early":                   {nil, at(8), payoutBody("1").with("CHLNO", "C2"), "1036"},
		"too late":                    {nil, at(18), payoutBody("1").with("CHLNO", "C2"), "1036"},
		"the other channel is open":   {nil, at(18), payoutBody("1"), "0000 2"},
		"over midnight": {account(func(a *mmsp.PayoutAccount) {
			a.Channels[0].Begin, a.Channels[0].End = "22:00:00", "06:00:00"
		}), at(23), payoutBody("1").with("CHLNO", "C1"), "0000 2"},
		"not over midday": {account(func(a *mmsp.PayoutAccount) {
			a.Channels[0].Begin, a.Channels[0].End = "22:00:00", "06:00:00"
		}), nil, payoutBody("1").with("CHLNO", "C1"), "1036"},
		"suspended": {account(func(a *mmsp.PayoutAccount) { a.Suspended = true }), nil, payoutBody("1"), "1039"},
		"frozen":    {account(func(a *mmsp.PayoutAccount) { a.Channels[0].Frozen = true }), nil, payoutBody("1").with("CHLNO", "C1"), "1047"},
		"elements": {account(func(a *mmsp.PayoutAccount) { a.Channels[0].RequirePlace = true }), nil, payoutBody("1").
			with("CHLNO", "C1").with("BANKPROV", "广东省").with("BANKCITY", "深圳市"), "1023"},
		"all elements": {account(func(a *mmsp.PayoutAccount) { a.Channels[0].RequirePlace = true }), nil, payoutBody("1").
			with("CHLNO", "C1").with("BANKPROV", "广东省").with("BANKCITY", "深圳市").with("BANKBRANCHNAME", "104581006015"), "0000 2"},
		"unknown number":            {nil, nil, payoutQueryBody("404"), "1028"},
		"unknown platform number":   {nil, nil, payoutQueryBody("").without("ORDERNO").with("BSORDERNO", "404"), "1029"},
		"only the balance":          {nil, nil, balanceBody("1").with("QRYTYPE", "2"), "1001"},
		"not the advance's limit":   {nil, nil, balanceBody("1").with("QRYTYPE", "3"), "1001"},
		"balance without a channel": {account(func(a *mmsp.PayoutAccount) { a.Channels = nil }), nil, balanceBody("1"), "1032"},
		"paid at once":              {func(o *mmsp.Options) { o.Payout.PaidAtOnce = true }, nil, payoutBody("1"), "0000 1"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options := c.options
			if options == nil {
				options = func(*mmsp.Options) {}
			}
			w := payoutWorld(t, options)
			if c.before != nil {
				c.before(w)
			}
			w.wantPayout(c.body, c.want)
			wanted := 0
			if strings.HasPrefix(c.want, "0000") {
				wanted = 1
			}
			if len(w.sim.Payouts()) != wanted || w.sim.Ledger().Len() != wanted {
				t.Errorf("%d payouts and %d movements, want %d", len(w.sim.Payouts()), w.sim.Ledger().Len(), wanted)
			}
			w.clean()
		})
	}
}

// TestEveryReturnCode shows that each of the 47 codes of 6.2 can be answered to each operation, with its text.
func TestEveryReturnCode(t *testing.T) {
	t.Parallel()
	w := payoutWorld(t)
	codes := []string{"0001", "0002"}
	for n := 1001; n <= 1049; n++ {
		if n != 1016 && (n < 1041 || n > 1044) { // not printed
			codes = append(codes, fmt.Sprint(n))
		}
	}
	if len(codes) != 46 {
		t.Fatalf("the list of 6.2 has 46 codes beside 0000, not %d", len(codes))
	}
	for i, code := range codes {
		for op, body := range map[string]fields{
			mmsp.OpPayout: payoutBody("1"), mmsp.OpPayoutQuery: payoutQueryBody("1"), mmsp.OpPayoutBalance: balanceBody(fmt.Sprint(9000 + i)),
		} {
			w.fault(mmsp.Fault{Operation: op, Kind: mmsp.FaultRefuse, Code: code, Times: 1})
			w.wantPayout(body, code)
		}
		w.fault(mmsp.Fault{Operation: mmsp.OpPayout, Kind: mmsp.FaultFail, Code: code, Times: 1})
		w.wantPayout(payoutBody("1"), code)
	}
	if len(w.sim.Payouts()) != 0 {
		t.Errorf("refusals left %d payouts", len(w.sim.Payouts()))
	}
	w.clean()
}

func TestBalanceRows(t *testing.T) {
	t.Parallel()
	w := payoutWorld(t)
	a := w.wantPayout(balanceBody("1"), "0000")
	want := `[{"ACCSTATUS":"1","ADVANCEPAY":"0","BALANCE":"700","BALANCEPAY":"100000","BEGIN_AT":"00:00:00","CHLMERNO":"M1","CHLNO":"C1",` +
		`"END_AT":"23:59:59","FREEZEBAL":"30","HOLIDAYTYPE":"0","ISCHARGE":"2","LIMIT_DOWN":"100","LIMIT_TOP":"50000","MERTYPE":"1","SETTLE_AT":"16",` +
		`"SETTLE_TYPE":"1"},{"ACCSTATUS":"1","ADVANCEPAY":"50000","BALANCE":"0","BALANCEPAY":"40000","BEGIN_AT":"09:00:00","CHLMERNO":"M2","CHLNO":"C2",` +
		`"END_AT":"17:30:00","FREEZEBAL":"0","HOLIDAYTYPE":"3","ISCHARGE":"1","LIMIT_DOWN":"1","LIMIT_TOP":"1000000000","MERTYPE":"2","SETTLE_AT":"0",` +
		`"SETTLE_TYPE":"2"}]`
	if got := compact(t, a.plain["ACCINFO"]); got != want {
		t.Errorf("ACCINFO is\n%s, want\n%s", got, want)
	}
	if a.text("RSPTIME") != "20261123100000" {
		t.Errorf("RSPTIME is %q", a.text("RSPTIME"))
	}
	w.wantPayout(balanceBody("1"), "1008") // a number is used once
	w.wantPayout(payoutBody("2").with("PAYTYPE", "3").with("AMT", "10000"), "0000 2")
	w.purse("3", 1, "40000 40000 10000")
	w.wantPayout(balanceBody("2"), "1008") // and not a payout's
	w.clean()
}

// TestPayoutSpellings is about the ways to write the same thing that a caller has to read.
func TestPayoutSpellings(t *testing.T) {
	t.Parallel()
	w := payoutWorld(t, func(o *mmsp.Options) {
		o.AsPrinted, o.Payout.Bare, o.Payout.AccountText = true, true, true
	})
	if a := w.wantPayout(payoutBody("1"), "0000 2"); a.messageName != "RETMSG" || a.plain["PAYSTATE"] != json.Number("2") {
		t.Errorf("the reply to a payout is %s %#v", a.messageName, a.plain)
	}
	a := w.wantPayout(payoutQueryBody("1"), "0000 1")
	if _, there := a.plain["BANKBRACHNONAME"]; !there || a.messageName != "REMSG" || a.plain["AMT"] != json.Number("1000") ||
		a.plain["CURTYPE"] != json.Number("1") {
		t.Errorf("the reply to a query is %s %#v", a.messageName, a.plain)
	}
	a = w.wantPayout(balanceBody("9"), "0000")
	var rows []map[string]any
	text, ok := a.plain["ACCINFO"].(string)
	if err := json.Unmarshal([]byte(text), &rows); !ok || err != nil || len(rows) != 2 || rows[0]["BALANCEPAY"] != 98800.0 || a.messageName != "RETMMSG" {
		t.Errorf("the reply to a balance query is %s %v %v", a.messageName, a.plain, err)
	}
	usual := payoutWorld(t)
	usual.wantPayout(payoutBody("1"), "0000 2")
	if a := usual.wantPayout(payoutQueryBody("1"), "0000 1"); a.messageName != "RETMSG" || a.plain["PAYSTATE"] != "1" {
		t.Errorf("the usual reply is %s %#v", a.messageName, a.plain)
	}
}

// TestOneOfManySameNumbers sends the same payout at once: the money moves once.
func TestOneOfManySameNumbers(t *testing.T) {
	t.Parallel()
	w := payoutWorld(t)
	message := payoutMessage(t, []byte(compact(t, payoutBody("1"))))
	codes := make(chan string, 20)
	var group sync.WaitGroup
	for range cap(codes) {
		group.Go(func() {
			a, err := w.postPayout(message)
			if err != nil {
				a.code = err.Error()
			}
			codes <- a.code
		})
	}
	group.Wait()
	close(codes)
	count := map[string]int{}
	for code := range codes {
		count[code]++
	}
	if count["0000"] != 1 || count["1008"] != cap(codes)-1 {
		t.Errorf("answers: %v", count)
	}
	w.paidOut("1", 1, -1000)
}
