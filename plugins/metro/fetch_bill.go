package main

import (
	"context"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/metro/internal/wire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// The kinds of totals (sdk.BillTotal).
const (
	totalPayment  = "payment"
	totalReversal = "reversal"
	totalRefund   = "refund"
)

// billBody asks for a day's bill (seed 000, 四.8).
type billBody struct {
	Date string `json:"date"` // yyyyMMdd
}

// FetchBill asks for the totals of a day by wallet (seed 000, 四.8). There are no orders on
// a bill (trap M12), and no pages. A wallet that the document does not list keeps its name:
// its money is as real.
func (p provider) FetchBill(ctx context.Context, call *sdk.Call, req sdk.BillRequest) (sdk.BillResult, error) {
	set, err := settingsOf(call)
	if err != nil {
		return sdk.BillResult{}, err
	}
	if err := checkBill(call.Now(), req); err != nil {
		return sdk.BillResult{}, err
	}
	bill, outcome, text, err := p.bill(ctx, call, set, req.Day)
	result := sdk.BillResult{Outcome: outcome, Provider: text}
	for _, row := range bill.Rows {
		for _, t := range []struct {
			kind          string
			count, amount wire.Number
		}{
			{totalPayment, row.Count, row.Amount}, {totalReversal, row.ReverseCount, row.ReverseAmount}, {totalRefund, row.RefundedCount, row.RefundedTotal},
		} {
			result.Totals = append(result.Totals, sdk.BillTotal{Kind: t.kind, Method: row.Type, Count: t.count.Value, Amount: sdk.Fen(t.amount.Value)})
		}
	}
	return result, err
}

// bill asks for one day's bill. There is a bill only with a success.
func (p provider) bill(ctx context.Context, call *sdk.Call, set settings, day time.Time) (wire.Bill, sdk.Outcome, sdk.ProviderText, error) {
	date := dateOf(day)
	reply, err := p.post(ctx, call, set, pathBill, billBody{date})
	if err != nil {
		text, err := wire.Failure(err)
		return wire.Bill{}, sdk.OutcomeUnknown, text, err
	}
	if !reply.OK {
		return wire.Bill{}, sdk.OutcomeRefused, reply.Text, nil
	}
	bill, err := reply.Bill()
	if err != nil {
		text, err := wire.Failure(err)
		return wire.Bill{}, sdk.OutcomeUnknown, text, err
	}
	if bill.Date != date {
		return wire.Bill{}, sdk.OutcomeUnknown, sdk.ProviderText{Message: "The provider answered with another day's bill."}, nil
	}
	return bill, sdk.OutcomeSucceeded, reply.Text, nil
}

func checkBill(now time.Time, req sdk.BillRequest) error {
	switch {
	case req.Day.IsZero():
		return invalid("day", "Choose the day of the bill.")
	case dateOf(req.Day) > dateOf(now):
		return invalid("day", "The day %s has not begun in Beijing; choose an earlier one.", dateOf(req.Day))
	case req.Kind != "":
		return invalid("kind", "Metro has one kind of bill; leave the kind out.")
	case req.Cursor != "":
		return invalid("cursor", "Metro's bill has one page; leave the cursor out.")
	}
	return nil
}

func dateOf(t time.Time) string { return t.In(sdk.Beijing()).Format("20060102") }
