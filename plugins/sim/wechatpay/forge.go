package wechatpay

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
)

// Forgery is a way in which a message is not what it claims to be.
type Forgery string

// The forgeries. A correct merchant accepts none but ForgeReplay, and that without effect.
const (
	// ForgeSignature carries a signature of the right length that fits nothing.
	ForgeSignature Forgery = "signature"
	// ForgeUnsigned has none of the headers.
	ForgeUnsigned Forgery = "unsigned"
	// ForgeKey is signed with a key that is not the platform's, in its name.
	ForgeKey Forgery = "key"
	// ForgeSerial is signed by the platform, with a serial number that nobody has.
	ForgeSerial Forgery = "serial"
	// ForgeRetired is signed with the certificate that was retired last, in its name.
	ForgeRetired Forgery = "retired"
	// ForgeExpired and ForgeFuture are signed by the platform, a day ago and a day ahead.
	ForgeExpired Forgery = "expired"
	ForgeFuture  Forgery = "future"
	// ForgeTampered was signed by the platform and changed afterwards, by a space.
	ForgeTampered Forgery = "tampered"
	// ForgeCipherKey, ForgeCipherDamaged and ForgeCipherAssociated are rightly signed; the resource is encrypted under
	// another key, damaged, or bound to other associated data. ForgeAlgorithm names another algorithm.
	ForgeCipherKey        Forgery = "cipher-key"
	ForgeCipherDamaged    Forgery = "cipher-damaged"
	ForgeCipherAssociated Forgery = "cipher-associated-data"
	ForgeAlgorithm        Forgery = "algorithm"
	// ForgeAmount, ForgeOrder and ForgeMerchant are rightly signed and encrypted, with one fen more, the numbers of an
	// order that does not exist, and another mchid.
	ForgeAmount   Forgery = "amount"
	ForgeOrder    Forgery = "order"
	ForgeMerchant Forgery = "merchant"
	// ForgeReplay is the first notification of the order or refund, byte for byte.
	ForgeReplay Forgery = "replay"
)

// forgedAway is how far expired and future timestamps are from the clock.
const forgedAway = 24 * time.Hour

// Flaws are the forgeries that lie in the signature alone: what FaultBadSignature can do.
func Flaws() []Forgery {
	return []Forgery{ForgeSignature, ForgeUnsigned, ForgeKey, ForgeSerial, ForgeRetired, ForgeExpired, ForgeFuture}
}

// CipherFlaws are those that lie in the encryption: what FaultBadCipher can do.
func CipherFlaws() []Forgery {
	return []Forgery{ForgeCipherKey, ForgeCipherDamaged, ForgeCipherAssociated, ForgeAlgorithm}
}

// Forgeries are all kinds.
func Forgeries() []Forgery {
	return slices.Concat(Flaws(), CipherFlaws(), []Forgery{ForgeTampered, ForgeAmount, ForgeOrder, ForgeMerchant, ForgeReplay})
}

// flawOf is what a FaultBadSignature does to the signature, "" for any other fault.
func flawOf(rule *faults.Rule) Forgery {
	if rule == nil || rule.Kind != FaultBadSignature {
		return ""
	}
	return Forgery(or(rule.Result, string(ForgeSignature)))
}

// cipherFlawOf is what a FaultBadCipher does to the encryption, "" for any other fault.
func cipherFlawOf(rule *faults.Rule) Forgery {
	if rule == nil || rule.Kind != FaultBadCipher {
		return ""
	}
	return Forgery(or(rule.Result, string(ForgeCipherKey)))
}

// What Notify and Forge meet when there is nothing to send.
var (
	ErrNotOver  = errors.New("there is nothing to notify of yet")
	ErrNoTarget = errors.New("no notify_url was given")
	ErrNotSent  = errors.New("nothing was sent about it yet that could be replayed")
)

// Notify sends one notification of an order, or of one of its refunds, now, once: a duplicate.
func (s *Simulator) Notify(ctx context.Context, mchID, outTradeNo, outRefundNo string) (Delivery, error) {
	n, err := s.noticeOf(mchID, outTradeNo, outRefundNo)
	if err != nil {
		return Delivery{}, err
	}
	return s.notices.current().Attempt(ctx, s.notification(n), 0), nil
}

// Forge sends one forged notification now. Whoever accepts it has been deceived: Delivery.Accepted must be false,
// except for a replay.
func (s *Simulator) Forge(ctx context.Context, mchID, outTradeNo, outRefundNo string, kind Forgery) (Delivery, error) {
	if !slices.Contains(Forgeries(), kind) {
		return Delivery{}, fmt.Errorf("there is no forgery %q: it is one of %v", kind, Forgeries())
	}
	n, err := s.noticeOf(mchID, outTradeNo, outRefundNo)
	if err != nil {
		return Delivery{}, err
	}
	forged, err := s.forged(n, kind)
	if err != nil {
		return Delivery{}, err
	}
	return s.notices.current().Attempt(ctx, frame.Notification{
		Key: n.key, Accepted: s.accepted(n),
		Request: func(ctx context.Context, _ int) (*http.Request, error) { return forged.request(ctx, n.target) },
	}, 0), nil
}

// forged makes the letter of a forgery.
func (s *Simulator) forged(n notice, kind Forgery) (letter, error) {
	switch kind {
	case ForgeReplay:
		l, sent := s.notices.remembered(n.key)
		if !sent {
			return letter{}, ErrNotSent
		}
		return l, nil
	case ForgeAmount:
		wrongAmount(n.resource, 0)
	case ForgeOrder:
		n.resource["out_trade_no"], n.resource["transaction_id"] = anotherOrder, anotherTrade
	case ForgeMerchant:
		n.resource["mchid"] = "1999999999"
	default: // what is wrong with the others lies in the signature or the cipher
	}
	return s.letter(n, kind)
}

// noticeOf finds what to tell and builds it.
func (s *Simulator) noticeOf(mchID, outTradeNo, outRefundNo string) (n notice, err error) {
	o := s.book.find(mchID, outTradeNo)
	if o == nil {
		return n, ErrNoOrder
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	r := o.refundOf(outRefundNo)
	switch {
	case outRefundNo != "" && r == nil:
		return n, ErrNoRefund
	case r != nil && r.State != RefundProcessing:
		n = s.refundNotice(o, r)
	case r == nil && o.State == StatePaid:
		n = s.paymentNotice(o)
	default:
		return n, ErrNotOver
	}
	if n.target == "" {
		return n, ErrNoTarget
	}
	return n, nil
}

// eventID names an event in the documented form.
func eventID(at time.Time, n int) string {
	return fmt.Sprintf("EV-%s%09d", at.In(beijing()).Format("20060102150405"), n)
}
