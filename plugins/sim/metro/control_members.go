package metro

import (
	"errors"
	"net/http"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/control"
)

// sendOrder asks to send a message, or a forgery of one, to the merchant. The merchant may be left out if there is only one,
// the phone if the member's is known.
type sendOrder struct {
	MchID string  `json:"mch_id"`
	Phone string  `json:"phone"`
	Once  bool    `json:"once"` // send once and show the answer; otherwise by the schedule
	Call  Call    `json:"call"` // forgeries only
	Kind  Forgery `json:"kind"` // forgeries only
}

// controlSend sends a genuine message: {"phone":"…","once":true}.
func (s *Simulator) controlSend(call Call) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, m, ok := s.readSend(w, r)
		if !ok {
			return
		}
		if body.Call != "" || body.Kind != "" {
			control.Fail(w, http.StatusBadRequest, errors.New("call and kind belong to forgeries"))
			return
		}
		m.Call = call
		if body.Once {
			delivery, err := s.NotifyOnce(r.Context(), m)
			show(w, delivery, err)
			return
		}
		id, err := s.Notify(m)
		if err != nil {
			control.Fail(w, http.StatusConflict, err)
			return
		}
		control.Write(w, http.StatusAccepted, map[string]string{"id": id})
	}
}

// controlForge sends a forgery: {"call":"open","kind":"replay"}.
func (s *Simulator) controlForge(w http.ResponseWriter, r *http.Request) {
	body, m, ok := s.readSend(w, r)
	if !ok {
		return
	}
	if m.Call = body.Call; m.Call == "" {
		m.Call = CallOpen
	}
	delivery, err := s.Forge(r.Context(), m, body.Kind)
	show(w, delivery, err)
}

// readSend reads the body and completes the message with what is known.
func (s *Simulator) readSend(w http.ResponseWriter, r *http.Request) (body sendOrder, m Message, ok bool) {
	if err := control.Read(r, &body); err != nil {
		control.Fail(w, http.StatusBadRequest, err)
		return body, m, false
	}
	merchant, err := s.merchantNamed(body.MchID)
	if err != nil {
		control.Fail(w, http.StatusNotFound, err)
		return body, m, false
	}
	m = Message{MchID: merchant.MchID, UID: r.PathValue("uid"), Phone: body.Phone}
	if member, known := s.Member(m.MchID, m.UID); known && m.Phone == "" {
		m.Phone = member.Phone
	}
	return body, m, true
}

func show(w http.ResponseWriter, d Delivery, err error) {
	switch {
	case errors.Is(err, ErrNoMessage):
		control.Fail(w, http.StatusNotFound, err)
	case err != nil:
		control.Fail(w, http.StatusConflict, err)
	default:
		control.Write(w, http.StatusOK, d)
	}
}

func (s *Simulator) controlMembers(w http.ResponseWriter, _ *http.Request) {
	control.Write(w, http.StatusOK, s.Members())
}

func (s *Simulator) controlMessages(w http.ResponseWriter, _ *http.Request) {
	control.Write(w, http.StatusOK, s.Messages())
}

func (s *Simulator) controlResend(w http.ResponseWriter, r *http.Request) {
	delivery, err := s.Resend(r.Context(), r.PathValue("id"))
	show(w, delivery, err)
}

// controlDeliveries takes the parameters mch_id, uid and call as filters.
func (s *Simulator) controlDeliveries(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	mchID, uid, call := query.Get("mch_id"), query.Get("uid"), query.Get("call")
	out := []Delivery{}
	for _, d := range s.Deliveries() {
		if (mchID == "" || d.MchID == mchID) && (uid == "" || d.UID == uid) && (call == "" || string(d.Call) == call) {
			out = append(out, d)
		}
	}
	control.Write(w, http.StatusOK, out)
}
