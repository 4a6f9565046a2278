package main

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/wechatpay/internal/wire"
)

// The kinds of bills.
const (
	billAll     = "ALL"
	billSuccess = "SUCCESS"
	billRefund  = "REFUND"
)

// pageLines is how many lines of a bill make a page: well below the 4 MiB of a message.
const pageLines = 2000

// maxAsks is how often an address may expire before its bill is read; each is good for
// minutes, and the host may come back hours later.
const maxAsks = 20

// billStep is where the reading of a bill stands, as the host keeps it between pages.
// Without an address one is asked for next.
type billStep struct {
	line int // the first line of the page
	asks int
	wire.BillAddress
}

func (s billStep) cursor() string {
	return url.Values{"line": {strconv.Itoa(s.line)}, "asks": {strconv.Itoa(s.asks)}, "hash": {s.Hash}, "query": {s.Query}}.Encode()
}

func stepOf(cursor string) (billStep, error) {
	if cursor == "" {
		return billStep{}, nil
	}
	v, err := url.ParseQuery(cursor)
	line, lineErr := strconv.Atoi(v.Get("line"))
	asks, asksErr := strconv.Atoi(v.Get("asks"))
	if err != nil || lineErr != nil || asksErr != nil || line < 0 || asks < 0 {
		return billStep{}, invalid("cursor", "The cursor is none of this provider's.")
	}
	return billStep{line: line, asks: asks, BillAddress: wire.BillAddress{Hash: v.Get("hash"), Query: v.Get("query")}}, nil
}

// FetchBill reads a day's bill: a page asks for its address, the next ones fetch the file and
// give their part of its lines. An address that has expired is asked for again.
func (p provider) FetchBill(ctx context.Context, call *sdk.Call, req sdk.BillRequest) (sdk.BillResult, error) {
	a, err := p.accountOf(call)
	if err != nil {
		return sdk.BillResult{}, err
	}
	if err := checkBill(call.Now(), req); err != nil {
		return sdk.BillResult{}, err
	}
	step, err := stepOf(req.Cursor)
	if err != nil {
		return sdk.BillResult{}, err
	}
	if step.Query == "" {
		return a.askForBill(ctx, req, step)
	}
	return a.billPage(ctx, req, step)
}

// askForBill asks where the day's bill is (申请交易账单).
func (a account) askForBill(ctx context.Context, req sdk.BillRequest, step billStep) (sdk.BillResult, error) {
	query := url.Values{"bill_date": {dateOf(req.Day)}, "bill_type": {kindOf(req)}, "tar_type": {"GZIP"}}
	reply, err := a.client.Get(ctx, pathBill, query)
	switch {
	case err != nil:
		return noBill(err)
	case reply.Is(http.StatusBadRequest, "NO_STATEMENT_EXIST"): // nothing happened on that day, or the bill is not made yet
		return sdk.BillResult{Outcome: sdk.OutcomeNotFound, Provider: reply.Text}, nil
	case reply.Refusal():
		return sdk.BillResult{Outcome: sdk.OutcomeRefused, Provider: reply.Text}, nil
	case reply.Status != http.StatusOK:
		return sdk.BillResult{Outcome: sdk.OutcomeUnknown, Provider: reply.Text}, nil
	}
	address, err := reply.BillAddress(pathBillFile)
	if err != nil {
		return noBill(err)
	}
	if step.asks++; step.asks > maxAsks || step.line > 0 && address.Hash != step.Hash {
		return sdk.BillResult{Outcome: sdk.OutcomeUnknown, Provider: sdk.ProviderText{Message: "The bill has changed while it was read; read it again from its beginning."}}, nil
	}
	step.BillAddress = address
	return sdk.BillResult{Outcome: sdk.OutcomeSucceeded, Next: step.cursor()}, nil
}

// billPage fetches the file and takes a page out of it.
func (a account) billPage(ctx context.Context, req sdk.BillRequest, step billStep) (sdk.BillResult, error) {
	var lines []sdk.BillLine
	n, strange := 0, ""
	err := a.client.BillFile(ctx, pathBillFile, step.BillAddress, func(row wire.Row) {
		line, happened, ok := billLine(row)
		if !ok || line.Kind == totalPayment && dateOf(row.At) != dateOf(req.Day) {
			strange = "The bill has a line that is not documented, or another day's: " + row.OrderNo
		}
		if n++; happened && n > step.line && n <= step.line+pageLines {
			lines = append(lines, line)
		}
	})
	switch {
	case errors.Is(err, wire.ErrExpired):
		step.Query = ""
		return sdk.BillResult{Outcome: sdk.OutcomeSucceeded, Next: step.cursor()}, nil
	case err != nil:
		return noBill(err)
	case strange != "":
		return sdk.BillResult{Outcome: sdk.OutcomeUnknown, Provider: sdk.ProviderText{Message: strange}}, nil
	}
	result := sdk.BillResult{Outcome: sdk.OutcomeSucceeded, Lines: lines}
	if step.line += pageLines; step.line < n {
		result.Next = step.cursor()
	}
	return result, nil
}

// The kinds of lines (sdk.BillLine).
const (
	totalPayment  = "payment"
	totalReversal = "reversal"
	totalRefund   = "refund"
)

// billLine is a row as a line, whether it happened, and whether it is documented. A refund
// stands on the bill of the day it was taken, with its state when the bill was made: one
// that failed did not happen, one under way stands on no later bill.
func billLine(row wire.Row) (line sdk.BillLine, happened, ok bool) {
	line = sdk.BillLine{
		Kind: totalPayment, OrderNo: row.OrderNo, ProviderOrderNo: row.Number, Amount: sdk.Fen(row.Total), Fee: sdk.Fen(max(row.Fee, -row.Fee)),
		At: row.At, Status: row.State,
	}
	switch row.State {
	case "SUCCESS":
		return line, true, true
	case "REFUND":
		line.Kind, line.RefundNo, line.Amount, line.Status = totalRefund, row.RefundNo, sdk.Fen(row.Refund), row.RefundState
	case "REVOKED":
		line.Kind, line.RefundNo, line.Amount, line.Status = totalReversal, row.RefundNo, sdk.Fen(row.Refund), row.RefundState
	default:
		return line, false, false
	}
	known := slices.Contains([]string{"SUCCESS", "PROCESSING", "FAIL", "CHANGE"}, row.RefundState)
	return line, known && row.RefundState != "FAIL", known
}

func checkBill(now time.Time, req sdk.BillRequest) error {
	switch {
	case req.Day.IsZero():
		return invalid("day", "Choose the day of the bill.")
	case dateOf(req.Day) >= dateOf(now):
		return invalid("day", "The day %s is not over in Beijing; choose an earlier one.", dateOf(req.Day))
	case !slices.Contains([]string{billAll, billSuccess, billRefund}, kindOf(req)):
		return invalid("kind", "WeChat Pay has bills of the kinds %s, %s and %s.", billAll, billSuccess, billRefund)
	}
	return nil
}

func kindOf(req sdk.BillRequest) string {
	if req.Kind == "" {
		return billAll
	}
	return req.Kind
}

func dateOf(t time.Time) string { return t.In(sdk.Beijing()).Format(time.DateOnly) }

// noBill is noPayment for a bill.
func noBill(err error) (sdk.BillResult, error) {
	missing, err := wire.Failure(err)
	return sdk.BillResult{Outcome: sdk.OutcomeUnknown, Provider: missing.Text}, err
}
