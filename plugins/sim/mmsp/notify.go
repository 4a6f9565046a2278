package mmsp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
)

// notice is how a product pushes results.
type notice struct {
	command int
	waits   []time.Duration // before each attempt
	// errMsg: the text is called ErrMsg, as the samples of quick and gateway have it; otherwise ErrorMsg.
	errMsg bool
	// body is the signed part; attempt counts from 1.
	body func(o *Order, attempt int, now time.Time) body
}

// The ways Forge bends a notification. All but ForgeWrongAmount, ForgeWrongOrder, ForgeWrongStatus and ForgeUnpaid are to be
// refused for their signature; those four are signed rightly, as a leaked key or the provider's own mistake would have it.
const (
	ForgeBadSignature = "bad-signature"
	ForgeUnsigned     = "unsigned"
	ForgeOtherKey     = "other-key"    // another merchant's valid key
	ForgeTampered     = "tampered"     // the amount was changed after signing
	ForgeWrongAmount  = "wrong-amount" // one fen more
	ForgeWrongOrder   = "wrong-order"  // another MERORDERID and platform number
	ForgeWrongStatus  = "wrong-status" // STATUS 2, which is never pushed
	ForgeUnpaid       = "unpaid"       // the true message of a payment, for an order nobody has paid
)

// ErrNoPush is what Notify and Forge meet at an order without NOTIFY_URL.
var ErrNoPush = errors.New("the order has no NOTIFY_URL")

// errNoOtherKey is what ForgeOtherKey needs.
var errNoOtherKey = errors.New("there is no other merchant whose key could sign")

// acknowledged is the products' rule: the answer begins with SUCCESS, in any case (quick 5.5.3, gateway 5.2.3, scan 10.8).
func acknowledged(status int, answer []byte) bool {
	return status == http.StatusOK && len(answer) >= 7 && strings.EqualFold(string(answer[:7]), "SUCCESS")
}

// seconds makes a schedule.
func seconds(list ...int) []time.Duration {
	waits := make([]time.Duration, len(list))
	for i, n := range list {
		waits[i] = time.Duration(n) * time.Second
	}
	return waits
}

// notify starts the notification of a payment by the product's schedule; the caller holds the order's lock.
func (s *Simulator) notify(o *order) {
	if !o.Pushes || o.NotifyURL == "" {
		return
	}
	s.notifier.Send(s.notification(o.copied(), ""))
}

// notification makes the message about an order, forged in the given way ("" not at all).
func (s *Simulator) notification(o Order, forgery string) frame.Notification {
	n := s.notices[o.Product]
	return frame.Notification{
		Key: o.Number, Accepted: acknowledged, Waits: n.waits,
		Request: func(ctx context.Context, attempt int) (*http.Request, error) {
			raw, err := s.pushed(n, &o, attempt, forgery)
			if err != nil {
				return nil, err
			}
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, o.NotifyURL, bytes.NewReader(raw))
			if err != nil {
				return nil, fmt.Errorf("make the notification: %w", err)
			}
			req.Header.Set("Content-Type", "application/json;charset=UTF-8")
			return req, nil
		},
	}
}

// pushed is the message of one attempt: Chinese literal, as the samples have it.
func (s *Simulator) pushed(n notice, o *Order, attempt int, forgery string) ([]byte, error) {
	merchant := s.merchants.find(o.MerNo)
	if merchant == nil {
		return nil, fmt.Errorf("the merchant %s is gone", o.MerNo)
	}
	content := n.body(o, attempt, s.now())
	key := merchant.signingKey()
	if forgery == ForgeOtherKey {
		if key = s.merchants.another(merchant); key == "" {
			return nil, errNoOtherKey
		}
	}
	forgeContent(content, forgery)
	raw, sign, err := content.signed(key)
	if err != nil {
		return nil, err
	}
	switch forgery {
	case ForgeUnsigned:
		sign = ""
	case ForgeBadSignature:
		sign = otherThan(sign)
	}
	if forgery == ForgeTampered {
		content["AMT"] = wrongAmount(content["AMT"], 0)
		if raw, err = encode(content); err != nil {
			return nil, err
		}
	}
	return encode(envelopeOf(n, merchant, raw, sign))
}

func envelopeOf(n notice, merchant *Merchant, raw json.RawMessage, sign string) message {
	text := ""
	m := message{
		CommandID: n.command, SeqID: json.RawMessage("1"), NodeType: json.RawMessage("3"), NodeID: "openplat",
		Version: protocolVersion, RetCode: replySuccess, Body: raw, Sign: sign, MerNo: merchant.MerNo, TermNo: merchant.TermNo,
	}
	if merchant.AgentNo != "" {
		m.AgentNo = &merchant.AgentNo
	}
	if n.errMsg {
		m.ErrMsg = &text
	} else {
		m.ErrorMsg = &text
	}
	return m
}

// forgeContent changes what is signed.
func forgeContent(content body, forgery string) {
	switch forgery {
	case ForgeWrongAmount:
		content["AMT"] = wrongAmount(content["AMT"], 0)
	case ForgeWrongOrder:
		content["MERORDERID"] = "99999999999999999999"
		for _, name := range []string{"ORDERNO", "LIST_ID"} {
			if _, there := content[name]; there {
				content[name] = "999999999999999999"
			}
		}
	case ForgeWrongStatus:
		content["STATUS"] = "2"
	}
}

// Notify sends the true notification of a paid order once more: a duplicate, late if other things happened since.
func (s *Simulator) Notify(merNo, number string) (Delivery, error) {
	o, err := s.pushable(merNo, number)
	if err != nil {
		return Delivery{}, err
	}
	if o.PaidAt.IsZero() {
		return Delivery{}, fmt.Errorf("%w: it is %s", ErrNotPaid, o.State)
	}
	return s.notifier.Attempt(s.ctx, s.notification(o, ""), 1), nil
}

// Forge sends one forged notification of an order; kind is one of the Forge… constants.
func (s *Simulator) Forge(merNo, number, kind string) (Delivery, error) {
	switch kind {
	case ForgeBadSignature, ForgeUnsigned, ForgeOtherKey, ForgeTampered, ForgeWrongAmount, ForgeWrongOrder, ForgeWrongStatus, ForgeUnpaid:
	default:
		return Delivery{}, fmt.Errorf("there is no forgery of kind %q", kind)
	}
	o, err := s.pushable(merNo, number)
	if err != nil {
		return Delivery{}, err
	}
	if o.PaidAt.IsZero() {
		o.PaidAt = s.now()
		o.State = StatePaid
	} else if kind == ForgeUnpaid {
		return Delivery{}, fmt.Errorf("the order is paid: its notification is no forgery")
	}
	return s.notifier.Attempt(s.ctx, s.notification(o, kind), 1), nil
}

func (s *Simulator) pushable(merNo, number string) (Order, error) {
	o, found := s.Order(merNo, number)
	switch {
	case !found:
		return Order{}, ErrNoOrder
	case o.NotifyURL == "":
		return Order{}, ErrNoPush
	}
	return o, nil
}

// Deliveries lists all attempts to notify so far, forged ones included; Delivery.Key is the MERORDERID.
func (s *Simulator) Deliveries() []Delivery { return s.notifier.Deliveries() }
