package mmsp

import (
	"sort"
	"strconv"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
)

// batch answers the batch query of a product (quick 5.9, gateway 5.4): its paid orders of the last three months, by the
// time of payment, in pages. A batch without an order has STATUS 0, which says nothing about any payment.
func (s *Simulator) batch(row func(*Order) batchRow) func(*request) answer {
	return func(req *request) answer {
		perPage, page := number(req.text("PERPAGE")), number(req.text("PAGE"))
		b := body{
			"BIZ_CONTENT": []batchRow{}, "PERPAGE": req.text("PERPAGE"), "PAGE": req.text("PAGE"),
			"TOTAL_NUM": "0", "TOTAL_PAGE": "0",
		}
		if d := req.decision; d.Is(faults.Fail) {
			b["STATUS"] = "2"
			return done(withError(b, or(d.Rule.Code, codePayFailed), or(d.Rule.Message, "查询失败")))
		}
		begin, end, problem := s.period(req)
		if problem != nil {
			s.violateRequest(req, *problem)
			b["STATUS"] = "2"
			return done(withError(b, codeHorizon, problem.Message))
		}
		found := s.misread(req, s.paidBetween(req, begin, end))
		b["TOTAL_NUM"], b["TOTAL_PAGE"] = strconv.Itoa(len(found)), strconv.Itoa((len(found)+perPage-1)/perPage)
		if (page-1)*perPage >= len(found) {
			b["STATUS"] = "0"
			return done(withError(b, codeNoData, "未找到数据"))
		}
		found = found[(page-1)*perPage:]
		found = found[:min(perPage, len(found))]
		rows := make([]batchRow, len(found))
		for i := range found {
			rows[i] = row(&found[i])
		}
		b["STATUS"], b["BIZ_CONTENT"] = "1", s.content(req, rows)
		return done(b)
	}
}

// content is BIZ_CONTENT: an array, or for a single row of the gateway an object, as its sample has it (gateway 5.4.3).
func (s *Simulator) content(req *request, rows []batchRow) any {
	if req.op.product == ProductGateway && s.opts.Gateway.SingleObject && len(rows) == 1 {
		return rows[0]
	}
	return rows
}

// period reads the two dates: whole days in China, or whole hours where the hour is given. Only the last three months
// can be asked for.
func (s *Simulator) period(req *request) (begin, end time.Time, problem *frame.Problem) {
	begin, _ = day(req.text("START_DATE"))
	last, length := day(req.text("END_DATE"))
	end = last.Add(length)
	today := s.now().In(shanghai())
	horizon := time.Date(today.Year(), today.Month(), today.Day(), 0, 0, 0, 0, shanghai()).AddDate(0, -batchHorizonMonths, 0)
	switch {
	case !begin.Before(end):
		return begin, end, &frame.Problem{Field: "END_DATE", Rule: frame.RuleTogether, Message: "END_DATE不可以早于START_DATE"}
	case begin.Before(horizon):
		return begin, end, &frame.Problem{Field: "START_DATE", Rule: frame.RuleValue, Message: "只能查询3个月之内的数据"}
	}
	return begin, end, nil
}

// day reads a date that passed its check, and how long it lasts.
func day(text string) (time.Time, time.Duration) {
	layout, length := "20060102", 24*time.Hour
	if len(text) == 10 {
		layout, length = "2006010215", time.Hour
	}
	at, err := time.ParseInLocation(layout, text, shanghai())
	if err != nil {
		return time.Time{}, 0
	}
	return at, length
}

// paidBetween lists the merchant's paid orders of the request's product.
func (s *Simulator) paidBetween(req *request, begin, end time.Time) []Order {
	var found []Order
	for _, o := range s.book.all() {
		if o.key.merNo != req.merchant.MerNo {
			continue
		}
		one := o.snapshot()
		if one.Product == req.op.product && one.State == StatePaid && !one.PaidAt.Before(begin) && one.PaidAt.Before(end) {
			found = append(found, one)
		}
	}
	sort.SliceStable(found, func(i, j int) bool { return found[i].PaidAt.Before(found[j].PaidAt) })
	return found
}

// batchRow is a row of BIZ_CONTENT in the order of its table, which is not the alphabet's: what is nested is signed in
// its own order.
type batchRow struct {
	Status     string `json:"STATUS"`
	ListID     string `json:"LIST_ID"`
	Number     string `json:"MERORDERID"`
	PayDate    string `json:"PAY_DATE"`
	NotifyDate string `json:"NOTIFY_DATE"`
	Card       string `json:"CARDNO"`
	Amount     string `json:"AMT"`
	CardType   string `json:"CARDTYPE"`
	BindID     string `json:"BIND_ID"`
}

func newBatchRow(o *Order) batchRow {
	return batchRow{
		Status: quickStatus(o), ListID: o.OrderNo, Number: o.Number, Amount: fen(o.Amount), CardType: debit,
		PayDate: wireTime(o.PaidAt), NotifyDate: wireTime(o.PaidAt),
	}
}

// quickRow is a row of the quick product's batch (5.9.3).
func quickRow(o *Order) batchRow {
	row := newBatchRow(o)
	if q := o.Quick; q != nil {
		row.Card, row.CardType, row.BindID = q.Card, or(q.CardType, debit), q.BindID
	}
	return row
}

// number reads digits that passed their check.
func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return n
}
