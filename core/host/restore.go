package host

import (
	"context"
	"io"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/internal/postgres"
	"github.com/zhanggui-pay/zhanggui/core/internal/service"
)

// reaskWindow is how long before the backup an order may have ended unpaid and yet be asked
// about again: providers correct themselves within days.
const reaskWindow = 3 * 24 * time.Hour

// AfterRestore makes a restored database fit to serve and says what it did. by is recorded.
// docs/backup.md is its manual.
func AfterRestore(ctx context.Context, cfg Config, by string, out io.Writer) error {
	if err := needDatabase(cfg); err != nil {
		return err
	}
	done, err := postgres.AfterRestore(ctx, cfg.Database.URL, postgres.RestorePlan{
		Now: time.Now(), Window: reaskWindow, AskFirst: service.AskFirst(), Doubt: service.DoubtForPeople, By: by,
	})
	if err != nil {
		return err
	}
	newest := "none"
	if !done.Newest.IsZero() {
		newest = done.Newest.In(core.Beijing()).Format("2006-01-02 15:04:05") + " Beijing time"
	}
	say(out, "Newest record     %s. What happened later is known to the providers only: docs/backup.md says how to find it.", newest)
	say(out, "Order numbers     epoch %s, which no order has; it was %s.", done.NewEpoch, done.OldEpoch)
	say(out, "Asked at once     when a node serves: %d payments, %d refunds, %d payouts that were open, and %d payments that ended unpaid in the last three days.",
		done.Payments, done.Refunds, done.Payouts, done.EndedUnpaid)
	say(out, "Ended             %d sessions, %d one-time links, %d visits of payers, %d leases.", done.Sessions, done.Links, done.Visits, done.Leases)
	say(out, "Kept              %d idempotency keys, %d callback addresses.", done.IdempotencyKeys, done.CallbackAddresses)
	say(out, "Look at           %d API keys, and the users and their roles: what was revoked after the backup is valid again.", done.APIKeys)
	if n := done.UnsentRefunds + done.UnsentPayouts; n > 0 {
		say(out, "Not sent again    %d approved refunds and %d approved payouts that the backup says were not sent yet: they are asked about, because they may have been.",
			done.UnsentRefunds, done.UnsentPayouts)
	}
	if done.Approvals > 0 {
		say(out, "Look at           %d questions to a second person, open for a week at least: they may have been answered, and acted on, since. Ask the provider before agreeing.", done.Approvals)
	}
	return nil
}
