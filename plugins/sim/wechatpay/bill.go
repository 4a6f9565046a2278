package wechatpay

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Types of bills.
const (
	BillAll     = "ALL"
	BillSuccess = "SUCCESS"
	BillRefund  = "REFUND"
)

// line is one movement in a bill. Amounts are in fen.
type line struct {
	at       time.Time
	order    Order
	refund   *Refund // nil: the payment
	fee      int64   // negative: given back
	state    string  // of the refund, when the bill was made
	finished time.Time
}

// column is a heading and what stands below it.
type column struct {
	title string
	value func(line, Merchant) string
}

// columns are those of a type of bill, in the documented order.
func columns(kind string) []column {
	head := []column{
		{"交易时间", func(l line, _ Merchant) string { return billTime(l.at) }},
		{"公众账号ID", func(l line, _ Merchant) string { return l.order.AppID }},
		{"商户号", func(l line, _ Merchant) string { return l.order.MchID }},
		{"特约商户号", fixed("0")},
		{"设备号", func(l line, _ Merchant) string { return l.order.DeviceID }},
		{"微信订单号", func(l line, _ Merchant) string { return l.order.TransactionID }},
		{"商户订单号", func(l line, _ Merchant) string { return l.order.OutTradeNo }},
		{"用户标识", func(l line, _ Merchant) string { return l.order.OpenID }},
		{"交易类型", func(l line, _ Merchant) string { return l.order.TradeType }},
		{"交易状态", func(l line, _ Merchant) string { return l.ofRefund(BillSuccess, BillRefund) }},
		{"付款银行", fixed("OTHERS")},
		{"货币种类", fixed("CNY")},
		{"应结订单金额", func(l line, _ Merchant) string { return yuan(l.paid(l.order.Total)) }},
		{"代金券金额", func(l line, _ Merchant) string { return yuan(l.paid(l.order.Coupon)) }},
	}
	times := []column{
		{"退款申请时间", func(l line, _ Merchant) string { return billTime(l.at) }},
		{"退款成功时间", func(l line, _ Merchant) string { return billTime(l.finished) }},
	}
	refund := []column{
		{"微信退款单号", func(l line, _ Merchant) string { return l.ofRefund("0", l.back().RefundID) }},
		{"商户退款单号", func(l line, _ Merchant) string { return l.ofRefund("0", l.back().OutRefundNo) }},
		{"退款金额", func(l line, _ Merchant) string { return yuan(l.back().Amount) }},
		{"充值券退款金额", func(l line, _ Merchant) string { return yuan(l.back().Coupon) }},
		{"退款类型", func(l line, _ Merchant) string { return l.ofRefund("", "ORIGINAL") }},
		{"退款状态", func(l line, _ Merchant) string { return l.state }},
	}
	goods := []column{
		{"商品名称", func(l line, _ Merchant) string { return oneLine(l.order.Description) }},
		{"商户数据包", func(l line, _ Merchant) string { return oneLine(l.order.Attach) }},
		{"手续费", func(l line, _ Merchant) string { return feeYuan(l.fee) }},
		{"费率", func(_ line, m Merchant) string { return fmt.Sprintf("%d.%02d%%", m.rate()/100, m.rate()%100) }},
		{"订单金额", func(l line, _ Merchant) string { return yuan(l.paid(l.order.Total)) }},
	}
	asked := []column{{"申请退款金额", func(l line, _ Merchant) string { return yuan(l.back().Amount) }}}
	note := []column{{"费率备注", fixed("")}}
	switch kind {
	case BillSuccess:
		return slices.Concat(head, goods, note)
	case BillRefund:
		return slices.Concat(head, times, refund, goods, asked, note)
	}
	return slices.Concat(head, refund, goods, asked, note)
}

func fixed(text string) func(line, Merchant) string {
	return func(line, Merchant) string { return text }
}

// ofRefund is one of two texts: for a payment, for a refund.
func (l line) ofRefund(payment, refund string) string {
	if l.refund == nil {
		return payment
	}
	return refund
}

// paid is an amount of the payment, 0 in the line of a refund.
func (l line) paid(amount int64) int64 {
	if l.refund != nil {
		return 0
	}
	return amount
}

// back is the refund, an empty one in the line of a payment.
func (l line) back() Refund {
	if l.refund == nil {
		return Refund{}
	}
	return *l.refund
}

// Bill is a day's bill (yyyy-MM-dd, Beijing time) as the merchant would download it.
func (s *Simulator) Bill(mchID, day, kind string) (string, error) {
	merchant, known := s.merchants.find(mchID)
	if !known {
		return "", ErrNoMerchant
	}
	made, err := s.billMade(day)
	if err != nil {
		return "", err
	}
	lines := s.lines(merchant, day, kind, made)
	if len(lines) == 0 {
		return "", errNoLines
	}
	return s.render(merchant, kind, lines, 0), nil
}

var errNoLines = errors.New("the day has no movements")

// billMade is when a day's bill is made: what happens later does not show in it.
func (s *Simulator) billMade(day string) (time.Time, error) {
	begin, err := time.ParseInLocation(time.DateOnly, day, beijing())
	if err != nil {
		return time.Time{}, fmt.Errorf("a day is written yyyy-MM-dd: %w", err)
	}
	return begin.AddDate(0, 0, 1).Add(max(0, s.opts.BillReady)), nil
}

// lines are a day's movements: payments by when they succeeded, refunds by when they were taken.
func (s *Simulator) lines(m Merchant, day, kind string, made time.Time) []line {
	var lines []line
	for _, o := range s.book.all() {
		if o.key.mchID != m.MchID {
			continue
		}
		one := s.snapshot(o)
		if one.Omitted || one.State != StatePaid {
			continue
		}
		if kind != BillRefund && date(one.Paid) == day {
			lines = append(lines, line{at: one.Paid, order: one, fee: m.fee(one.Total)})
		}
		if kind != BillSuccess {
			lines = append(lines, refundLines(m, one, day, made)...)
		}
	}
	slices.SortStableFunc(lines, func(a, b line) int { return a.at.Compare(b.at) })
	return lines
}

// refundLines are an order's refunds of a day. The fee goes back in proportion, to the fen in sum.
func refundLines(m Merchant, o Order, day string, made time.Time) []line {
	var lines []line
	left := o.Total
	for i := range o.Refunds {
		r := o.Refunds[i]
		fee := m.fee(left-r.Amount) - m.fee(left)
		if r.State == RefundClosed {
			fee = 0
		} else {
			left -= r.Amount
		}
		if date(r.Created) != day {
			continue
		}
		l := line{at: r.Created, order: o, refund: &r, fee: fee}
		switch r.stateAt(made) {
		case RefundDone:
			l.state, l.finished = "SUCCESS", r.Finished
		case RefundClosed:
			l.state = "FAIL"
		default:
			l.state = "PROCESSING"
		}
		lines = append(lines, l)
	}
	return lines
}

// render writes the bill. wrong is added to the first payment's amounts, in fen: the sums then disagree with the lines.
func (s *Simulator) render(m Merchant, kind string, lines []line, wrong int64) string {
	var out strings.Builder
	end := "\r\n"
	if s.opts.BillPlain {
		end = "\n"
	} else {
		out.WriteString("\ufeff")
	}
	table := columns(kind)
	titles := make([]string, len(table))
	for i, c := range table {
		titles[i] = c.title
	}
	out.WriteString(strings.Join(titles, ",") + end)
	for _, l := range lines {
		if l.refund == nil {
			l.order.Total += wrong
			wrong = 0
		}
		values := make([]string, len(table))
		for j, c := range table {
			values[j] = c.value(l, m)
		}
		out.WriteString(ticked(values) + end)
	}
	heads, sums := totals(kind, lines)
	out.WriteString(strings.Join(heads, ",") + end + ticked(sums) + end)
	return out.String()
}

// ticked writes fields as all but the headings are: each behind a grave accent, so that Excel takes them for text.
func ticked(values []string) string { return "`" + strings.Join(values, ",`") }

// totals are the last two rows.
func totals(kind string, lines []line) (heads, sums []string) {
	var paid, refunded, coupons, fees int64
	for _, l := range lines {
		paid += l.paid(l.order.Total)
		refunded += l.back().Amount
		coupons += l.back().Coupon
		fees += l.fee
	}
	heads, sums = []string{"总交易单数", "应结订单总金额"}, []string{fmt.Sprint(len(lines)), yuan(paid)}
	if kind != BillSuccess {
		heads, sums = append(heads, "退款总金额", "充值券退款总金额"), append(sums, yuan(refunded), yuan(coupons))
	}
	heads, sums = append(heads, "手续费总金额", "订单总金额"), append(sums, feeYuan(fees), yuan(paid))
	if kind != BillSuccess {
		heads, sums = append(heads, "申请退款总金额"), append(sums, yuan(refunded))
	}
	return heads, sums
}

// yuan writes fen as yuan with two decimals.
func yuan(fen int64) string {
	sign := ""
	if fen < 0 {
		sign, fen = "-", -fen
	}
	return fmt.Sprintf("%s%d.%02d", sign, fen/100, fen%100)
}

// feeYuan is yuan with the five decimals of fees.
func feeYuan(fen int64) string { return yuan(fen) + "000" }

func billTime(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(beijing()).Format(time.DateTime)
}

// oneLine keeps a text from ending the row. Commas stay: fields are told apart by comma and accent.
func oneLine(text string) string { return strings.NewReplacer("\r", " ", "\n", " ").Replace(text) }
