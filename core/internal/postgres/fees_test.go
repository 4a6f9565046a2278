package postgres

import (
	"context"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// TestARateWaitsForAnotherThatIsBeingAdded: what is not committed yet cannot be seen, so the
// second waits for the first, and is refused then.
func TestARateWaitsForAnotherThatIsBeingAdded(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	m := newMerchant(t, db)
	add := func(ctx context.Context, tx core.TenantTx) error {
		return tx.InsertFeeRate(ctx, core.FeeRate{TenantID: m.tenant, ID: core.NewID(noon()), AccountID: m.account, Method: "qr", ValidFrom: noon()})
	}
	second := make(chan error, 1)
	must(t, m.in(t, db, func(ctx context.Context, tx core.TenantTx) error {
		if err := add(ctx, tx); err != nil {
			return err
		}
		go func() { second <- m.in(t, db, add) }()
		select {
		case err := <-second:
			t.Errorf("the second did not wait: %v", err)
			second <- err
		case <-time.After(200 * time.Millisecond): // it waits: as long as this transaction is open, it cannot do else
		}
		return nil
	}))
	wantCode(t, <-second, core.CodeConflict)
}
