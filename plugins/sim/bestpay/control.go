package bestpay

import (
	"errors"
	"net/http"

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
	orders, order := s.orders(), ControlPrefix+"/orders/{out_trade_no}"
	mux.HandleFunc("GET "+ControlPrefix+"/orders", s.controlOrders)
	mux.HandleFunc("GET "+order, orders.Get)
	mux.HandleFunc("POST "+order+"/pay", orders.Pay(map[faults.Outcome]func(merchantNo, outTradeNo string) error{
		faults.Paid: s.PayOrder, faults.Abandoned: s.AbandonOrder,
	}))
	mux.HandleFunc("POST "+order+"/abandon", orders.Change(s.AbandonOrder))
	mux.HandleFunc("POST "+order+"/expire", orders.Change(s.ExpireOrder))
	mux.HandleFunc("POST "+order+"/refunds/{out_request_no}/finish", s.controlFinish)
	mux.HandleFunc("POST "+order+"/notify", s.controlNotify)
	mux.HandleFunc("POST "+order+"/forge", s.controlForge)
	mux.HandleFunc("GET "+ControlPrefix+"/deliveries", s.controlDeliveries)
	mux.HandleFunc("GET "+ControlPrefix+"/certificate", s.controlCertificate)
	mux.HandleFunc("POST "+ControlPrefix+"/merchants", s.controlMerchants)
	return mux
}

// controlOrders takes the parameters merchant_no and trade_status as filters.
func (s *Simulator) controlOrders(w http.ResponseWriter, r *http.Request) {
	merchantNo, status := r.URL.Query().Get("merchant_no"), r.URL.Query().Get("trade_status")
	out := []Order{}
	for _, o := range s.Orders() {
		if (merchantNo == "" || o.MerchantNo == merchantNo) && (status == "" || o.Status == status) {
			out = append(out, o)
		}
	}
	control.Write(w, http.StatusOK, out)
}

// orders are the routes about one order: by out_trade_no, with ?merchant_no= if several merchants used the number.
func (s *Simulator) orders() control.Orders[*order] {
	return control.Orders[*order]{
		Number: "out_trade_no", Owner: "merchant_no", None: ErrNoOrder,
		Find: s.book.named,
		Key:  func(o *order) (owner, number string) { return o.key.merchantNo, o.key.outTradeNo },
		Show: func(o *order) any { return s.snapshot(o) },
	}
}

// controlFinish ends a refund: {"trade_status":"SUCCESS"}, the default, or {"trade_status":"FAIL"}.
func (s *Simulator) controlFinish(w http.ResponseWriter, r *http.Request) {
	body := struct {
		Status string `json:"trade_status"`
	}{Status: StatusSuccess}
	err := control.Read(r, &body)
	if err == nil && body.Status != StatusSuccess && body.Status != StatusFail {
		err = errors.New("a refund ends as SUCCESS or FAIL")
	}
	if err != nil {
		control.Fail(w, http.StatusBadRequest, err)
		return
	}
	s.orders().Change(func(merchantNo, outTradeNo string) error {
		return s.FinishRefund(merchantNo, outTradeNo, r.PathValue("out_request_no"), body.Status == StatusSuccess)
	})(w, r)
}

// controlNotify sends one callback and answers the delivery; the body is a Notice.
func (s *Simulator) controlNotify(w http.ResponseWriter, r *http.Request) {
	var what Notice
	if err := control.Read(r, &what); err != nil {
		control.Fail(w, http.StatusBadRequest, err)
		return
	}
	o, ok := s.orders().One(w, r)
	if !ok {
		return
	}
	delivery, err := s.Notify(r.Context(), o.key.merchantNo, o.key.outTradeNo, what)
	answerDelivery(w, delivery, err)
}

// controlForge sends one forged callback and answers the delivery; the body is a Notice with a kind.
func (s *Simulator) controlForge(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Kind Forgery `json:"kind"`
		Notice
	}
	if err := control.Read(r, &body); err != nil {
		control.Fail(w, http.StatusBadRequest, err)
		return
	}
	o, ok := s.orders().One(w, r)
	if !ok {
		return
	}
	delivery, err := s.Forge(r.Context(), o.key.merchantNo, o.key.outTradeNo, body.Kind, body.Notice)
	answerDelivery(w, delivery, err)
}

func answerDelivery(w http.ResponseWriter, delivery Delivery, err error) {
	if err != nil {
		control.Fail(w, http.StatusConflict, err)
		return
	}
	control.Write(w, http.StatusOK, delivery)
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

func (s *Simulator) controlCertificate(w http.ResponseWriter, _ *http.Request) {
	certificate, err := s.Certificate()
	if err != nil {
		control.Fail(w, http.StatusInternalServerError, err)
		return
	}
	control.Write(w, http.StatusOK, map[string]string{"certificate": certificate})
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
	control.Write(w, http.StatusOK, map[string]string{"merchant_no": merchant.MerchantNo})
}
