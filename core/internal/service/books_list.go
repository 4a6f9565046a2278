package service

import (
	"context"
	"strings"

	"github.com/zhanggui-pay/zhanggui/core"
)

// How far a bill that is read page by page is, as its cursor says: not begun, after a page, or
// through.
const (
	cursorNext = "next:"
	cursorEnd  = "end"
)

// mostPages ends a list that its provider never ends.
const mostPages = 100_000

// billPage is one page of a list or bill.
type billPage struct {
	outcome  core.Outcome
	lines    []core.StoredLine
	totals   []core.MovementTotal
	next     string
	provided core.ProviderText
}

// askFor makes one call about a day, with its attempt as of every call. short is why there is no page.
func (s *Service) askFor(ctx context.Context, w *dayWork, operation core.Capability, call func(context.Context, core.ProviderCall) (billPage, core.Exchange, error)) (page billPage, short *shortfall, err error) {
	id, err := core.IdentityFrom(ctx)
	if err != nil {
		return page, nil, err
	}
	number, err := s.Database.NextOrderNo(ctx, s.Clock())
	if err != nil {
		return page, nil, err
	}
	about := s.accountCall(ctx, id, w.account, operation, number)
	attempt := core.Attempt{
		TenantID: w.day.TenantID, ID: about.AttemptID, AccountID: w.account.ID, Operation: operation, Sent: core.SentMaybe, StartedAt: s.Clock(),
	}
	if err := s.inTenant(ctx, w, func(tx core.TenantTx) error { return tx.InsertAttempt(ctx, attempt) }); err != nil {
		return page, nil, err
	}
	callCtx, stop := context.WithTimeout(ctx, s.CallTimeout)
	defer stop()
	page, exchange, notAsked := call(callCtx, about)
	if notAsked != nil {
		page.outcome = core.OutcomeUnknown
		page.provided = core.ProviderText{Code: string(core.CodeOf(notAsked)), Message: publicMessage(notAsked)}
	}
	attempt = s.finished(attempt, page.outcome, page.provided, exchange)
	if err := s.inTenant(ctx, w, func(tx core.TenantTx) error { return tx.FinishAttempt(ctx, attempt) }); err != nil {
		return page, nil, err
	}
	if notAsked != nil {
		return page, notAskedFor(notAsked), nil
	}
	return page, page.short(attempt.Sent), nil
}

// notAskedFor says why a provider could not be asked.
func notAskedFor(err error) *shortfall {
	reason := reasonUnavailable
	if code := core.CodeOf(err); code == core.CodeInvalidRequest || code == core.CodeNotSupported {
		reason = reasonRefused // the plugin knows that the provider would
	}
	return &shortfall{reason: reason, provided: core.ProviderText{Code: string(core.CodeOf(err)), Message: publicMessage(err)}}
}

func (p billPage) short(sent core.Sent) *shortfall {
	switch p.outcome {
	case core.OutcomeSucceeded:
		return nil
	case core.OutcomeInProgress, core.OutcomeNotFound:
		return &shortfall{reason: reasonNotReady, provided: p.provided}
	case core.OutcomeRefused, core.OutcomeFailed, core.OutcomeCanceled, core.OutcomeClosed:
		return &shortfall{reason: reasonRefused, provided: p.provided}
	case core.OutcomeUnknown:
	}
	if sent == core.SentNo {
		return &shortfall{reason: reasonUnavailable, provided: p.provided}
	}
	return &shortfall{reason: reasonNoAnswer, provided: p.provided}
}

// fetchList reads a product's list of the day to its end, and asks about the movements that it
// does not show. The cursor is kept after every page: what was read is not asked for again.
func (s *Service) fetchList(ctx context.Context, w *dayWork, source billSource) (*shortfall, error) {
	b, err := s.openBill(ctx, w, source, core.BillFromList)
	if err != nil {
		return nil, err
	}
	b, short, err := s.readPages(ctx, w, b, func(cursor string) (billPage, *shortfall, error) {
		return s.askFor(ctx, w, core.CapListPayments, func(ctx context.Context, call core.ProviderCall) (billPage, core.Exchange, error) {
			r, err := s.Providers.ListPayments(ctx, call, core.ListRequest{
				Product: source.scope, From: w.day.Day.Start(), To: w.day.Day.End(), Limit: source.rows, Cursor: cursor,
			})
			page := billPage{outcome: r.Outcome, next: r.Next, provided: r.Provider}
			for _, p := range r.Payments {
				page.lines = append(page.lines, listedLine(p))
			}
			return page, r.Exchange, err
		})
	})
	if short != nil || err != nil {
		return short, err
	}
	if b, short, err = s.sweep(ctx, w, source, b); short != nil || err != nil {
		return short, err
	}
	return nil, s.finishBill(ctx, b, nil)
}

// readPages appends page after page to a bill.
func (s *Service) readPages(ctx context.Context, w *dayWork, b core.Bill, read func(cursor string) (billPage, *shortfall, error)) (core.Bill, *shortfall, error) {
	for pages := 0; b.Cursor != cursorEnd; pages++ {
		if err := ctx.Err(); err != nil {
			return b, nil, err
		}
		cursor := strings.TrimPrefix(b.Cursor, cursorNext)
		page, short, err := read(cursor)
		if short != nil || err != nil {
			return b, short, err
		}
		if page.next != "" && (page.next == cursor || pages >= mostPages) {
			return b, &shortfall{reason: reasonNoAnswer, provided: core.ProviderText{Message: "The list does not end."}}, nil
		}
		fresh, err := s.notListed(ctx, w, b, page.lines)
		if err != nil {
			return b, nil, err
		}
		if b.Cursor = cursorNext + page.next; page.next == "" {
			b.Cursor = cursorEnd
		}
		if b, err = s.addLines(ctx, b, fresh); err != nil {
			return b, nil, err
		}
	}
	return b, nil, nil
}

// notListed drops lines that stand on the bill already, every word alike: a list whose rows move while
// it is paged through repeats some. A line that differs in anything is kept.
func (s *Service) notListed(ctx context.Context, w *dayWork, b core.Bill, lines []core.StoredLine) ([]core.StoredLine, error) {
	seen := make(map[core.StoredLine]bool, len(lines))
	if b.Lines > 0 {
		numbers := make([]string, 0, len(lines))
		for _, l := range lines {
			if l.Number != "" {
				numbers = append(numbers, l.Number)
			}
		}
		err := s.inTenant(ctx, w, func(tx core.TenantTx) error {
			known, err := tx.LinesByNumber(ctx, []core.ID{b.ID}, numbers)
			for _, l := range known {
				seen[sameLine(l.StoredLine)] = true
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	fresh := make([]core.StoredLine, 0, len(lines))
	for _, l := range lines {
		if key := sameLine(l); !seen[key] {
			seen[key] = true
			fresh = append(fresh, l)
		}
	}
	return fresh, nil
}

// sameLine is what two lines have in common that say the same.
func sameLine(l core.StoredLine) core.StoredLine {
	l.N, l.At = 0, l.At.UTC().Truncate(1000)
	return l
}

func listedLine(p core.PaymentResult) core.StoredLine {
	return core.StoredLine{
		Kind: core.MovementPayment, Number: p.OrderNo, ProviderNumber: p.ProviderOrderNo, Outcome: p.Outcome, Amount: p.Amount, At: p.PaidAt,
		Method: p.Channel, Status: p.Provider.Code,
	}
}

// fetchStated asks for the provider's own bill of the day: its lines where it has them, its sums otherwise.
func (s *Service) fetchStated(ctx context.Context, w *dayWork, source billSource) (*shortfall, error) {
	read := func(cursor string) (billPage, *shortfall, error) {
		return s.askFor(ctx, w, core.CapFetchBill, func(ctx context.Context, call core.ProviderCall) (billPage, core.Exchange, error) {
			r, err := s.Providers.FetchBill(ctx, call, core.BillRequest{Day: w.day.Day.Start(), Cursor: cursor})
			return statedPage(r), r.Exchange, err
		})
	}
	for _, b := range w.bills {
		if b.State == core.BillReading && b.Scope == source.scope && b.Source == core.BillFromList {
			return s.fetchStatedLines(ctx, w, source, read)
		}
	}
	var totals []core.MovementTotal
	for cursor, pages := "", 0; ; pages++ {
		page, short, err := read(cursor)
		if short != nil || err != nil {
			return short, err
		}
		if len(page.lines) > 0 {
			return s.fetchStatedLines(ctx, w, source, read)
		}
		totals = append(totals, page.totals...)
		if page.next == "" {
			break
		}
		if page.next == cursor || pages >= mostPages {
			return &shortfall{reason: reasonNoAnswer, provided: core.ProviderText{Message: "The bill does not end."}}, nil
		}
		cursor = page.next
	}
	b, err := s.openBill(ctx, w, source, core.BillFromTotals)
	if err != nil {
		return nil, err
	}
	if b.Kinds == nil {
		b.Kinds = []core.MovementKind{core.MovementPayment, core.MovementReversal, core.MovementRefund}
	}
	return nil, s.finishBill(ctx, b, summed(totals))
}

// fetchStatedLines reads a bill that has lines, from its first page or from where it was left.
func (s *Service) fetchStatedLines(ctx context.Context, w *dayWork, source billSource, read func(string) (billPage, *shortfall, error)) (*shortfall, error) {
	b, err := s.openBill(ctx, w, source, core.BillFromList)
	if err != nil {
		return nil, err
	}
	b, short, err := s.readPages(ctx, w, b, read)
	if short != nil || err != nil {
		return short, err
	}
	return nil, s.finishBill(ctx, b, nil)
}

func statedPage(r core.BillResult) billPage {
	page := billPage{outcome: r.Outcome, next: r.Next, provided: r.Provider}
	for _, t := range r.Totals {
		m := core.MovementTotal{Kind: core.MovementKind(t.Kind), Method: t.Method, Count: t.Count, Amount: t.Amount.Minor}
		page.totals = append(page.totals, m)
	}
	for _, l := range r.Lines {
		line := core.StoredLine{
			Kind: core.MovementKind(l.Kind), Number: l.OrderNo, ProviderNumber: l.ProviderOrderNo, Outcome: core.OutcomeSucceeded, Amount: l.Amount,
			Fee: l.Fee, At: l.At, Status: l.Status,
		}
		if line.Kind == core.MovementRefund && l.RefundNo != "" {
			line.Number = l.RefundNo
		}
		page.lines = append(page.lines, line)
	}
	if unknown := page.unknownKind(); unknown != "" && page.outcome == core.OutcomeSucceeded {
		page.outcome = core.OutcomeUnknown
		page.provided.Message = "The bill names a kind of movement that is none: " + unknown
	}
	return page
}

// unknownKind is a kind on the page that is none of ours, or empty.
func (p billPage) unknownKind() string {
	known := map[core.MovementKind]bool{
		core.MovementPayment: true, core.MovementReversal: true, core.MovementRefund: true, core.MovementPayout: true,
	}
	for _, l := range p.lines {
		if !known[l.Kind] {
			return string(l.Kind)
		}
	}
	known[core.MovementFee] = true
	for _, t := range p.totals {
		if !known[t.Kind] {
			return string(t.Kind)
		}
	}
	return ""
}

// summed adds up what several pages or rows state of a kind and method.
func summed(list []core.MovementTotal) []core.MovementTotal {
	var out []core.MovementTotal
	at := map[[2]string]int{}
	for _, t := range list {
		key := [2]string{string(t.Kind), t.Method}
		i, known := at[key]
		if !known {
			i = len(out)
			at[key] = i
			out = append(out, core.MovementTotal{Kind: t.Kind, Method: t.Method})
		}
		out[i].Count += t.Count
		out[i].Amount += t.Amount
		out[i].Fee += t.Fee
	}
	return out
}
