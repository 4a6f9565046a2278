package service

import (
	"context"
	"slices"

	"github.com/zhanggui-pay/zhanggui/core"
)

// PaymentMethods lists what the tenant's live accounts offer, the default ones first.
func (s *Service) PaymentMethods(ctx context.Context) (core.PaymentMethods, error) {
	_, tenant, err := s.allow(ctx, "payments", "create")
	if err != nil {
		return core.PaymentMethods{}, err
	}
	accounts, _, err := s.payableAccounts(ctx, tenant, core.ID{}, core.ID{})
	if err != nil {
		return core.PaymentMethods{}, err
	}
	slices.SortStableFunc(accounts, func(a, b core.ProviderAccount) int { return rankDefault(a) - rankDefault(b) })
	var out core.PaymentMethods
	for _, a := range accounts {
		m, err := s.Providers.Manifest(a.Provider)
		if err != nil {
			if !slices.Contains(out.Unavailable, a.Provider) {
				out.Unavailable = append(out.Unavailable, a.Provider)
			}
			continue
		}
		out.Offers = append(out.Offers, offersOf(a, m)...)
	}
	return out, nil
}

// offersOf are the methods of one account, each once: routing takes the first product that has it.
func offersOf(a core.ProviderAccount, m core.Manifest) (offers []core.PaymentOffer) {
	for _, p := range m.Products {
		for _, spec := range p.Methods {
			if slices.ContainsFunc(offers, func(o core.PaymentOffer) bool { return o.Spec.Method == spec.Method }) {
				continue
			}
			byClose := slices.Contains(m.Cancel.ByClose, spec.Method)
			wanted := core.CapCancelPayment
			if byClose {
				wanted = core.CapClosePayment
			}
			offers = append(offers, core.PaymentOffer{
				AccountID: a.ID, StoreID: a.StoreID, Provider: a.Provider, Spec: spec, Cancelable: slices.Contains(p.Capabilities, wanted),
				Codes: slices.DeleteFunc(slices.Clone(m.PayerCodes), func(c core.PayerCode) bool { return c.Method != spec.Method }),
			})
		}
	}
	return offers
}
