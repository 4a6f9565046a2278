package main

import (
	"cmp"
	"context"
	"strconv"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/mmsp/internal/wire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// The ways of writing a list's days. The table says string(14) and YYYYMMDDHH, and its example
// has 8 digits (trap Q25).
const (
	listDay    = "day"
	listHour   = "hour"
	listSecond = "second"
)

// ListPayments pages through the payments that succeeded (quick 5.9, gateway 5.4). The two
// products have the same tables, and commands and addresses of their own.
func (p provider) ListPayments(ctx context.Context, call *sdk.Call, req sdk.ListRequest) (sdk.ListResult, error) {
	set, err := settingsOf(call)
	if err != nil {
		return sdk.ListResult{}, err
	}
	switch req.Product {
	case productQuick:
		return listPayments(ctx, call, set, md5Account(call, set.QuickPath), wire.QuickList, req, quickOrderResult)
	case productGateway:
		return listPayments(ctx, call, set, md5Account(call, set.GatewayPath), wire.GatewayList, req, gatewayResult)
	default:
		return sdk.ListResult{}, invalid("product", "MMSP lists payments of quick and gateway, not of %q.", req.Product)
	}
}

func listPayments(
	ctx context.Context, call *sdk.Call, set settings, account wire.Account, command wire.Command, req sdk.ListRequest,
	read func(wire.Reply, wire.Echo) sdk.PaymentResult,
) (sdk.ListResult, error) {
	fields, page, err := listFields(call, set, req)
	if err != nil {
		return sdk.ListResult{}, err
	}
	reply, err := wire.Exchange(ctx, call, account, command, fields)
	if err != nil {
		text, err := wire.Failure(err)
		return sdk.ListResult{Outcome: sdk.OutcomeUnknown, Provider: text}, err
	}
	return listResult(reply, req, page, read), nil
}

// listFields checks the period and the page, and writes them.
func listFields(call *sdk.Call, set settings, req sdk.ListRequest) (map[string]string, int, error) {
	now := call.Now()
	switch {
	case req.From.IsZero() || !req.To.After(req.From):
		return nil, 0, invalid("from", "Give a period: its beginning lies before its end.")
	case now.Sub(req.From) > listReach:
		return nil, 0, invalid("from", "MMSP lists the payments of the last three months only: begin after %s.", now.Add(-listReach).In(sdk.Beijing()).Format(time.DateOnly))
	case req.Limit < 0 || req.Limit > listRows:
		return nil, 0, invalid("limit", "MMSP gives at most %d rows on a page, not %d.", listRows, req.Limit)
	}
	page, err := strconv.Atoi(cmp.Or(req.Cursor, "1"))
	if err != nil || page < 1 {
		return nil, 0, invalid("cursor", "The cursor %q is none that MMSP's list gave.", req.Cursor)
	}
	layout := map[string]string{listDay: "20060102", listHour: "2006010215", listSecond: "20060102150405"}[set.ListDates]
	// The document does not say whether END_DATE is included. The last moment of the period is
	// sent: the day's rows that are outside it are left out below.
	return map[string]string{
		"START_DATE": req.From.In(sdk.Beijing()).Format(layout),
		"END_DATE":   req.To.Add(-time.Nanosecond).In(sdk.Beijing()).Format(layout),
		"PERPAGE":    strconv.Itoa(cmp.Or(req.Limit, listRows)),
		"PAGE":       strconv.Itoa(page),
	}, page, nil
}

// listResult reads a page. STATUS 0 says that there are no rows or that the list failed, and
// nothing of any payment (trap Q13).
func listResult(r wire.Reply, req sdk.ListRequest, page int, read func(wire.Reply, wire.Echo) sdk.PaymentResult) sdk.ListResult {
	out := sdk.ListResult{Provider: r.Text()}
	outcome, ok := r.Taken(wire.Asks)
	switch status := r.Status(); {
	case !ok && outcome == sdk.OutcomeNotFound, ok && status == "0":
		out.Outcome = sdk.OutcomeSucceeded // an empty page
		return out
	case !ok:
		out.Outcome = outcome
		return out
	case status == "2" || status == "3":
		out.Outcome = sdk.OutcomeRefused
		return out
	case status != "1":
		out.Outcome = sdk.OutcomeUnknown
		return out
	}
	rows, err := r.Body.Rows("BIZ_CONTENT")
	pages, errPages := strconv.Atoi(r.Body.Text("TOTAL_PAGE"))
	if err != nil || errPages != nil || r.Body.Text("PAGE") != strconv.Itoa(page) || len(rows) > listRows {
		out.Outcome = sdk.OutcomeUnknown
		return out
	}
	out.Outcome = sdk.OutcomeSucceeded
	for _, row := range rows {
		if result, ok := listedPayment(r.Row(row), req, read); ok {
			out.Payments = append(out.Payments, result)
		}
	}
	if page < pages && len(rows) > 0 {
		out.Next = strconv.Itoa(page + 1)
	}
	return out
}

// listedPayment reads a row as a single query's reply; only the period's rows are wanted.
func listedPayment(row wire.Reply, req sdk.ListRequest, read func(wire.Reply, wire.Echo) sdk.PaymentResult) (sdk.PaymentResult, bool) {
	amount, ok := row.Amount()
	if !ok || row.OrderNo() == "" {
		return sdk.PaymentResult{}, false
	}
	result := read(row, wire.Echo{OrderNo: row.OrderNo(), Amount: amount})
	if at := result.PaidAt; !at.IsZero() && (at.Before(req.From) || !at.Before(req.To)) {
		return sdk.PaymentResult{}, false
	}
	return result, true
}
