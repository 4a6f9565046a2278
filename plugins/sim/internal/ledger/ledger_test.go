package ledger_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/ledger"
)

func key(order string) ledger.OrderKey {
	return ledger.OrderKey{Provider: "p", Account: "a", Order: order}
}

func TestSums(t *testing.T) {
	t.Parallel()
	var l ledger.Ledger
	for _, e := range []ledger.Entry{
		{OrderKey: key("1"), Kind: ledger.Pay, Amount: 1000},
		{OrderKey: key("2"), Kind: ledger.Pay, Amount: 500},
		{OrderKey: key("1"), Kind: ledger.Refund, Amount: 300, Request: "r1"},
		{OrderKey: key("1"), Kind: ledger.Reversal, Amount: 700},
		{OrderKey: key("2"), Kind: ledger.Pay, Amount: 500},
		{OrderKey: key("3"), Kind: ledger.Payout, Amount: 9},
	} {
		l.Append(e)
	}
	if got := l.Order(key("1")); got.Paid != 1000 || got.Refunded != 300 || got.Reversed != 700 || got.Net != 0 || got.Refunds != 1 || got.Reversals != 1 {
		t.Errorf("order 1: %+v", got)
	}
	if l.Pays(key("2")) != 2 || l.Net(key("2")) != 1000 || l.Net(key("3")) != -9 || l.Net(key("4")) != 0 || l.Pays(key("4")) != 0 {
		t.Errorf("orders: %+v", l.Orders())
	}
	entries := l.OrderEntries(key("1"))
	if len(entries) != 3 || entries[1].Operation != "p/a/1/r1" || entries[1].Seq != 3 || l.OrderEntries(key("4")) != nil {
		t.Errorf("entries of order 1: %+v", entries)
	}
	orders := l.Orders()
	if len(orders) != 3 || orders[0].Order != "1" || orders[2].Order != "3" || l.Len() != 6 {
		t.Errorf("orders: %+v", orders)
	}
	l.Entries()[0].Amount = 7
	if l.Entries()[0].Amount != 1000 {
		t.Error("a reader changed the ledger")
	}
	l.Reset()
	if l.Len() != 0 || len(l.Orders()) != 0 {
		t.Error("reset left something")
	}
}

func TestJSONIsFlatAndComesBack(t *testing.T) {
	t.Parallel()
	var l ledger.Ledger
	entry := l.Append(ledger.Entry{OrderKey: key("1"), Kind: ledger.Pay, Amount: 5, At: time.Unix(1, 0).UTC()})
	text, err := json.Marshal(entry)
	if err != nil || !strings.Contains(string(text), `"order":"1"`) {
		t.Fatalf("%s %v", text, err)
	}
	var back ledger.Entry
	if err := json.Unmarshal(text, &back); err != nil || back != entry {
		t.Errorf("%+v came back as %+v: %v", entry, back, err)
	}
}

func TestConcurrentAppends(t *testing.T) {
	t.Parallel()
	var l ledger.Ledger
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for range 50 {
				l.Append(ledger.Entry{OrderKey: key("1"), Kind: ledger.Pay, Amount: 1})
				l.Orders()
			}
		})
	}
	wg.Wait()
	if l.Net(key("1")) != 800 || l.Entries()[799].Seq != 800 {
		t.Errorf("net %d after 800 movements", l.Net(key("1")))
	}
}

func TestAReturnedPayoutComesBack(t *testing.T) {
	t.Parallel()
	var l ledger.Ledger
	l.Append(ledger.Entry{OrderKey: key("1"), Kind: ledger.Payout, Amount: 9})
	l.Append(ledger.Entry{OrderKey: key("1"), Kind: ledger.Return, Amount: 9})
	if got := l.Order(key("1")); got.PaidOut != 9 || got.Returned != 9 || got.Payouts != 1 || got.Returns != 1 || got.Net != 0 {
		t.Errorf("a returned payout: %+v", got)
	}
}
