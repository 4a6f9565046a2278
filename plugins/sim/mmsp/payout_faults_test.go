package mmsp_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"
)

func TestPayoutStates(t *testing.T) {
	t.Parallel()
	w := payoutWorld(t)
	pending := func(number string, f mmsp.Fault) {
		f.Operation, f.Kind, f.Order = mmsp.OpPayout, mmsp.FaultPending, number
		w.fault(f)
	}
	pending("1", mmsp.Fault{Queries: 1})
	pending("2", mmsp.Fault{Queries: 1, Result: "5"})
	pending("3", mmsp.Fault{Then: mmsp.ThenAbandoned})
	pending("4", mmsp.Fault{Then: mmsp.ThenNever})
	pending("6", mmsp.Fault{Result: "5", Stage: mmsp.StageBefore})
	pending("7", mmsp.Fault{Result: "9", Stage: mmsp.StageBefore, Queries: 1}) // in no table
	w.fault(mmsp.Fault{Operation: mmsp.OpPayout, PayerSuffix: "9999", Kind: mmsp.FaultFail, Message: "户名不符"})

	w.wantPayout(payoutBody("1"), "0000 2")
	w.wantPayout(payoutQueryBody("1"), "0000 2")
	w.paidOut("1", 0, 0)
	w.wantPayout(payoutQueryBody("1"), "0000 1")
	w.paidOut("1", 1, -1000)

	w.wantPayout(payoutBody("2"), "0000 2")
	if a := w.wantPayout(payoutQueryBody("2"), "0000 5"); a.text("DESC") != "代付请求已受理，等待审核" {
		t.Errorf("a review is called %q", a.text("DESC"))
	}
	w.wantPayout(payoutQueryBody("2"), "0000 1")

	w.wantPayout(payoutBody("3"), "0000 2")
	w.wantPayout(payoutQueryBody("3"), "0000 3")
	w.wantPayout(payoutQueryBody("3"), "0000 3")
	w.paidOut("3", 0, 0)

	w.wantPayout(payoutBody("4"), "0000 2")
	for range 5 {
		w.wantPayout(payoutQueryBody("4"), "0000 2")
	}
	w.purse("900", 0, fmt.Sprintf("%d 0 %d", 100_000-4*1200, 30+2*1200)) // 3 failed but frozen, 4 in flight

	if a := w.wantPayout(payoutBody("5").with("ACCNO", "622512349999"), "0000 3"); a.text("DESC") != "户名不符" {
		t.Errorf("a failure is called %q", a.text("DESC"))
	}
	w.paidOut("5", 0, 0)
	w.wantPayout(payoutBody("6"), "0000 5")
	w.wantPayout(payoutQueryBody("6"), "0000 1")
	w.wantPayout(payoutBody("7"), "0000 9")
	w.wantPayout(payoutQueryBody("7"), "0000 9")
	w.wantPayout(payoutQueryBody("7"), "0000 1")
	w.clean()
}

// TestUnknownPayout is about 0001: whatever PAYSTATE stands beside it, only later queries tell.
func TestUnknownPayout(t *testing.T) {
	t.Parallel()
	w := payoutWorld(t)
	doubt := func(number string, f mmsp.Fault) {
		f.Operation, f.Kind, f.Order = mmsp.OpPayout, mmsp.FaultUncertain, number
		w.fault(f)
	}
	doubt("1", mmsp.Fault{Queries: 1, Moved: true, Result: "3"})
	doubt("2", mmsp.Fault{Queries: 1, Result: "1"})
	doubt("3", mmsp.Fault{Moved: true})
	w.wantPayout(payoutBody("1"), "0001 3")
	w.paidOut("1", 1, -1000)
	w.wantPayout(payoutQueryBody("1"), "0001")
	w.wantPayout(payoutQueryBody("1"), "0000 1")
	w.paidOut("1", 1, -1000)
	w.wantPayout(payoutBody("2"), "0001 1")
	w.wantPayout(payoutQueryBody("2"), "0001")
	w.wantPayout(payoutQueryBody("2"), "0000 3")
	w.paidOut("2", 0, 0)
	w.wantPayout(payoutBody("3"), "0001")
	for range 4 {
		w.wantPayout(payoutQueryBody("3"), "0001")
	}
	w.paidOut("3", 1, -1000)
	w.wantPayout(payoutBody("1"), "1008")
}

func TestBrokenPayoutReplies(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		fault mmsp.Fault
		moved bool
		reply string // "" = none that can be read
	}{
		"lost before":         {mmsp.Fault{Kind: mmsp.FaultLostBefore}, false, ""},
		"lost after":          {mmsp.Fault{Kind: mmsp.FaultLostAfter}, true, ""},
		"garbage":             {mmsp.Fault{Kind: mmsp.FaultGarbage}, true, ""},
		"garbage before":      {mmsp.Fault{Kind: mmsp.FaultGarbage, Stage: mmsp.StageBefore}, false, ""},
		"truncated":           {mmsp.Fault{Kind: mmsp.FaultTruncated}, true, ""},
		"truncated before":    {mmsp.Fault{Kind: mmsp.FaultTruncated, Stage: mmsp.StageBefore}, false, ""},
		"http 500":            {mmsp.Fault{Kind: mmsp.FaultHTTP500}, true, ""},
		"http 502 before":     {mmsp.Fault{Kind: mmsp.FaultHTTP500, Status: http.StatusBadGateway, Stage: mmsp.StageBefore}, false, ""},
		"system fault":        {mmsp.Fault{Kind: mmsp.FaultSystemError}, true, "1009"},
		"system fault before": {mmsp.Fault{Kind: mmsp.FaultSystemError, Code: "0001", Stage: mmsp.StageBefore}, false, "0001"},
		"somebody else's key": {mmsp.Fault{Kind: mmsp.FaultBadSignature}, true, ""},
		"delay":               {mmsp.Fault{Kind: mmsp.FaultDelay, Delay: mmsp.Delay(time.Second)}, true, "0000 2"},
		"delay after":         {mmsp.Fault{Kind: mmsp.FaultDelay, Delay: mmsp.Delay(time.Second), Stage: mmsp.StageAfter}, true, "0000 2"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := payoutWorld(t)
			c.fault.Operation, c.fault.Times = mmsp.OpPayout, 1
			w.fault(c.fault)
			start := w.clock.Now()
			a, err := w.payout(payoutBody("1"))
			if (err == nil) != (c.reply != "") || (err == nil && a.String() != c.reply) {
				t.Fatalf("answered %q %v, want %q", a, err, c.reply)
			}
			if slept := w.clock.Now().Sub(start); slept != time.Duration(c.fault.Delay) {
				t.Errorf("it took %v", slept)
			}
			if c.moved {
				w.paidOut("1", 1, -1000)
				w.wantPayout(payoutQueryBody("1"), "0000 1")
				w.wantPayout(payoutBody("1"), "1008")
			} else {
				w.paidOut("1", 0, 0)
				w.wantPayout(payoutQueryBody("1"), "1028")
			}
			w.clean()
		})
	}
}

// TestFaultsOfPayoutQueries is about the faults that all messages know, on the two that move no money.
func TestFaultsOfPayoutQueries(t *testing.T) {
	t.Parallel()
	for op, body := range map[string]fields{mmsp.OpPayoutQuery: payoutQueryBody("1"), mmsp.OpPayoutBalance: balanceBody("9")} {
		w := payoutWorld(t)
		w.wantPayout(payoutBody("1"), "0000 2")
		for _, f := range []mmsp.Fault{
			{Kind: mmsp.FaultLostBefore},
			{Kind: mmsp.FaultGarbage, Stage: mmsp.StageBefore},
			{Kind: mmsp.FaultTruncated, Stage: mmsp.StageBefore},
			{Kind: mmsp.FaultHTTP500, Stage: mmsp.StageBefore},
			{Kind: mmsp.FaultLostAfter},
		} {
			f.Operation, f.Times = op, 1
			w.fault(f)
			if a, err := w.payout(body); err == nil {
				t.Errorf("%s with %s answered %v", op, f.Kind, a)
			}
		}
		w.fault(mmsp.Fault{Operation: op, Kind: mmsp.FaultSystemError, Stage: mmsp.StageBefore, Times: 1})
		w.wantPayout(body, "1009")
		w.fault(mmsp.Fault{Operation: op, Kind: mmsp.FaultBadSignature, Times: 1})
		fresh := map[string]fields{mmsp.OpPayoutQuery: body, mmsp.OpPayoutBalance: balanceBody("10")}[op]
		if a, err := w.payout(fresh); err == nil || a.code != "0000" {
			t.Errorf("a reply sealed for somebody else was opened: %v", a)
		}
		w.paidOut("1", 1, -1000)
		w.clean()
	}
}

func TestWrongPayoutReplies(t *testing.T) {
	t.Parallel()
	w := payoutWorld(t)
	w.wantPayout(payoutBody("1"), "0000 2")
	w.fault(mmsp.Fault{Operation: mmsp.OpPayoutQuery, Kind: mmsp.FaultNotExist, Times: 1})
	w.wantPayout(payoutQueryBody("1"), "1028")
	w.fault(mmsp.Fault{Operation: mmsp.OpPayoutQuery, Kind: mmsp.FaultNotExist, Code: "1029", Times: 1})
	w.wantPayout(payoutQueryBody("1"), "1029")
	w.fault(mmsp.Fault{Operation: mmsp.OpPayoutQuery, Kind: mmsp.FaultWrongAmount, Times: 1})
	if a := w.wantPayout(payoutQueryBody("1"), "0000 1"); a.text("AMT") != "1001" {
		t.Errorf("the wrong amount is %q", a.text("AMT"))
	}
	w.fault(mmsp.Fault{Operation: mmsp.OpPayout, Kind: mmsp.FaultWrongOrder, Times: 1})
	if a := w.wantPayout(payoutBody("2"), "0000 2"); a.text("ORDERNO") == "2" || a.text("ORDERNO") == "" {
		t.Errorf("the wrong number is %q", a.text("ORDERNO"))
	}
	w.paidOut("2", 1, -1000)
	for _, f := range []mmsp.Fault{
		{Operation: mmsp.OpPayoutBalance, Kind: mmsp.FaultPending},
		{Operation: mmsp.OpPayoutQuery, Kind: mmsp.FaultFail},
		{Operation: mmsp.OpPayout, Kind: mmsp.FaultNotExist},
	} {
		if _, err := w.sim.AddFault(f); err == nil {
			t.Errorf("the fault %s of %s was armed", f.Kind, f.Operation)
		}
	}
}
