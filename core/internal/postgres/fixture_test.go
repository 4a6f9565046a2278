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

func newMerchant(tb testing.TB, db *DB) merchant {
	tb.Helper()
	m := merchant{core.NewID(noon()), core.NewID(noon()), core.NewID(noon()), core.NewID(noon())}
	err := db.InDirectory(tb.Context(), func(tx core.DirectoryTx) error {
		return tx.InsertTenant(tb.Context(), core.Tenant{
			ID: m.tenant, Name: "Test Limited", ShortName: "Test", Status: core.TenantLive, Contact: "Li", Live: true, CreatedAt: noon(), UpdatedAt: noon(),
		})
	})
	must(tb, err)
	must(tb, db.InTenant(tb.Context(), m.tenant, func(tx core.TenantTx) error {
		return firstError(
			tx.InsertStore(tb.Context(), core.Store{TenantID: m.tenant, ID: m.store, Name: "Shop", Code: "S1", CreatedAt: noon()}),
			tx.InsertTerminal(tb.Context(), core.Terminal{TenantID: m.tenant, ID: m.terminal, StoreID: m.store, Name: "Till", Code: "T1", CreatedAt: noon()}),
			tx.InsertAccount(tb.Context(), core.ProviderAccount{
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
func (m merchant) write(tb testing.TB, db *DB, list ...core.Payment) {
	tb.Helper()
	must(tb, db.InTenant(tb.Context(), m.tenant, func(tx core.TenantTx) error {
		for _, p := range list {
			err := firstError(tx.InsertPayment(tb.Context(), p), tx.InsertAttempt(tb.Context(), m.attempt(p)),
				tx.AppendEvent(tb.Context(), m.event(p.ID, "payment.created")), tx.AppendAudit(tb.Context(), m.audit("payment.create")))
			if err != nil {
				return err
			}
		}
		return nil
	}))
}

// paid writes a payment that has succeeded.
func (m merchant) paid(tb testing.TB, db *DB) core.Payment {
	tb.Helper()
	p := m.payment()
	p.State, p.SucceededAt, p.NextCheckAt = core.PaymentSucceeded, noon(), time.Time{}
	m.write(tb, db, p)
	return p
}

// inTenant runs fn and gives its error, for tests that want one.
func (m merchant) in(tb testing.TB, db *DB, fn func(ctx context.Context, tx core.TenantTx) error) error {
	tb.Helper()
	return db.InTenant(tb.Context(), m.tenant, func(tx core.TenantTx) error { return fn(tb.Context(), tx) })
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

func wantCode(tb testing.TB, err error, code core.Code) {
	tb.Helper()
	if core.CodeOf(err) != code {
		tb.Fatalf("got %v, want the code %s", err, code)
	}
}

// rawRole opens plain connections in one of the roles, as a program that forgot everything else.
func rawRole(tb testing.TB, url, role string) *sql.DB {
	tb.Helper()
	dsn, err := sessionURL(url, role, "")
	must(tb, err)
	db, err := sql.Open("postgres", dsn)
	must(tb, err)
	db.SetMaxOpenConns(2)
	tb.Cleanup(func() { _ = db.Close() })
	return db
}
