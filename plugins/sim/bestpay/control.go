package bestpay

import (
	"errors"
	"fmt"
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
	order := ControlPrefix + "/orders/{out_trade_no}"
	mux.HandleFunc("GET "+ControlPrefix+"/orders", s.controlOrders)
	mux.HandleFunc("GET "+order, s.controlOrder)
	mux.HandleFunc("POST "+order+"/pay", s.controlPay)
	mux.HandleFunc("POST "+order+"/abandon", s.controlEnd(s.AbandonOrder))
	mux.HandleFunc("POST "+order+"/expire", s.controlEnd(s.ExpireOrder))
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

func (s *Simulator) controlOrder(w http.ResponseWriter, r *http.Request) {
	if o := s.named(w, r); o != nil {
		control.Write(w, http.StatusOK, s.snapshot(o))
	}
}

// named finds the order of the path: by out_trade_no, with ?merchant_no= if several merchants used the number.
// If there is not exactly one it answers itself and returns nil.
func (s *Simulator) named(w http.ResponseWriter, r *http.Request) *order {
	number := r.PathValue("out_trade_no")
	found := s.book.named(r.URL.Query().Get("merchant_no"), number)
	switch len(found) {
	case 0:
		control.Fail(w, http.StatusNotFound, ErrNoOrder)
	case 1:
		return found[0]
	default:
		control.Fail(w, http.StatusConflict, fmt.Errorf("%d merchants have an order %s: name one as ?merchant_no=", len(found), number))
	}
	return nil
}

// controlPay lets the payer decide: {"outcome":"paid"}, the default, or {"outcome":"abandoned"}.
func (s *Simulator) controlPay(w http.ResponseWriter, r *http.Request) {
	body := struct {
		Outcome faults.Outcome `json:"outcome"`
	}{Outcome: faults.Paid}
	if err := control.Read(r, &body); err != nil {
		control.Fail(w, http.StatusBadRequest, err)
		return
	}
	switch body.Outcome {
	case faults.Paid:
		s.controlEnd(s.PayOrder)(w, r)
	case faults.Abandoned:
		s.controlEnd(s.AbandonOrder)(w, r)
	default:
		control.Fail(w, http.StatusBadRequest, errors.New("the outcome is paid or abandoned"))
	}
}

// controlEnd does something to the order of the path and answers the order.
func (s *Simulator) controlEnd(do func(merchantNo, outTradeNo string) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		o := s.named(w, r)
		if o == nil {
			return
		}
		if err := do(o.key.merchantNo, o.key.outTradeNo); err != nil {
			control.Fail(w, http.StatusConflict, err)
			return
		}
		control.Write(w, http.StatusOK, s.snapshot(o))
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
	s.controlEnd(func(merchantNo, outTradeNo string) error {
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
	o := s.named(w, r)
	if o == nil {
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
	o := s.named(w, r)
	if o == nil {
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
