package postgres

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// noon is the tests' time, with microseconds as PostgreSQL keeps them.
func noon() time.Time { return time.Date(2026, 11, 23, 4, 0, 0, 123456000, time.UTC) }

// merchant is a tenant with what a payment needs.
type merchant struct {
	tenant, store, terminal, account core.ID
}

var counter atomic.Int64

func newMerchant(t testing.TB, db *DB) merchant {
	t.Helper()
	m := merchant{core.NewID(noon()), core.NewID(noon()), core.NewID(noon()), core.NewID(noon())}
	err := db.InDirectory(t.Context(), func(tx core.DirectoryTx) error {
		return tx.InsertTenant(t.Context(), core.Tenant{
			ID: m.tenant, Name: "Test Limited", ShortName: "Test", Status: core.TenantLive, Contact: "Li", Live: true, CreatedAt: noon(), UpdatedAt: noon(),
		})
	})
	must(t, err)
	must(t, db.InTenant(t.Context(), m.tenant, func(tx core.TenantTx) error {
		return firstError(
			tx.InsertStore(t.Context(), core.Store{TenantID: m.tenant, ID: m.store, Name: "Shop", Code: "S1", CreatedAt: noon()}),
			tx.InsertTerminal(t.Context(), core.Terminal{TenantID: m.tenant, ID: m.terminal, StoreID: m.store, Name: "Till", Code: "T1", CreatedAt: noon()}),
			tx.InsertAccount(t.Context(), core.ProviderAccount{
				TenantID: m.tenant, ID: m.account, Provider: "example", Name: "Main", Status: core.AccountLive, Default: true,
				Settings: json.RawMessage(`{"a": 1}`), CreatedAt: noon(), UpdatedAt: noon(),
			}),
		)
	}))
	return m
}

// payment is a new payment of 100 yuan, not written yet.
func (m merchant) payment() core.Payment {
	n := counter.Add(1)
	return core.Payment{
		TenantID: m.tenant, ID: core.NewID(noon()), OrderNo: fmt.Sprintf("261123%014d", n), MerchantOrderNo: fmt.Sprintf("M-%d", n),
		AccountID: m.account, Provider: "example", StoreID: m.store, TerminalID: m.terminal, Method: "barcode", Channel: "wechat",
		Amount: core.Fen(10000), Subject: "Tea", State: core.PaymentProcessing, NextCheckAt: noon().Add(time.Minute),
		CreatedBy: "user:usr_1", CreatedAt: noon(), UpdatedAt: noon(),
	}
}

func (m merchant) attempt(p core.Payment) core.Attempt {
	return core.Attempt{TenantID: m.tenant, ID: core.NewID(noon()), PaymentID: p.ID, AccountID: m.account, Operation: "pay", StartedAt: noon()}
}

func (m merchant) event(object core.ID, kind string) core.Event {
	return core.Event{TenantID: m.tenant, ID: core.NewID(noon()), Type: kind, ObjectID: object, Data: json.RawMessage(`{"a": "b"}`), CreatedAt: noon()}
}

func (m merchant) audit(action string) core.AuditEntry {
	return core.AuditEntry{
		TenantID: m.tenant, ID: core.NewID(noon()), Actor: "user:usr_1", Action: action, Object: "pay_1",
		After: json.RawMessage(`{"amount": 10000}`), IP: "192.0.2.1", RequestID: "r1", CreatedAt: noon(),
	}
}

func (m merchant) refund(p core.Payment, amount int64) core.Refund {
	n := counter.Add(1)
	return core.Refund{
		TenantID: m.tenant, ID: core.NewID(noon()), PaymentID: p.ID, RefundNo: fmt.Sprintf("261123%014d", n), MerchantRefundNo: fmt.Sprintf("R-%d", n),
		AccountID: m.account, Provider: "example", Amount: core.Fen(amount), State: core.RefundProcessing, CreatedAt: noon(), UpdatedAt: noon(),
	}
}

// write inserts payments with an attempt, an event and an audit row each.
func (m merchant) write(t testing.TB, db *DB, list ...core.Payment) {
	t.Helper()
	must(t, db.InTenant(t.Context(), m.tenant, func(tx core.TenantTx) error {
		for _, p := range list {
			err := firstError(tx.InsertPayment(t.Context(), p), tx.InsertAttempt(t.Context(), m.attempt(p)),
				tx.AppendEvent(t.Context(), m.event(p.ID, "payment.created")), tx.AppendAudit(t.Context(), m.audit("payment.create")))
			if err != nil {
				return err
			}
		}
		return nil
	}))
}

// paid writes a payment that has succeeded.
func (m merchant) paid(t testing.TB, db *DB) core.Payment {
	t.Helper()
	p := m.payment()
	p.State, p.SucceededAt, p.NextCheckAt = core.PaymentSucceeded, noon(), time.Time{}
	m.write(t, db, p)
	return p
}

// inTenant runs fn and gives its error, for tests that want one.
func (m merchant) in(t testing.TB, db *DB, fn func(ctx context.Context, tx core.TenantTx) error) error {
	t.Helper()
	return db.InTenant(t.Context(), m.tenant, func(tx core.TenantTx) error { return fn(t.Context(), tx) })
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t testing.TB, err error, code core.Code) {
	t.Helper()
	if core.CodeOf(err) != code {
		t.Fatalf("got %v, want the code %s", err, code)
	}
}

// rawRole opens plain connections in one of the roles, as a program that forgot everything else.
func rawRole(t testing.TB, url, role string) *sql.DB {
	t.Helper()
	dsn, err := sessionURL(url, role, "")
	must(t, err)
	db, err := sql.Open("postgres", dsn)
	must(t, err)
	db.SetMaxOpenConns(2)
	t.Cleanup(func() { _ = db.Close() })
	return db
}
