package service

import (
	"context"
	"strings"

	"github.com/zhanggui-pay/zhanggui/core"
)

// searchPage bounds a search: a number is on a few things at most.
const searchPage = 20

// Search finds what a number belongs to: ours, the tenant's, the provider's, the channel's,
// or a prefixed id.
func (s *Service) Search(ctx context.Context, number string) (out core.SearchResult, err error) {
	id, tenant, err := s.allowAnywhere(ctx, "search", "read")
	if err != nil {
		return out, err
	}
	number = strings.TrimSpace(number)
	if err := checkText("number", number, 1, 64); err != nil {
		return out, err
	}
	for prefix, look := range s.searches() {
		if object, err := core.ParsePrefixed(prefix, number); err == nil {
			err = look(ctx, object, &out)
			if code := core.CodeOf(err); code == core.CodeNotFound || code == core.CodeForbidden || code == core.CodeTenantRequired {
				return core.SearchResult{}, nil // what may not be seen is not there
			}
			return out, err
		}
	}
	page := core.Page{Limit: searchPage}
	// A payout and a difference belong to no store, and not everybody who searches may see one.
	may := func(object string) bool {
		return id.StoreIDs == nil && s.Authorizer.Authorize(ctx, id, core.Permission{Object: object, Action: "read"}) == nil
	}
	payouts, books := may("payouts"), may("reconciliation")
	err = s.read(ctx, tenant, func(tx reader) error {
		if out.Payments, err = tx.Payments(ctx, core.PaymentFilter{AnyNumber: number, StoreIDs: id.StoreIDs, Page: page}); err != nil {
			return err
		}
		if out.Refunds, err = tx.Refunds(ctx, core.RefundFilter{AnyNumber: number, StoreIDs: id.StoreIDs, Page: page}); err != nil {
			return err
		}
		if payouts {
			if out.Payouts, err = tx.Payouts(ctx, core.PayoutFilter{AnyNumber: number, Page: page}); err != nil {
				return err
			}
		}
		if !books {
			return nil
		}
		differences, err := tx.Differences(ctx, core.DifferenceFilter{AnyNumber: number, Page: page})
		for _, d := range differences {
			out.Others = append(out.Others, foundDifference(d))
		}
		return err
	})
	return out, err
}

// searches reads one thing each by its id, as who asks may: its use case says whether.
func (s *Service) searches() map[string]func(ctx context.Context, id core.ID, out *core.SearchResult) error {
	other := func(prefix string, read func(ctx context.Context, id core.ID) (tenant core.ID, label string, err error)) func(context.Context, core.ID, *core.SearchResult) error {
		return func(ctx context.Context, id core.ID, out *core.SearchResult) error {
			tenant, label, err := read(ctx, id)
			if err == nil {
				out.Others = []core.FoundRecord{{Kind: prefix, TenantID: tenant, ID: id, Label: label}}
			}
			return err
		}
	}
	return map[string]func(context.Context, core.ID, *core.SearchResult) error{
		core.PrefixPayment: func(ctx context.Context, id core.ID, out *core.SearchResult) error {
			d, err := s.Payment(ctx, id)
			out.Payments = []core.Payment{d.Payment}
			return err
		},
		core.PrefixRefund: func(ctx context.Context, id core.ID, out *core.SearchResult) error {
			d, err := s.Refund(ctx, id)
			out.Refunds = []core.Refund{d.Refund}
			return err
		},
		core.PrefixPayout: func(ctx context.Context, id core.ID, out *core.SearchResult) error {
			d, err := s.Payout(ctx, id)
			out.Payouts = []core.Payout{d.Payout}
			return err
		},
		core.PrefixPayoutBatch: other(core.PrefixPayoutBatch, func(ctx context.Context, id core.ID) (core.ID, string, error) {
			d, err := s.PayoutBatch(ctx, id)
			return d.Batch.TenantID, d.Batch.FileName, err
		}),
		core.PrefixCase: other(core.PrefixCase, func(ctx context.Context, id core.ID) (core.ID, string, error) {
			d, err := s.Case(ctx, id)
			return d.Case.TenantID, "", err
		}),
		core.PrefixApproval: other(core.PrefixApproval, func(ctx context.Context, id core.ID) (core.ID, string, error) {
			a, err := s.Approval(ctx, id)
			return a.TenantID, "", err
		}),
		core.PrefixCallback: other(core.PrefixCallback, func(ctx context.Context, id core.ID) (core.ID, string, error) {
			c, err := s.Callback(ctx, id)
			return c.TenantID, "", err
		}),
		core.PrefixDelivery: other(core.PrefixDelivery, func(ctx context.Context, id core.ID) (core.ID, string, error) {
			d, err := s.Delivery(ctx, id)
			return d.TenantID, d.EventType, err
		}),
		core.PrefixDifference: other(core.PrefixDifference, func(ctx context.Context, id core.ID) (core.ID, string, error) {
			d, err := s.Difference(ctx, id)
			found := foundDifference(d.Difference)
			return found.TenantID, found.Label, err
		}),
	}
}

// foundDifference is a difference by the number that people know it by.
func foundDifference(d core.Difference) core.FoundRecord {
	label := d.Number
	if label == "" {
		label = d.ProviderNumber
	}
	return core.FoundRecord{Kind: core.PrefixDifference, TenantID: d.TenantID, ID: d.ID, Label: label}
}
