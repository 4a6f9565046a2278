package service

import (
	"github.com/zhanggui-pay/zhanggui/core"
)

// askable says that the provider has a question about the order that the difference is about.
func (s *Service) askable(d core.DifferenceDetail) bool {
	if d.Difference.ObjectID.IsZero() || !d.Difference.State.Waits() {
		return false
	}
	m, err := s.Providers.Manifest(d.Account.Provider)
	switch {
	case err != nil:
		return false
	case d.Payout != nil:
		return payoutSpecOf(m) != nil && !d.Payout.SentAt.IsZero()
	case d.Refund != nil:
		return offers(m, d.Payment.Method, core.CapQueryRefund) && d.Refund.WasSent()
	case d.Payment != nil:
		return offers(m, d.Payment.Method, core.CapQueryPayment)
	}
	return false
}
