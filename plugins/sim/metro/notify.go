package metro

import (
	"context"
	"net/http"
	"strings"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
)

// Delivery is one attempt to hand a message to the merchant, and what the merchant answered. Accepted means that the
// answer was HTTP 200 with exactly the documented reply.
type Delivery struct {
	frame.Delivery         // the key is the message's id
	MchID          string  `json:"mch_id"`
	Call           Call    `json:"call"`
	UID            string  `json:"uid"`
	Forgery        Forgery `json:"forgery,omitempty"`
	VIPStatus      string  `json:"vip_status,omitempty"` // as answered to open and unbind
}

// OpenMember is a payer opening membership at the merchant: the message is sent, and sent again by the schedule,
// until it is answered as documented. It returns the message's id.
func (s *Simulator) OpenMember(mchID, uid, phone string) (string, error) {
	return s.Notify(Message{MchID: mchID, Call: CallOpen, UID: uid, Phone: phone})
}

// UnbindMember is a payer ending membership, as OpenMember.
func (s *Simulator) UnbindMember(mchID, uid, phone string) (string, error) {
	return s.Notify(Message{MchID: mchID, Call: CallUnbind, UID: uid, Phone: phone})
}

// ChangePhone is a member changing the phone, as OpenMember.
func (s *Simulator) ChangePhone(mchID, uid, phone string) (string, error) {
	return s.Notify(Message{MchID: mchID, Call: CallPhone, UID: uid, Phone: phone})
}

// Notify starts sending a message by the schedule and returns its id. Every attempt has its own nonce and timestamp.
func (s *Simulator) Notify(m Message) (string, error) {
	m.Forgery = ""
	if _, err := s.draft(m); err != nil {
		return "", err // say at once what no attempt could mend
	}
	m = s.outbox.add(m)
	s.notifier.Send(s.notification(m))
	return m.ID, nil
}

// NotifyOnce sends a message once, now, and waits for the answer: for duplicates and messages out of order.
func (s *Simulator) NotifyOnce(ctx context.Context, m Message) (Delivery, error) {
	m.Forgery = ""
	if _, err := s.draft(m); err != nil {
		return Delivery{}, err
	}
	m = s.outbox.add(m)
	return s.attempt(ctx, m, s.notification(m)), nil
}

// Resend sends a message that was sent before once more, newly signed. A forgery is not sent again by it.
func (s *Simulator) Resend(ctx context.Context, id string) (Delivery, error) {
	m, known := s.outbox.find(id)
	if !known || m.Forgery != "" {
		return Delivery{}, ErrNoMessage
	}
	return s.attempt(ctx, m, s.notification(m)), nil
}

// attempt numbers the attempt after those there were.
func (s *Simulator) attempt(ctx context.Context, m Message, n frame.Notification) Delivery {
	number := 1
	for _, d := range s.notifier.Deliveries() {
		if d.Key == m.ID {
			number++
		}
	}
	return s.delivery(s.notifier.Attempt(ctx, n, number))
}

// notification is used by one goroutine: what Request sent last is what Accepted judges.
func (s *Simulator) notification(m Message) frame.Notification {
	var sent letter
	return frame.Notification{
		Key:   m.ID,
		Waits: s.opts.resends(),
		Request: func(ctx context.Context, _ int) (*http.Request, error) {
			d, err := s.draft(m)
			if err != nil {
				return nil, err
			}
			if sent, err = s.seal(d); err != nil {
				return nil, err
			}
			return sent.request(ctx)
		},
		Accepted: func(status int, body []byte) bool { return s.judge(m, sent, status, body) },
	}
}

// judge takes the answer to a genuine message: an answer that is not the documented one is a breach.
func (s *Simulator) judge(m Message, sent letter, status int, body []byte) bool {
	if status != http.StatusOK {
		return false
	}
	vipStatus, problems := s.readAnswer(m.Call, body)
	for _, problem := range problems {
		s.violate(string(m.Call), m.MchID, "", "", problem)
	}
	if len(problems) > 0 {
		return false
	}
	s.outbox.accept(m, sent)
	member := s.members.take(m, vipStatus, s.now())
	s.opts.Journal.Append(record{Member: &member})
	return true
}

// readAnswer holds an answer against the document: vip_status and nothing else to open and unbind, an empty object
// (or what Options.PhoneReply says) to a change of phone.
func (s *Simulator) readAnswer(call Call, body []byte) (vipStatus string, problems []frame.Problem) {
	if call == CallPhone && s.opts.PhoneReply != "" {
		if strings.TrimSpace(string(body)) == s.opts.PhoneReply {
			return "", nil
		}
		return "", []frame.Problem{{Rule: frame.RuleValue, Message: "应答内容与约定不一致"}}
	}
	object, duplicates, err := frame.Decode(body)
	if err != nil {
		return "", []frame.Problem{{Rule: frame.RuleJSON, Message: err.Error()}}
	}
	var fields []frame.Field
	if call != CallPhone {
		fields = []frame.Field{{Name: "vip_status", Required: true, Check: vipFormat}}
	}
	return object.Text("vip_status"), frame.CheckFields(object, duplicates, fields)
}

func vipFormat(value string) string {
	switch value {
	case VIPUnactive, VIPActive, VIPClosed:
		return ""
	}
	return "应为UNACTIVE,ACTIVE或CLOSED"
}

// Deliveries lists all attempts so far, those of forgeries too.
func (s *Simulator) Deliveries() []Delivery {
	list := s.notifier.Deliveries()
	out := make([]Delivery, len(list))
	for i, d := range list {
		out[i] = s.delivery(d)
	}
	return out
}

func (s *Simulator) delivery(d frame.Delivery) Delivery {
	m, _ := s.outbox.find(d.Key)
	out := Delivery{Delivery: d, MchID: m.MchID, Call: m.Call, UID: m.UID, Forgery: m.Forgery}
	if d.Accepted {
		out.VIPStatus, _ = s.readAnswer(m.Call, []byte(d.Answer))
	}
	return out
}

// Messages lists what was sent, forgeries too, oldest first.
func (s *Simulator) Messages() []Message { return s.outbox.all() }
