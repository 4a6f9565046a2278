package service

import (
	"context"
	"slices"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// billSource is one way to the provider's side of a day: a product that lists its orders, that
// states a bill, or whose orders can be asked about.
type billSource struct {
	scope   string // the product
	how     core.BillSource
	methods []core.Method
	rows    int // of a list's page; 0: the provider's own
	// asked are the movements that are asked about one by one, beside a list or instead of one.
	asked []core.MovementKind
	// channels narrows the payments that are asked about; empty: all.
	channels []string
}

// productInUse is how far back orders make a product one that the account uses.
const productInUse = 31 * 24 * time.Hour

// sourcesOf says how the provider's side of a day is come by, product by product.
func sourcesOf(m core.Manifest) []billSource {
	var out []billSource
	for _, p := range m.Products {
		can := func(c core.Capability) bool { return slices.Contains(p.Capabilities, c) }
		source := billSource{scope: p.ID, how: core.BillFromQuery}
		for _, spec := range p.Methods {
			source.methods = append(source.methods, spec.Method)
		}
		switch {
		case can(core.CapListPayments) && p.List != nil:
			source.how, source.rows = core.BillFromList, p.List.MaxRows
		case can(core.CapFetchBill):
			source.how = core.BillFromTotals
		case can(core.CapQueryPayment) && len(p.Methods) > 0:
			source.asked = append(source.asked, core.MovementPayment)
		}
		if source.how != core.BillFromTotals && can(core.CapQueryRefund) && m.Refund.Conclusive {
			source.asked = append(source.asked, core.MovementRefund)
		}
		if source.how != core.BillFromTotals && can(core.CapQueryPayout) {
			source.asked = append(source.asked, core.MovementPayout)
		}
		if source.how != core.BillFromQuery || len(source.asked) > 0 {
			out = append(out, source)
		}
	}
	return out
}

// sourcesInUse leaves out the lists and bills of products that the account does not use: the
// provider would refuse them. What an account of a single such product uses is plain.
func (s *Service) sourcesInUse(ctx context.Context, w *dayWork) ([]billSource, error) {
	all := sourcesOf(w.manifest)
	fetched := 0
	for _, source := range all {
		if source.how != core.BillFromQuery {
			fetched++
		}
	}
	if fetched <= 1 && len(all) <= 1 {
		return all, nil
	}
	var used []billSource
	err := s.inTenant(ctx, w, func(tx core.TenantTx) error {
		used = nil
		for _, source := range all {
			if source.how != core.BillFromQuery {
				has, err := tx.HasOrders(ctx, w.account.ID, source.methods, w.day.Day.End().Add(-productInUse), w.day.Day.End())
				if err != nil {
					return err
				}
				if !has {
					continue
				}
			}
			used = append(used, source)
		}
		return nil
	})
	return used, err
}

// kinds are the movements that a bill of the source shows all of.
func (b billSource) kinds() []core.MovementKind {
	out := slices.Clone(b.asked)
	if b.how == core.BillFromList {
		out = append(out, core.MovementPayment)
	}
	return out
}
