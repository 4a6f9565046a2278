package wechatpay

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/control"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
)

// ControlPrefix is where the routes of Control begin.
const ControlPrefix = "/_control/" + Provider

// Control is the remote control of this simulator, below ControlPrefix; README.md lists its routes.
func (s *Simulator) Control() http.Handler {
	mux := control.Mux(control.Source{
		Provider: Provider, Ledger: &s.ledger, Faults: s.faults, Violations: &s.violations,
		Calls: s.allCalls, Reset: s.Reset, Healthy: s.opts.Journal.Err,
	})
	orders := s.orders()
	const order = "/orders/{out_trade_no}"
	for pattern, handler := range map[string]http.HandlerFunc{
		"GET /orders":  s.controlOrders,
		"POST /orders": s.controlElsewhere,
		"GET " + order: orders.Get,
		"POST " + order + "/pay": orders.Pay(map[faults.Outcome]func(mchID, outTradeNo string) error{
			faults.Paid: s.PayOrder, faults.Abandoned: s.AbandonOrder, "late": s.PayLate, "paying": s.StartPaying,
			"failed": s.ending(StateFailed), "revoked": s.ending(StateRevoked),
		}),
		"POST " + order + "/abandon":                        orders.Change(s.AbandonOrder),
		"POST " + order + "/expire":                         orders.Change(s.ending(StateClosed)),
		"POST " + order + "/omit":                           orders.Change(s.OmitOrder),
		"POST " + order + "/refunds/{out_refund_no}/finish": s.controlFinish,
		"POST " + order + "/notify":                         s.controlNotify,
		"POST " + order + "/forge":                          s.controlForge,
		"POST /pay":                                         controlled(func(body struct{ Link string }) error { return s.PayLink(body.Link) }),
		"POST /invoke":                                      controlled(s.Invoke),
		"GET /bill":                                         s.controlBill,
		"GET /deliveries":                                   s.controlDeliveries,
		"GET /platform":                                     s.controlPlatform,
		"POST /platform/certificates/{step}":                s.controlCertificates,
		"POST /merchants":                                   s.controlMerchants,
		"POST /merchants/{mchid}/mode":                      s.controlMode,
	} {
		method, path, _ := strings.Cut(pattern, " ")
		mux.HandleFunc(method+" "+ControlPrefix+path, handler)
	}
	return mux
}

func (s *Simulator) ending(state string) func(mchID, outTradeNo string) error {
	return func(mchID, outTradeNo string) error { return s.EndOrder(mchID, outTradeNo, state) }
}

// controlled does something with a body and answers {"ok":true}.
func controlled[B any](do func(B) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var body B
		if err := control.Read(r, &body); err != nil {
			control.Fail(w, http.StatusBadRequest, err)
			return
		}
		if err := do(body); err != nil {
			control.Fail(w, http.StatusConflict, err)
			return
		}
		control.Write(w, http.StatusOK, map[string]bool{"ok": true})
	}
}

// controlOrders takes the parameters mchid and trade_state as filters.
func (s *Simulator) controlOrders(w http.ResponseWriter, r *http.Request) {
	mchID, state := r.URL.Query().Get("mchid"), r.URL.Query().Get("trade_state")
	out := []Order{}
	for _, o := range s.Orders() {
		if (mchID == "" || o.MchID == mchID) && (state == "" || o.State == state) {
			out = append(out, o)
		}
	}
	control.Write(w, http.StatusOK, out)
}

// controlElsewhere takes an order elsewhere: {"mchid":…,"out_trade_no":…,"total":100}.
func (s *Simulator) controlElsewhere(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Elsewhere

		MchID string `json:"mchid"`
	}
	if err := control.Read(r, &body); err != nil {
		control.Fail(w, http.StatusBadRequest, err)
		return
	}
	if err := s.PayElsewhere(body.MchID, body.Elsewhere); err != nil {
		control.Fail(w, http.StatusConflict, err)
		return
	}
	order, _ := s.Order(body.MchID, body.OutTradeNo)
	control.Write(w, http.StatusOK, order)
}

// orders are the routes about one order: by out_trade_no, with ?mchid= if several merchants used the number.
func (s *Simulator) orders() control.Orders[*order] {
	return control.Orders[*order]{
		Number: "out_trade_no", Owner: "mchid", None: ErrNoOrder,
		Find: s.book.named,
		Key:  func(o *order) (owner, number string) { return o.key.mchID, o.key.outTradeNo },
		Show: func(o *order) any { return s.snapshot(o) },
	}
}

// controlFinish ends a refund: {"status":"SUCCESS"}, the default, CLOSED or ABNORMAL.
func (s *Simulator) controlFinish(w http.ResponseWriter, r *http.Request) {
	body := struct {
		Status string `json:"status"`
	}{Status: RefundDone}
	err := control.Read(r, &body)
	if err == nil && !slices.Contains([]string{RefundDone, RefundClosed, RefundAbnormal}, body.Status) {
		err = errors.New("a refund ends as SUCCESS, CLOSED or ABNORMAL")
	}
	if err != nil {
		control.Fail(w, http.StatusBadRequest, err)
		return
	}
	s.orders().Change(func(mchID, outTradeNo string) error {
		return s.FinishRefund(mchID, outTradeNo, r.PathValue("out_refund_no"), body.Status)
	})(w, r)
}

// controlNotify sends one notification and answers the delivery: {} the payment, {"refund":"<out_refund_no>"} a refund.
func (s *Simulator) controlNotify(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Refund string `json:"refund"`
	}
	s.deliver(w, r, &body, func(o *order) (Delivery, error) {
		return s.Notify(r.Context(), o.key.mchID, o.key.outTradeNo, body.Refund)
	})
}

// controlForge sends one forged notification and answers the delivery: {"kind":…,"refund":…}.
func (s *Simulator) controlForge(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Kind   Forgery `json:"kind"`
		Refund string  `json:"refund"`
	}
	s.deliver(w, r, &body, func(o *order) (Delivery, error) {
		return s.Forge(r.Context(), o.key.mchID, o.key.outTradeNo, body.Refund, body.Kind)
	})
}

func (s *Simulator) deliver(w http.ResponseWriter, r *http.Request, body any, send func(*order) (Delivery, error)) {
	if err := control.Read(r, body); err != nil {
		control.Fail(w, http.StatusBadRequest, err)
		return
	}
	o, ok := s.orders().One(w, r)
	if !ok {
		return
	}
	delivery, err := send(o)
	if err != nil {
		control.Fail(w, http.StatusConflict, err)
		return
	}
	control.Write(w, http.StatusOK, delivery)
}

// controlBill takes mchid, date (yyyy-MM-dd) and type (default ALL) as parameters and answers {"bill":"<text>"}.
func (s *Simulator) controlBill(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	text, err := s.Bill(query.Get("mchid"), query.Get("date"), or(query.Get("type"), BillAll))
	if err != nil {
		control.Fail(w, http.StatusNotFound, err)
		return
	}
	control.Write(w, http.StatusOK, map[string]string{"bill": text})
}

// controlDeliveries takes the parameter key as a filter.
func (s *Simulator) controlDeliveries(w http.ResponseWriter, r *http.Request) {
	key, out := r.URL.Query().Get("key"), []Delivery{}
	for _, d := range s.Deliveries() {
		if key == "" || d.Key == key {
			out = append(out, d)
		}
	}
	control.Write(w, http.StatusOK, out)
}

// controlPlatform tells the platform's public halves.
func (s *Simulator) controlPlatform(w http.ResponseWriter, _ *http.Request) {
	keys, err := s.PlatformKeys()
	if err != nil {
		control.Fail(w, http.StatusInternalServerError, err)
		return
	}
	control.Write(w, http.StatusOK, keys)
}

// controlCertificates takes a step of changing the platform certificate and answers the keys.
func (s *Simulator) controlCertificates(w http.ResponseWriter, r *http.Request) {
	if err := s.ChangeCertificate(CertificateStep(r.PathValue("step"))); err != nil {
		control.Fail(w, http.StatusConflict, err)
		return
	}
	s.controlPlatform(w, r)
}

// controlMerchants adds or replaces a merchant.
func (s *Simulator) controlMerchants(w http.ResponseWriter, r *http.Request) {
	var config MerchantConfig
	err := control.Read(r, &config)
	var merchant Merchant
	if err == nil {
		merchant, err = config.Merchant()
	}
	if err == nil {
		err = s.AddMerchant(merchant)
	}
	if err != nil {
		control.Fail(w, http.StatusBadRequest, err)
		return
	}
	control.Write(w, http.StatusOK, map[string]string{"mchid": merchant.MchID})
}

// controlMode moves a merchant to another mode: {"mode":"switching","share":30}.
func (s *Simulator) controlMode(w http.ResponseWriter, r *http.Request) {
	controlled(func(body struct {
		Mode  Mode `json:"mode"`
		Share int  `json:"share"`
	},
	) error {
		return s.SetMode(r.PathValue("mchid"), body.Mode, body.Share)
	})(w, r)
}
