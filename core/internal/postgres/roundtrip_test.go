package postgres

import (
	"context"
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// filled sets every field that is zero, so that a column forgotten somewhere shows.
func filled(t *testing.T, into any) {
	t.Helper()
	v := reflect.ValueOf(into).Elem()
	for i := range v.NumField() {
		f, name := v.Field(i), v.Type().Field(i).Name
		if !f.IsZero() {
			continue
		}
		switch f.Interface().(type) {
		case time.Time:
			f.Set(reflect.ValueOf(noon().Add(time.Duration(i) * time.Second)))
		case core.ProviderText:
			f.Set(reflect.ValueOf(core.ProviderText{Code: "C1", Message: "话"}))
		case json.RawMessage:
			f.Set(reflect.ValueOf(json.RawMessage(`{"b": 1, "a": "\u0000"}`)))
		case []byte:
			f.SetBytes([]byte("bytes of " + name))
		case core.Money:
			f.Set(reflect.ValueOf(core.Fen(int64(i + 1))))
		case map[string]string:
			f.Set(reflect.ValueOf(map[string]string{"NAME": "值"}))
		case map[string]int:
			f.Set(reflect.ValueOf(map[string]int{"key": 2}))
		case *core.NextAction:
			f.Set(reflect.ValueOf(&core.NextAction{Type: "show_qr", QRContent: "q", ExpiresAt: noon()}))
		case []core.CredentialInfo:
			f.Set(reflect.ValueOf([]core.CredentialInfo{{Name: "key", Display: "····1234", SetAt: noon()}}))
		case time.Duration:
			f.Set(reflect.ValueOf(1500 * time.Microsecond))
		case bool:
			f.SetBool(true)
		case core.ID: // references stay empty unless the test set them
		default:
			switch f.Kind() {
			case reflect.String:
				f.SetString("x-" + name)
			case reflect.Int, reflect.Int64:
				f.SetInt(int64(i + 1))
			default:
				t.Fatalf("field %s of type %s is not known to this test", name, f.Type())
			}
		}
	}
}

func same(t *testing.T, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("read back differs:\n got %+v\nwant %+v", got, want)
	}
}

func TestEveryFieldComesBack(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)

	p := m.payment()
	p.Refunded, p.Reserved, p.Held = 100, 200, 50
	filled(t, &p)
	a := m.attempt(p)
	filled(t, &a)
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		return firstError(tx.InsertPayment(ctx, p), tx.InsertAttempt(ctx, a))
	}))
	r := m.refund(p, 100)
	filled(t, &r)
	e := m.event(p.ID, "payment.created")
	account := core.ProviderAccount{TenantID: m.tenant, ID: core.NewID(noon()), StoreID: m.store, Status: core.AccountDraft}
	filled(t, &account)
	account.CallbackURL, account.CheckedInAt, account.CheckInFailure = "", time.Time{}, "" // are not stored
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		return firstError(tx.InsertRefund(ctx, r), tx.AppendEvent(ctx, e), tx.InsertAccount(ctx, account))
	}))

	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		gotP, err := tx.Payment(ctx, p.ID)
		must(t, err)
		same(t, gotP, p)
		gotP, err = tx.PaymentByOrderNo(ctx, p.OrderNo)
		must(t, err)
		same(t, gotP, p)
		gotP, err = tx.PaymentByMerchantOrderNo(ctx, p.MerchantOrderNo)
		must(t, err)
		same(t, gotP, p)
		gotR, err := tx.Refund(ctx, r.ID)
		must(t, err)
		same(t, gotR, r)
		gotR, err = tx.RefundByMerchantNo(ctx, r.MerchantRefundNo)
		must(t, err)
		same(t, gotR, r)
		gotA, err := tx.Attempts(ctx, p.ID)
		must(t, err)
		same(t, gotA, []core.Attempt{a})
		gotE, err := tx.Events(ctx, core.EventFilter{ObjectID: p.ID})
		must(t, err)
		if len(gotE) != 1 || gotE[0].Sequence == 0 {
			t.Fatalf("events: %+v", gotE)
		}
		gotE[0].Sequence = 0
		same(t, gotE[0], e)
		gotAccount, err := tx.Account(ctx, account.ID)
		must(t, err)
		same(t, gotAccount, account)
		return nil
	}))
}

func TestUpdatesWriteEveryColumnTheyMay(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	p := m.payment()
	m.write(t, db, p)
	changed := p
	changed.State = core.PaymentSucceeded
	changed.Channel = ""
	changed.UpdatedAt, changed.NextCheckAt = noon().Add(time.Second), noon().Add(time.Hour)
	changed.Version, changed.Refunded, changed.Reserved = 0, 0, 0
	filled(t, &changed)
	changed.Description, changed.Version, changed.Refunded, changed.Reserved, changed.Held = p.Description, 0, 0, 0, 0
	changed.ReturnURL, changed.UserRef = p.ReturnURL, p.UserRef
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		return tx.UpdatePayment(ctx, changed, core.PaymentProcessing)
	}))
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		got, err := tx.Payment(ctx, p.ID)
		must(t, err)
		want := changed
		want.Version = 1
		same(t, got, want)
		return nil
	}))
	// The same update again: state and version are no longer those.
	wantCode(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		return tx.UpdatePayment(ctx, changed, core.PaymentProcessing)
	}), core.CodeConflict)

	r := m.refund(p, 100)
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.InsertRefund(ctx, r) }))
	after := r
	after.State = core.RefundSucceeded
	after.RefundedBefore, after.UpdatedAt = 0, noon().Add(time.Second)
	filled(t, &after)
	after.Reason, after.CreatedBy, after.Version = r.Reason, r.CreatedBy, 0
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		return tx.UpdateRefund(ctx, after, core.RefundProcessing)
	}))
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		got, err := tx.Refund(ctx, r.ID)
		after.Version = 1
		same(t, got, after)
		return err
	}))
}

func TestGarbageOfAProviderIsStorable(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	p := m.payment()
	p.Provided = core.ProviderText{Code: "\x00E", Message: "bad \xff\xfe"}
	a := m.attempt(p)
	a.Evidence = json.RawMessage("not json \x00 \xff")
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		return firstError(tx.InsertPayment(ctx, p), tx.InsertAttempt(ctx, a))
	}))
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		got, err := tx.Attempts(ctx, p.ID)
		if err == nil && (len(got) != 1 || !json.Valid(got[0].Evidence)) {
			t.Errorf("attempts: %+v", got)
		}
		return err
	}))
}

func TestAttemptIsFinished(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	p := m.payment()
	a := m.attempt(p)
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		return firstError(tx.InsertPayment(ctx, p), tx.InsertAttempt(ctx, a))
	}))
	done := a
	filled(t, &done)
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.FinishAttempt(ctx, done) }))
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		got, err := tx.Attempts(ctx, p.ID)
		same(t, got, []core.Attempt{done})
		return err
	}))
	nobody := m.attempt(p)
	wantCode(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.FinishAttempt(ctx, nobody) }), core.CodeConflict)
	// Inserted and finished in one transaction.
	both := m.attempt(p)
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		return firstError(tx.InsertAttempt(ctx, both), tx.FinishAttempt(ctx, both))
	}))
}

func TestAccountUpdateIsGuarded(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	read := func() (a core.ProviderAccount) {
		must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) (err error) {
			a, err = tx.Account(ctx, m.account)
			return err
		}))
		return a
	}
	first, second := read(), read()
	first.KeyVersion, second.KeyVersion = 1, 2
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.UpdateAccount(ctx, first) }))
	wantCode(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error { return tx.UpdateAccount(ctx, second) }), core.CodeConflict)
	if got := read(); got.KeyVersion != 1 || !got.UpdatedAt.After(first.UpdatedAt) {
		t.Errorf("account after the lost race: %+v", got)
	}
}
