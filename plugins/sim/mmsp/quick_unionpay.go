package mmsp

import (
	"fmt"
	"html"
	"net/http"
	"net/url"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
)

// quickUnionPay places an order that the payer pays at an address (5.14), or on a page that leads there (TRADE_MODE 2).
func (s *Simulator) quickUnionPay(req *request) answer {
	if a := s.overBounds(req); a != nil {
		return *a
	}
	o, a := s.place(req, Order{Quick: &QuickOrder{Card: req.text("CARDNO")}, Pushes: true})
	if o == nil {
		return a
	}
	defer o.mu.Unlock()
	status, upset := s.upset(o, req.decision, mishap{codePayFailed, "下单失败", "3"})
	if upset && status != "0" && !req.decision.Is(faults.Pending) {
		return done(withAddress(placed(o, status), "", req))
	}
	s.save(o, nil)
	b := placed(o, status)
	if status == "0" {
		withError(b, codePaying, "用户支付中") // in the sample of a success
	}
	return done(withAddress(b, cashierAddress(req, "/quick/cashier", o.OrderNo), req))
}

// withAddress adds PAY_URL, which is there in both modes, and HTML in the second.
func withAddress(b body, address string, req *request) body {
	b["PAY_URL"] = address
	if req.text("TRADE_MODE") == tradeModeHTML && address != "" {
		b["HTML"] = fmt.Sprintf(`<form id='pay' action='%s' method='GET'><input type='hidden' name='list_id' value='%s'></form>`+
			`<script>document.forms['pay'].submit();</script>`, html.EscapeString(address), b["LIST_ID"])
	}
	return b
}

// cashierAddress is the bank's page for an order, on the host that the caller used.
func cashierAddress(req *request, path, listID string) string {
	scheme := "http"
	if req.http.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + req.http.Host + path + "?list_id=" + url.QueryEscape(listID)
}

func (s *Simulator) quickPages() []*page {
	return []*page{{name: PageQuickCashier, path: "/quick/cashier", fields: cashierFields(), run: s.cashier(ProductQuick)}}
}

// cashierFields are the simulator's own: the document says nothing of the page behind PAY_URL.
func cashierFields() []frame.Field {
	return []frame.Field{
		{Name: "list_id", Required: true, MaxBytes: 32, Check: digitsFormat},
		{Name: "outcome", Check: oneOf(string(faults.Paid), string(faults.Abandoned))},
	}
}

// cashier is the bank's page for the payer: it shows the order with two links, pay and give up, and does what the one
// followed says.
func (s *Simulator) cashier(product string) func(http.ResponseWriter, *visit) {
	return func(w http.ResponseWriter, v *visit) {
		o := s.book.byOrderNo(v.query.Text("list_id"))
		if o == nil || o.snapshot().Product != product {
			http.Error(w, ErrNoOrder.Error(), http.StatusNotFound)
			return
		}
		var err error
		switch faults.Outcome(v.query.Text("outcome")) {
		case faults.Paid:
			err = s.PayOrder(o.key.merNo, o.key.number)
		case faults.Abandoned:
			err = s.AbandonOrder(o.key.merNo, o.key.number)
		default:
			writePage(w, cashierPage(o.snapshot(), v.page.path))
			return
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusConflict)
			return
		}
		s.sendBack(w, v.http, o.snapshot())
	}
}

// sendBack leads the payer to the merchant: without data in quick (5.14.2), with the result in gateway (5.5).
func (s *Simulator) sendBack(w http.ResponseWriter, r *http.Request, o Order) {
	target := o.JumpURL
	if o.Product == ProductGateway {
		target = s.returnAddress(&o)
	}
	if target == "" {
		writePage(w, "<!DOCTYPE html><meta charset='utf-8'><p>完成</p>")
		return
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
}

func cashierPage(o Order, path string) string {
	address := html.EscapeString(path + "?list_id=" + url.QueryEscape(o.OrderNo))
	return fmt.Sprintf("<!DOCTYPE html><html lang='zh'><meta charset='utf-8'><title>收银台</title><h1>%s</h1><p>%d.%02d 元</p>"+
		"<p><a id='pay' href='%s&amp;outcome=paid'>支付</a> <a id='abandon' href='%s&amp;outcome=abandoned'>放弃</a></p></html>",
		html.EscapeString(or(o.GoodsName, o.Number)), o.Amount/100, o.Amount%100, address, address)
}

func writePage(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte(text))
}
