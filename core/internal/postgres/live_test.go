package postgres

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// TestChangesAreAnnouncedAfterTheCommit to whoever listens on any node, with their topics; what
// is rolled back is not.
func TestChangesAreAnnouncedAfterTheCommit(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	p := m.payment()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	heard := make(chan core.Change, 100)
	listening := make(chan error, 1)
	go func() { listening <- db.ListenChanges(ctx, func(c core.Change) { heard <- c }) }()
	await := func(want core.Change) (before []core.Change) {
		t.Helper()
		again := time.NewTicker(100 * time.Millisecond) // the listener may have come after the first announcement
		defer again.Stop()
		for {
			select {
			case got := <-heard:
				if got == want {
					return before
				}
				before = append(before, got)
			case <-again.C:
				db.live.tell([]core.Change{want})
			case <-ctx.Done():
				t.Fatalf("%v was not announced; %v was", want, before)
			}
		}
	}
	await(core.Change{TenantID: m.tenant, Topic: "first"}) // it listens
	failed := m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		if err := tx.InsertStore(ctx, core.Store{TenantID: m.tenant, ID: core.NewID(noon()), Name: "S", Code: "S9", CreatedAt: noon()}); err != nil {
			return err
		}
		return core.Errorf(core.CodeConflict, "no")
	})
	if core.CodeOf(failed) != core.CodeConflict {
		t.Fatal(failed)
	}
	m.write(t, db, p)
	for {
		select {
		case got := <-heard:
			if got.Topic == core.TopicStores {
				t.Error("what was rolled back is announced")
			}
			if got != (core.Change{TenantID: m.tenant, Topic: core.TopicPayments}) {
				continue
			}
		case <-ctx.Done():
			t.Fatal("the payment was not announced")
		}
		break
	}
	if _, err := db.app.ExecContext(ctx, "SELECT pg_notify('"+channelPolicy+"', '')"); err != nil {
		t.Fatal(err)
	}
	for got := range heard {
		if got == (core.Change{Topic: core.TopicSession}) {
			break
		}
	}
	cancel()
	must(t, <-listening)
}

func TestWrittenTables(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"SELECT id FROM payments FOR UPDATE":                                                  nil,
		"UPDATE payments SET state = $1":                                                      {"payments"},
		unprepared + "INSERT INTO stores (a) VALUES ($1)":                                     {"stores"},
		"INSERT INTO a (b) VALUES ($1) ON CONFLICT DO UPDATE SET c":                           {"a"},
		"DELETE FROM sessions WHERE id = $1":                                                  {"sessions"},
		"WITH x AS (UPDATE refunds SET a = 1 RETURNING b) INSERT INTO events SELECT b FROM x": {"events", "refunds"},
		"UPDATE payments SET lease_until = NULL, lease_token = NULL WHERE id = $1":            nil,
	} {
		if got := writtenTables(text); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

// TestTopicsStandForTables that exist: a table that is renamed would go silent.
func TestTopicsStandForTables(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	var tables []string
	must(t, db.platform.SelectContext(t.Context(), &tables, "SELECT relname FROM pg_class WHERE relnamespace = 'zhanggui'::regnamespace AND relkind = 'r'"))
	told := map[core.Topic]bool{}
	for _, table := range tables {
		told[topicOf(table)] = true
	}
	for _, topic := range []core.Topic{
		core.TopicPayments, core.TopicRefunds, core.TopicPayouts, core.TopicPayoutBatches, core.TopicCases, core.TopicApprovals, core.TopicApprovalTiers, core.TopicAlerts,
		core.TopicAlertChannels, core.TopicCallbacks, core.TopicExports, core.TopicDays, core.TopicDifferences, core.TopicBillImports, core.TopicBillMappings, core.TopicBalances,
		core.TopicSettlement, core.TopicWebhooks, core.TopicWebhookDeliveries, core.TopicTenants, core.TopicStores, core.TopicTerminals, core.TopicAccounts, core.TopicCards,
		core.TopicMembers, core.TopicUsers, core.TopicAPIKeys, core.TopicLimits, core.TopicFreezes, core.TopicFeeRates, core.TopicPlugins, core.TopicPluginUploads, core.TopicCalendar,
	} {
		if !told[topic] {
			t.Errorf("no table tells of %s", topic)
		}
	}
}
