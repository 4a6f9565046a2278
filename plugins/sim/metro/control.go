package metro

import (
	"errors"
	"fmt"
	"net/http"
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
	for pattern, handler := range map[string]http.HandlerFunc{
		"GET /orders":                  s.controlOrders,
		"POST /orders":                 s.controlElsewhere,
		"GET /orders/{out_request_no}": orders.Get,
		"POST /orders/{out_request_no}/pay": orders.Pay(map[faults.Outcome]func(mchID, outRequestNo string) error{
			faults.Paid: s.PayOrder, faults.Abandoned: s.AbandonOrder, "failed": s.FailOrder,
		}),
		"POST /orders/{out_request_no}/abandon":          orders.Change(s.AbandonOrder),
		"POST /orders/{out_request_no}/close":            orders.Change(s.CloseOrder),
		"POST /orders/{out_request_no}/refunds/{refund}": s.controlRefund,
		"GET /bill":                  s.controlBill,
		"POST /codes":                s.controlCodes,
		"POST /merchants":            s.controlMerchants,
		"GET /members":               s.controlMembers,
		"POST /members/{uid}/open":   s.controlSend(CallOpen),
		"POST /members/{uid}/unbind": s.controlSend(CallUnbind),
		"POST /members/{uid}/phone":  s.controlSend(CallPhone),
		"POST /members/{uid}/forge":  s.controlForge,
		"GET /messages":              s.controlMessages,
		"POST /messages/{id}/resend": s.controlResend,
		"GET /deliveries":            s.controlDeliveries,
	} {
		method, path, _ := strings.Cut(pattern, " ")
		mux.HandleFunc(method+" "+ControlPrefix+path, handler)
	}
	return mux
}

// controlOrders takes the parameters mch_id and pay_status as filters.
func (s *Simulator) controlOrders(w http.ResponseWriter, r *http.Request) {
	mchID, state := r.URL.Query().Get("mch_id"), r.URL.Query().Get("pay_status")
	out := []Order{}
	for _, o := range s.Orders() {
		if (mchID == "" || o.MchID == mchID) && (state == "" || o.State == state) {
			out = append(out, o)
		}
	}
	control.Write(w, http.StatusOK, out)
}

// orders are the routes about one order: by out_request_no, with ?mch_id= if several merchants used the number.
func (s *Simulator) orders() control.Orders[*order] {
	return control.Orders[*order]{
		Number: "out_request_no", Owner: "mch_id", None: ErrNoOrder,
		Find: s.book.byRequestNo,
		Key:  func(o *order) (owner, number string) { return o.key.mchID, o.key.requestNo },
		Show: func(o *order) any { return o.snapshot() },
	}
}

// controlRefund ends a refund under way: {"done":true}, the default, or {"done":false}.
func (s *Simulator) controlRefund(w http.ResponseWriter, r *http.Request) {
	body := struct {
		Done bool `json:"done"`
	}{Done: true}
	if err := control.Read(r, &body); err != nil {
		control.Fail(w, http.StatusBadRequest, err)
		return
	}
	s.orders().Change(func(mchID, outRequestNo string) error {
		return s.SettleRefund(mchID, outRequestNo, r.PathValue("refund"), body.Done)
	})(w, r)
}

// controlBill takes mch_id and date as parameters.
func (s *Simulator) controlBill(w http.ResponseWriter, r *http.Request) {
	day := r.URL.Query().Get("date")
	if wrong := dateFormat(day); wrong != "" {
		control.Fail(w, http.StatusBadRequest, errors.New("name the date as ?date=yyyyMMdd"))
		return
	}
	merchant, err := s.merchantNamed(r.URL.Query().Get("mch_id"))
	if err != nil {
		control.Fail(w, http.StatusNotFound, err)
		return
	}
	control.Write(w, http.StatusOK, s.Bill(merchant.MchID, day))
}

// merchantNamed is the merchant with that number, or the only one if none is named.
func (s *Simulator) merchantNamed(mchID string) (Merchant, error) {
	merchant, known := s.merchants.find(mchID)
	if mchID == "" {
		merchant, known = s.merchants.only()
	}
	if !known {
		return Merchant{}, fmt.Errorf("%w: name one as mch_id", ErrNoMerchant)
	}
	return merchant, nil
}

// controlCodes makes a payer's code: {"uid":"000000000001","pay_type":"CT_ALIPAY"}.
func (s *Simulator) controlCodes(w http.ResponseWriter, r *http.Request) {
	var body struct {
		UID     string `json:"uid"`
		PayType string `json:"pay_type"`
	}
	err := control.Read(r, &body)
	var code string
	if err == nil {
		code, err = s.Code(body.UID, body.PayType)
	}
	if err != nil {
		control.Fail(w, http.StatusBadRequest, err)
		return
	}
	control.Write(w, http.StatusOK, map[string]string{"qrcode": code})
}

// controlMerchants adds or replaces a merchant.
func (s *Simulator) controlMerchants(w http.ResponseWriter, r *http.Request) {
	var m Merchant
	err := control.Read(r, &m)
	if err == nil {
		err = m.check()
	}
	if err != nil {
		control.Fail(w, http.StatusBadRequest, err)
		return
	}
	s.AddMerchant(m)
	control.Write(w, http.StatusOK, map[string]string{"mch_id": m.MchID})
}
