package mmsp_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"
)

// kept opens a journal for a world.
func kept(t *testing.T, path string) func(*mmsp.Options) {
	t.Helper()
	return func(o *mmsp.Options) {
		journal, err := mmsp.OpenJournal(path)
		if err != nil {
			t.Fatal(err)
		}
		o.Journal = journal
	}
}

func TestJournalSurvivesARestart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sim.journal")
	w := newWorld(t, kept(t, path))
	w.scan(2307, barcodeBody("J1", wechatCode), "1 1")
	r := w.scan(cmdRefund, refundBody("J1", "JR1", "300"), "1 1")
	w.scan(2306, preorderBody("J2"), "1 1")
	w.fault(mmsp.Fault{Operation: "scan-alipay-barcode", Kind: mmsp.FaultPending, Queries: 2})
	w.scan(2309, barcodeBody("J3", alipayCode), "1 3 AA")
	w.scan(cmdQuery, numberBody("J3"), "1 3 AA")
	w.fault(mmsp.Fault{Operation: "scan-qq-barcode", Kind: mmsp.FaultUncertain, Moved: true, Queries: 1})
	w.scan(2326, barcodeBody("J4", qqCode), "1 3 AA")
	w.fault(mmsp.Fault{Operation: "scan-refund", Kind: mmsp.FaultPending, Queries: 1, Then: mmsp.ThenAbandoned})
	w.scan(cmdRefund, refundBody("J1", "JR2", "100"), "1 1")
	w.scan(2306, preorderBody("J5"), "1 1") // the last number given is an order's
	last, _ := w.sim.Order(merNo, "J5")
	before := compact(t, w.sim.Orders())
	entries := compact(t, w.sim.Ledger().Entries())
	w.end()

	w = newWorld(t, kept(t, path))
	if after := compact(t, w.sim.Orders()); after != before {
		t.Errorf("orders after the restart\n%s\nbefore\n%s", after, before)
	}
	if after := compact(t, w.sim.Ledger().Entries()); after != entries {
		t.Errorf("ledger after the restart\n%s\nbefore\n%s", after, entries)
	}
	w.scan(2307, barcodeBody("J1", wechatCode), "refused 0 -2003")
	w.scan(cmdRefund, refundBody("J1", "JR1", "300"), "refused 0 -2003")
	w.scan(cmdRefundQuery, fields{"REFUND_ORDERNO": r.text("REFUND_ORDERNO"), "RANDSTR": "r"}, "1 1")
	w.scan(cmdRefundQuery, refundQuery("JR2"), "1 1")
	w.scan(cmdRefundQuery, refundQuery("JR2"), "1 2 99")
	w.books("J1", 1, 700)
	w.scan(cmdQuery, numberBody("J3"), "1 3 AA")
	w.scan(cmdQuery, numberBody("J3"), "1 1")
	w.scan(cmdQuery, numberBody("J4"), "1 3 AA")
	w.scan(cmdQuery, numberBody("J4"), "1 1")
	w.books("J4", 1, 1000)
	w.pay("J2")
	w.scan(2306, preorderBody("J6"), "1 1")
	if fresh, _ := w.sim.Order(merNo, "J6"); fresh.OrderNo[2:] <= last.OrderNo[2:] {
		t.Errorf("the number %s was given after %s", fresh.OrderNo, last.OrderNo)
	}
	w.sim.Reset()
	w.end()

	w = newWorld(t, kept(t, path))
	if len(w.sim.Orders()) != 0 || w.sim.Ledger().Len() != 0 {
		t.Error("a reset does not survive a restart")
	}
}

func TestTornJournal(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sim.journal")
	w := newWorld(t, kept(t, path))
	w.scan(2307, barcodeBody("T1", wechatCode), "1 1")
	w.end()
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString(`{"something":"new"}` + "\n" + `{"order":{"mer_no"`); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	w = newWorld(t, kept(t, path))
	w.scan(cmdQuery, numberBody("T1"), "1 1")
	w.books("T1", 1, 1000)
}

func TestBrokenJournalIsReported(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sim.journal")
	if err := os.WriteFile(path, []byte("not JSON\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := mmsp.OpenJournal(path); err == nil {
		t.Error("a broken journal was opened")
	}
}

// TestCloseEndsWaits: with the real waits a notification that is not acknowledged and a delay end at once.
func TestCloseEndsWaits(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, 1000)
	w := newWorld(t, func(o *mmsp.Options) { o.Sleep, o.Now, o.Resend = nil, nil, nil })
	w.scan(2306, preorderBody("CW").with("NOTIFY_URL", r.server.URL), "1 1")
	w.pay("CW")
	w.delivered(1)
	w.fault(mmsp.Fault{Operation: "scan-query", Kind: mmsp.FaultDelay, Delay: mmsp.Delay(time.Hour)})
	answered := make(chan answer)
	message := compact(t, w.message(mmsp.PathScan, cmdQuery, numberBody("CW")))
	go func() {
		a, err := w.post(mmsp.PathScan, message)
		if err != nil {
			t.Error(err)
		}
		answered <- a
	}()
	for w.sim.Calls("scan-query") == 0 {
		time.Sleep(time.Millisecond)
	}
	if err := w.sim.Close(); err != nil {
		t.Error(err)
	}
	if a := <-answered; a.String() != "1 1" {
		t.Errorf("the delayed query answered %v", a)
	}
	if n := r.count(); n != 1 {
		t.Errorf("%d notifications, want one", n)
	}
}
