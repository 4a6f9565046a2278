package web

import (
	"context"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

// GetSummary sums a time, by default today in Beijing.
func (o *operations) GetSummary(ctx context.Context, r api.GetSummaryRequestObject) (api.GetSummaryResponseObject, error) {
	from, to := r.Params.From, r.Params.To
	if from.IsZero() {
		last := o.opt.Clock()
		if !to.IsZero() {
			last = to.Add(-1) // midnight ends the day before
		}
		from = core.DayOf(last).Start()
	}
	if to.IsZero() {
		to = from.Add(24 * time.Hour)
	}
	switch {
	case !from.Before(to):
		return nil, core.Errorf(core.CodeInvalidRequest, "from must be before to.").At("from")
	case to.Sub(from) > 366*24*time.Hour:
		return nil, core.Errorf(core.CodeInvalidRequest, "At most 366 days can be summed at once.").At("from")
	}
	v, err := o.opt.Records.Summary(ctx, from, to)
	if err != nil {
		return nil, err
	}
	return api.GetSummary200JSONResponse{
		From: utc(from), To: utc(to), StepSeconds: int64(v.Step / time.Second), Sums: sumsOf(v.Sums), Steps: each(v.Steps, stepOf),
		Previous: api.SummaryPeriod{From: utc(v.PreviousFrom), To: utc(v.PreviousTo), Sums: sumsOf(v.Previous), Steps: each(v.PreviousSteps, stepOf)},
		Parts:    each(v.Parts, partOf),
		Doubt:    api.Doubt{Payments: v.Doubt.Payments, Refunds: v.Doubt.Refunds, Payouts: v.Doubt.Payouts, Since: utc(v.Doubt.Since)},
		Waiting:  each(v.Waiting, waitingFor),
	}, nil
}

func sumsOf(s core.Sums) api.Sums {
	return api.Sums{
		Paid: s.Paid, Refunded: s.Refunded, PaidOut: s.PaidOut, Net: s.Net(), PaidCount: s.PaidCount, RefundedCount: s.RefundedCount,
		PaidOutCount: s.PaidOutCount, FailedCount: s.FailedCount,
	}
}

func stepOf(s core.SummaryStep) api.SummaryStep {
	return api.SummaryStep{From: utc(s.From), Sums: sumsOf(s.Sums)}
}

func partOf(p core.SummaryPart) api.SummaryPart {
	return api.SummaryPart{Provider: p.Provider, Method: string(p.Method), Paid: p.Paid, PaidCount: p.PaidCount, FailedCount: p.FailedCount}
}

func waitingFor(w core.WaitingFor) api.WaitingFor {
	return api.WaitingFor{What: api.WaitingForWhat(w.What), Count: w.Count, Urgent: w.Urgent, Oldest: utc(w.Oldest)}
}
