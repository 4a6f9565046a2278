package mmsp

import (
	"fmt"
	"html"
	"net/url"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
)

// The operations of the gateway product, as faults, violations and calls name them.
const (
	OpGatewayPay       = "gateway-pay"   // 5.1, a browser's form
	OpGatewayQuery     = "gateway-query" // 5.3
	OpGatewayBatch     = "gateway-batch" // 5.4
	PageGatewayCashier = "gateway-cashier"
)

// The commands of the gateway product (gateway 3.2.1).
const (
	cmdGatewayPay   = 0x0912
	cmdGatewayQuery = 0x0913
	cmdGatewayBatch = 0x030E
	// GatewayNotifyTable is the notification's CommandID in the table; the samples have 35104 (0x8920).
	GatewayNotifyTable = 0x8912
)

// GatewayOptions describe the gateway product.
type GatewayOptions struct {
	// NotifyCommand is the notification's CommandID. Default 35104, the sample's; the table's is 35090.
	NotifyCommand int `json:"notify_command"`
	// SingleObject answers BIZ_CONTENT with a single row as an object instead of an array, as the sample of 5.4.3 does.
	SingleObject bool `json:"single_object"`
	// TestChannels accepts YLBILL-NET-B2C only, as the test environment does. Default: all 20 channels of 8.1.1.
	TestChannels bool `json:"test_channels"`
}

// GatewayOrder is what only an order of the gateway product has.
type GatewayOrder struct {
	Channel string `json:"pay_channel"`
	Remark  string `json:"remark,omitempty"`
}

func (s *Simulator) gatewayOperations() []*operation {
	return []*operation{
		{
			name: OpGatewayPay, command: cmdGatewayPay, fields: gatewayPayFields(s.opts.Gateway), run: s.gatewayPay, form: true,
			kinds: []faults.Kind{FaultPending, FaultFail, FaultUncertain},
		},
		{
			name: OpGatewayQuery, command: cmdGatewayQuery, fields: []frame.Field{orderNumber()}, run: s.gatewayQuery,
			kinds: []faults.Kind{FaultNotExist, FaultWrongAmount, FaultWrongOrder},
		},
		{
			name: OpGatewayBatch, command: cmdGatewayBatch, fields: batchFields(), run: s.batch(gatewayRow),
			kinds: []faults.Kind{FaultFail},
		},
	}
}

func (s *Simulator) gatewayPages() []*page {
	return []*page{{name: PageGatewayCashier, path: "/gateway/cashier", fields: cashierFields(), run: s.cashier(ProductGateway)}}
}

// gatewayPayFields are those of 5.1.2; no RANDSTR.
func gatewayPayFields(opts GatewayOptions) []frame.Field {
	known := channels()
	if opts.TestChannels {
		known = known[:1]
	}
	return []frame.Field{
		orderNumber(), amountField(), addressField("NOTIFY_URL"), addressField("JUMP_URL"),
		{Name: "PAY_CHANNEL", Required: true, MaxBytes: 50, Check: oneOf(known...)},
		{Name: "GOODSNAME", MaxChars: 32},
		{Name: "REMARK", MaxChars: 255},
	}
}

// channels is the list of 8.1.1; the first is the only one of the test environment.
func channels() []string {
	return []string{
		"YLBILL-NET-B2C", "ICBC-NET-B2C", "CMBCHINA-NET-B2C", "ABC-NET-B2C", "CCB-NET-B2C", "BCCB-NET-B2C", "BOCO-NET-B2C",
		"CIB-NET-B2C", "CMBC-NET-B2C", "CEB-NET-B2C", "BOC-NET-B2C", "PINGANBANK-NET-B2C", "ECITIC-NET-B2C", "SDB-NET-B2C",
		"GDB-NET-B2C", "SHB-NET-B2C", "SPDB-NET-B2C", "POST-NET-B2C", "BJRCB-NET-B2C", "HXB-NET-B2C",
	}
}

// gatewayPay answers the payer's browser with the bank's page (5.1). The merchant never sees a reply. A payer who
// reloads the page posts the same form again and gets the page of the same order.
func (s *Simulator) gatewayPay(req *request) answer {
	if again := s.reloaded(req); again != nil {
		return *again
	}
	o, a := s.place(req, Order{
		Gateway: &GatewayOrder{Channel: req.text("PAY_CHANNEL"), Remark: req.text("REMARK")}, Pushes: true,
	})
	if o == nil {
		return a
	}
	defer o.mu.Unlock()
	_, upset := s.upset(o, req.decision, mishap{codePayFailed, "支付失败", "0"})
	if !upset {
		s.save(o, nil)
	}
	return answer{html: bankPage(req, o)}
}

// reloaded answers a form that came before, as long as its order is unpaid and says the same.
func (s *Simulator) reloaded(req *request) *answer {
	o := s.lookup(req, "", req.text("MERORDERID"))
	if o == nil {
		return nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	same := o.Amount == req.fen() && o.NotifyURL == req.text("NOTIFY_URL") && o.JumpURL == req.text("JUMP_URL") &&
		o.GoodsName == req.text("GOODSNAME") && *o.Gateway == GatewayOrder{req.text("PAY_CHANNEL"), req.text("REMARK")}
	if o.State != StateWaiting || !same {
		return nil
	}
	o.PayRequests++
	s.save(o, nil)
	return &answer{html: bankPage(req, o)}
}

// bankPage leads the browser to the bank. What the merchant named stands in it escaped.
func bankPage(req *request, o *order) string {
	return fmt.Sprintf("<!DOCTYPE html><html lang='zh'><meta charset='utf-8'><title>网关支付</title>"+
		"<h1 id='order' data-list-id='%s' data-channel='%s'>%s</h1><a id='bank' href='%s'>前往银行</a></html>",
		o.OrderNo, html.EscapeString(o.Gateway.Channel), html.EscapeString(or(o.GoodsName, o.Number)),
		html.EscapeString(cashierAddress(req, "/gateway/cashier", o.OrderNo)))
}

// gatewayQuery answers an order's state (5.3).
func (s *Simulator) gatewayQuery(req *request) answer {
	o := s.lookup(req, "", req.text("MERORDERID"))
	if o == nil {
		return noOrder()
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	s.observe(o)
	return done(gatewayView(&o.Order, o.shownPaid()))
}

// gatewayView is what query, notification and browser return share (5.2.2, 5.3.3, 5.5.2).
func gatewayView(o *Order, notified time.Time) body {
	b := body{
		"STATUS": quickStatus(o), "LIST_ID": o.OrderNo, "MERORDERID": o.Number, "AMT": fen(o.Amount),
		"PAY_CHANNEL": o.Gateway.Channel, "PAY_DATE": wireTime(o.shownPaid()), "NOTIFY_DATE": wireTime(notified),
	}
	if o.GoodsName != "" {
		b["GOODSNAME"] = o.GoodsName
	}
	if o.Gateway.Remark != "" {
		b["REMARK"] = o.Gateway.Remark
	}
	return explained(b, o)
}

// gatewayNotice is the notification of 5.2; its CommandID is one in the table and another in the sample.
func gatewayNotice(opts Options) notice {
	command := opts.Gateway.NotifyCommand
	if command == 0 {
		command = cmdQuickNotify
	}
	push := func(o *Order, _ int, now time.Time) body { return gatewayView(o, now) }
	return notice{command: command, waits: pushSchedule(), errMsg: true, body: push}
}

// gatewayRow is a row of 5.4.3, which the document copied from quick, card and binding included: a card of the payer's
// that only the bank knows, and no binding.
func gatewayRow(o *Order) batchRow {
	row := newBatchRow(o)
	row.Card = maskedCard("6228480000000001234")
	return row
}

// ReturnURL is where the bank sends the payer's browser with GET after a payment (5.5): JUMP_URL with the result in its
// query, unsigned. It proves nothing.
func (s *Simulator) ReturnURL(merNo, number string) (string, error) {
	o, found := s.Order(merNo, number)
	if !found || o.Product != ProductGateway {
		return "", ErrNoOrder
	}
	return s.returnAddress(&o), nil
}

func (s *Simulator) returnAddress(o *Order) string {
	target, err := url.Parse(o.JumpURL)
	if err != nil {
		return ""
	}
	query := target.Query()
	for name, value := range gatewayView(o, s.now()) {
		query.Set(name, fmt.Sprint(value))
	}
	target.RawQuery = query.Encode()
	return target.String()
}
