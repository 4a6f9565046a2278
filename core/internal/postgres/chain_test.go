package postgres

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/internal/devstack"
)

// sealed writes n audit rows for a new merchant and for the platform, and seals them.
func sealed(t *testing.T, db *DB, n int) merchant {
	t.Helper()
	m := newMerchant(t, db)
	for i := range n {
		must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
			return tx.AppendAudit(ctx, m.audit("step."+string(rune('a'+i))))
		}))
		must(t, db.InDirectory(t.Context(), func(tx core.DirectoryTx) error {
			entry := m.audit("user.create")
			entry.TenantID = core.ID{}
			return tx.AppendPlatformAudit(t.Context(), entry)
		}))
	}
	sealAll(t, db)
	return m
}

func sealAll(t *testing.T, db *DB) {
	t.Helper()
	for {
		n, err := db.SealAudit(t.Context(), noon(), 7)
		must(t, err)
		if n == 0 {
			return
		}
	}
}

func TestTheChainHolds(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := sealed(t, db, 10)
	for name, tenant := range map[string]core.ID{"merchant": m.tenant, "platform": {}} {
		v, err := db.VerifyAudit(t.Context(), tenant)
		must(t, err)
		if v.Reason != "" || v.Rows != 10 || len(v.Head) != 32 {
			t.Errorf("%s: %+v", name, v)
		}
	}
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		list, err := tx.Audit(ctx, core.AuditFilter{})
		for _, e := range list {
			if e.ChainIndex == 0 || len(e.ChainHash) != 32 {
				t.Errorf("an entry without its place in the chain: %+v", e)
			}
		}
		return err
	}))
	// Rows that wait for the sealer are no break.
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.AppendAudit(ctx, m.audit("later")) }))
	if v, err := db.VerifyAudit(t.Context(), m.tenant); err != nil || v.Reason != "" || v.Rows != 10 {
		t.Errorf("with an unsealed row: %+v %v", v, err)
	}
	if v, err := db.VerifyAudit(t.Context(), core.NewID(noon())); err != nil || v.Reason != "" || v.Rows != 0 {
		t.Errorf("a tenant without a chain: %+v %v", v, err)
	}
}

func TestTamperingIsFound(t *testing.T) {
	t.Parallel()
	const fourth = "(SELECT audit_id FROM audit_chain WHERE tenant_id = $1 AND chain_index = 4)"
	cases := map[string][]string{
		"an edit":                    {"UPDATE audit_log SET actor = 'user:usr_2' WHERE tenant_id = $1 AND id = " + fourth},
		"an edit of the JSON":        {`UPDATE audit_log SET after = '{"amount": 1}' WHERE tenant_id = $1 AND id = ` + fourth},
		"an edit of the JSON's form": {`UPDATE audit_log SET after = '{"amount":10000}' WHERE tenant_id = $1 AND id = ` + fourth},
		"text moved to the next field": {
			"UPDATE audit_log SET ip = ip || request_id, request_id = '' WHERE tenant_id = $1 AND id = " + fourth,
		},
		"another time":  {"UPDATE audit_log SET created_at = created_at + interval '1 microsecond' WHERE tenant_id = $1 AND id = " + fourth},
		"a removed row": {"DELETE FROM audit_log WHERE tenant_id = $1 AND id = " + fourth},
		"a removed link": {
			"DELETE FROM audit_log WHERE tenant_id = $1 AND id = " + fourth, "DELETE FROM audit_chain WHERE tenant_id = $1 AND chain_index = 4",
		},
		"a removal with the links moved up": {
			"DELETE FROM audit_log WHERE tenant_id = $1 AND id = " + fourth, "DELETE FROM audit_chain WHERE tenant_id = $1 AND chain_index = 4",
			"UPDATE audit_chain SET chain_index = chain_index - 1 WHERE tenant_id = $1 AND chain_index > 4", "UPDATE audit_heads SET rows = rows - 1 WHERE tenant_id = $1",
		},
		"a swap": {
			"UPDATE audit_chain SET chain_index = -chain_index + 9 + 100 WHERE tenant_id = $1 AND chain_index IN (4, 5)",
			"UPDATE audit_chain SET chain_index = chain_index - 100 WHERE tenant_id = $1 AND chain_index > 100",
		},
		"a swap of contents": {
			`UPDATE audit_log a SET action = b.action FROM audit_log b WHERE a.tenant_id = $1 AND b.tenant_id = $1 AND (a.action, b.action) IN (('step.d', 'step.e'), ('step.e', 'step.d'))`,
		},
		"the end cut off the log": {
			"DELETE FROM audit_log a USING audit_chain c WHERE c.tenant_id = $1 AND a.tenant_id = $1 AND a.id = c.audit_id AND c.chain_index > 8",
		},
		"the end cut off log and chain": {
			"DELETE FROM audit_log a USING audit_chain c WHERE c.tenant_id = $1 AND a.tenant_id = $1 AND a.id = c.audit_id AND c.chain_index > 8",
			"DELETE FROM audit_chain WHERE tenant_id = $1 AND chain_index > 8",
		},
		"a row past the program": {
			"INSERT INTO audit_log (tenant_id, id, actor, action, object, created_at) VALUES ($1, gen_random_uuid(), 'user:usr_9', 'x', 'y', now())",
		},
		"everything gone": {"DELETE FROM audit_log WHERE tenant_id = $1", "DELETE FROM audit_chain WHERE tenant_id = $1"},
	}
	url := testURL(t)
	db := openAt(t, url)
	for name, statements := range cases {
		m := sealed(t, db, 10)
		if v, err := db.VerifyAudit(t.Context(), m.tenant); err != nil || v.Reason != "" {
			t.Fatalf("%s, before: %+v %v", name, v, err)
		}
		tamper(t, url, m, statements...)
		v, err := db.VerifyAudit(t.Context(), m.tenant)
		must(t, err)
		if v.Reason == "" {
			t.Errorf("%s: not found: %+v", name, v)
		}
	}
	if v, err := db.VerifyAudit(t.Context(), core.ID{}); err != nil || v.Reason != "" {
		t.Errorf("the platform's chain, untouched: %+v %v", v, err)
	}
}

// tamper acts as one who has the superuser's password.
func tamper(t *testing.T, url string, m merchant, statements ...string) {
	t.Helper()
	cluster := devstack.TestPostgres(t)
	database := url[strings.LastIndex(url, "/")+1 : strings.LastIndex(url, "?")]
	admin := rawRole(t, cluster.URL("postgres", cluster.Password, database), "postgres")
	for _, s := range statements {
		result, err := admin.ExecContext(t.Context(), s, m.tenant)
		must(t, err)
		if n, _ := result.RowsAffected(); n == 0 {
			t.Fatalf("nothing was tampered with by: %s", s)
		}
	}
}

// Whoever cuts log, chain and head alike is found only by a head that was kept elsewhere.
func TestAHeadKeptOutsideFindsACleanCut(t *testing.T) {
	t.Parallel()
	url := testURL(t)
	db := openAt(t, url)
	m := sealed(t, db, 10)
	heads, err := db.AuditHeads(t.Context())
	must(t, err)
	var kept AuditHead
	for _, h := range heads {
		if h.TenantID == m.tenant {
			kept = h
		}
	}
	tamper(t, url, m,
		"DELETE FROM audit_log a USING audit_chain c WHERE c.tenant_id = $1 AND a.tenant_id = $1 AND a.id = c.audit_id AND c.chain_index > 8",
		"DELETE FROM audit_chain WHERE tenant_id = $1 AND chain_index > 8",
		"UPDATE audit_heads h SET rows = 8, hash = c.hash FROM audit_chain c WHERE h.tenant_id = $1 AND c.tenant_id = $1 AND c.chain_index = 8")
	if v, err := db.VerifyAudit(t.Context(), m.tenant); err != nil || v.Reason != "" {
		t.Errorf("the clean cut shows by itself: %+v %v", v, err)
	}
	if v, err := db.VerifyAuditSince(t.Context(), kept); err != nil || v.Reason == "" {
		t.Errorf("the kept head does not find the cut: %+v %v", v, err)
	}
}

// An audit row whose transaction began first and commits last comes later in the chain.
func TestALateCommitDoesNotBreakTheChain(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	inside, proceed := make(chan struct{}), make(chan struct{})
	done := make(chan error, 1)
	go func() {
		done <- db.InTenant(t.Context(), m.tenant, func(tx core.TenantTx) error {
			if err := tx.AppendAudit(t.Context(), m.audit("early")); err != nil {
				return err
			}
			if _, err := tx.Tenant(t.Context()); err != nil { // flushes: the row has its number now
				return err
			}
			close(inside)
			<-proceed
			return nil
		})
	}()
	<-inside
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.AppendAudit(ctx, m.audit("late")) }))
	sealAll(t, db)
	close(proceed)
	must(t, <-done)
	sealAll(t, db)
	v, err := db.VerifyAudit(t.Context(), m.tenant)
	if err != nil || v.Reason != "" || v.Rows != 2 {
		t.Errorf("%+v %v", v, err)
	}
}

func TestSealersOnSeveralNodesDoNotDisturbEachOther(t *testing.T) {
	t.Parallel()
	url := testURL(t)
	nodes := []*DB{openAt(t, url), openAt(t, url)}
	m := newMerchant(t, nodes[0])
	var group sync.WaitGroup
	for _, db := range nodes {
		group.Go(func() {
			for range 20 {
				if err := db.InTenant(t.Context(), m.tenant, func(tx core.TenantTx) error { return tx.AppendAudit(t.Context(), m.audit("x")) }); err != nil {
					t.Error(err)
				}
				if _, err := db.SealAudit(t.Context(), noon(), 5); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	sealAll(t, nodes[0])
	v, err := nodes[1].VerifyAudit(t.Context(), m.tenant)
	if err != nil || v.Reason != "" || v.Rows != 40 {
		t.Errorf("%+v %v", v, err)
	}
}
