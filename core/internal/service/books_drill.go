package service

import (
	"context"
	"slices"

	"github.com/zhanggui-pay/zhanggui/core"
)

// drillDown asks about the orders behind sums that disagree, one by one, and keeps the answers
// beside the sums. It says why some could not be asked about.
func (s *Service) drillDown(ctx context.Context, w *dayWork, disagree []SumDisagreement) (unseen *shortfall, err error) {
	for _, source := range w.sources {
		deeper := w.deeper(source, disagree)
		if len(deeper.asked) == 0 {
			continue
		}
		short, err := s.fetchSource(ctx, w, deeper)
		if err != nil {
			return unseen, err
		}
		if unseen == nil {
			unseen = short
		}
	}
	return unseen, nil
}

// deeper is the way to the single orders behind a source's sums that disagree; without any asked
// movement there is none.
func (w *dayWork) deeper(source billSource, disagree []SumDisagreement) billSource {
	i := slices.IndexFunc(w.manifest.Products, func(p core.Product) bool { return p.ID == source.scope })
	can := func(c core.Capability) bool { return i >= 0 && slices.Contains(w.manifest.Products[i].Capabilities, c) }
	source.how, source.asked = core.BillFromQuery, nil
	everyChannel := false
	for _, d := range disagree {
		if d.Scope != source.scope {
			continue
		}
		askable := d.Kind == core.MovementPayment && can(core.CapQueryPayment) ||
			d.Kind == core.MovementRefund && can(core.CapQueryRefund) && w.manifest.Refund.Conclusive ||
			d.Kind == core.MovementPayout && can(core.CapQueryPayout)
		if askable && !slices.Contains(source.asked, d.Kind) {
			source.asked = append(source.asked, d.Kind)
		}
		if source.channels = append(source.channels, d.Method); d.Method == "" {
			everyChannel = true
		}
	}
	if everyChannel {
		source.channels = nil
	}
	return source
}
