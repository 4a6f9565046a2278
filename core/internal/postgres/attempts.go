package postgres

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

var attemptTable = &table{"attempts", []string{
	"tenant_id", "id", "payment_id", "refund_id", "card_id", "payout_id", "account_id", "operation", "started_at",
	"outcome", "sent", "provided_code", "provided_message", "evidence", "key_uses", "key_version", "plugin", "finished_at", "duration_us",
}}

const attemptFixed = 9

// attemptResult is the update of FinishAttempt: the key and what the call brought.
var attemptResult = &table{"attempts", append([]string{"tenant_id", "id"}, attemptTable.columns[attemptFixed:]...)}

var attemptSelect = "SELECT " + strings.Join(attemptTable.columns, ", ") + " FROM attempts"

func attemptValues(a core.Attempt) []any {
	return []any{
		a.TenantID, a.ID, a.PaymentID, a.RefundID, a.CardID, a.PayoutID, a.AccountID, string(a.Operation),
		stamp{a.StartedAt},
		string(a.Outcome), string(a.Sent), clean(a.Provided.Code), clean(a.Provided.Message), rawJSON(a.Evidence),
		encode(a.KeyUses, len(a.KeyUses) == 0), a.KeyVersion, a.Plugin,
		stamp{a.FinishedAt},
		a.Duration.Microseconds(),
	}
}

type attemptRow struct {
	TenantID        core.ID  `db:"tenant_id"`
	ID              core.ID  `db:"id"`
	PaymentID       core.ID  `db:"payment_id"`
	RefundID        core.ID  `db:"refund_id"`
	CardID          core.ID  `db:"card_id"`
	PayoutID        core.ID  `db:"payout_id"`
	AccountID       core.ID  `db:"account_id"`
	Operation       string   `db:"operation"`
	Outcome         string   `db:"outcome"`
	Sent            string   `db:"sent"`
	ProvidedCode    string   `db:"provided_code"`
	ProvidedMessage string   `db:"provided_message"`
	Evidence        document `db:"evidence"`
	KeyUses         document `db:"key_uses"`
	KeyVersion      int      `db:"key_version"`
	Plugin          string   `db:"plugin"`
	StartedAt       stamp    `db:"started_at"`
	FinishedAt      stamp    `db:"finished_at"`
	DurationUS      int64    `db:"duration_us"`
}

func (r *attemptRow) attempt() core.Attempt {
	a := core.Attempt{
		TenantID: r.TenantID, ID: r.ID, PaymentID: r.PaymentID, RefundID: r.RefundID, CardID: r.CardID, PayoutID: r.PayoutID, AccountID: r.AccountID,
		Operation: core.Capability(r.Operation), Outcome: core.Outcome(r.Outcome), Sent: core.Sent(r.Sent),
		Provided: core.ProviderText{Code: r.ProvidedCode, Message: r.ProvidedMessage}, Evidence: json.RawMessage(r.Evidence),
		KeyVersion: r.KeyVersion, Plugin: r.Plugin, StartedAt: r.StartedAt.Time, FinishedAt: r.FinishedAt.Time,
		Duration: time.Duration(r.DurationUS) * time.Microsecond,
	}
	if len(r.KeyUses) > 0 {
		_ = json.Unmarshal(r.KeyUses, &a.KeyUses) // written by attemptValues
	}
	return a
}

// InsertAttempt implements core.TenantTx. It is buffered: see the package comment.
func (t *tenantTx) InsertAttempt(_ context.Context, a core.Attempt) error {
	if a.TenantID != t.tenant {
		return wrongTenant("attempt")
	}
	t.s.buffer.add(attemptTable, a.ID, attemptValues(a)...)
	return nil
}

// FinishAttempt implements core.TenantTx. It is buffered; an attempt that is not there
// fails the flush with CodeConflict.
func (t *tenantTx) FinishAttempt(ctx context.Context, a core.Attempt) error {
	if err := t.s.flushIf(ctx, a.ID); err != nil {
		return err
	}
	values := append([]any{t.tenant, a.ID}, attemptValues(a)[attemptFixed:]...)
	t.s.buffer.updates = append(t.s.buffer.updates, update{on: attemptResult, keys: 2, values: values})
	return nil
}

// Attempts implements core.TenantReader: all calls about a payment, its refunds' among them, oldest first.
func (t *tenantTx) Attempts(ctx context.Context, payment core.ID) ([]core.Attempt, error) {
	var rows []attemptRow
	err := t.s.list(ctx, &rows, attemptSelect+" WHERE tenant_id = $1 AND payment_id = $2 ORDER BY started_at, id", t.tenant, payment)
	if err != nil {
		return nil, err
	}
	return convert(rows, (*attemptRow).attempt), nil
}
