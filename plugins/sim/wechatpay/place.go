package wechatpay

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
)

// Trade types, as queries and bills show them.
const (
	TradeNative = "NATIVE"
	TradeJSAPI  = "JSAPI"
	TradeH5     = "MWEB"
)

// How long what a payer pays by is valid, and an order without a time_expire can be paid.
const (
	linkTTL    = 2 * time.Hour
	h5TTL      = 5 * time.Minute
	defaultTTL = 7 * 24 * time.Hour
	leastTTL   = time.Minute
)

// native places an order for a payer who scans a code.
func (s *Simulator) native(req *request) reply {
	return s.place(req, TradeNative, func(now time.Time) (Link, data, error) {
		token, err := s.draw(alphanumeric, 9)
		link := Link{Token: token, URL: "weixin://wxpay/bizpayurl?pr=" + token, Expires: now.Add(linkTTL)}
		return link, data{"code_url": link.URL}, err
	})
}

// jsapi places an order for a payer inside WeChat, whose page or mini program then invokes the wallet.
func (s *Simulator) jsapi(req *request) reply {
	return s.place(req, TradeJSAPI, func(now time.Time) (Link, data, error) {
		id, err := s.prepayID(now)
		return Link{Token: id, URL: id, Expires: now.Add(linkTTL)}, data{"prepay_id": id}, err
	})
}

// h5 places an order for a payer in another browser, who is sent to the wallet.
func (s *Simulator) h5(req *request) reply {
	return s.place(req, TradeH5, func(now time.Time) (Link, data, error) {
		id, err := s.prepayID(now)
		if err != nil {
			return Link{}, nil, err
		}
		pack, err := s.draw(digits, 10)
		address := "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=" + id + "&package=" + pack
		return Link{Token: id, URL: address, Expires: now.Add(h5TTL)}, data{"h5_url": address}, err
	})
}

func (s *Simulator) prepayID(now time.Time) (string, error) {
	chance, err := s.draw(hexadecimal, 20)
	return "wx" + now.In(beijing()).Format("20060102150405") + chance, err
}

// place creates the order, or finds it if the same is asked for again, and gives it a link.
func (s *Simulator) place(req *request, tradeType string, linkAt func(now time.Time) (Link, data, error)) reply {
	now := s.now()
	expires := now.Add(defaultTTL)
	if text := req.text("/time_expire"); text != "" {
		var err error
		if expires, err = time.Parse(time.RFC3339, text); err != nil || expires.Before(now.Add(leastTTL)) {
			return s.refuse(req, codeParam, frame.Problem{
				Field: "/time_expire", Rule: frame.RuleValue, Message: "time_expire应晚于下单时间1分钟以上",
			})
		}
	}
	if ids := req.merchant.AppIDs; len(ids) > 0 && !slices.Contains(ids, req.text("/appid")) {
		return s.refuse(req, codeAppMismatch, frame.Problem{
			Field: "/appid", Rule: frame.RuleAccount, Message: words(codeAppMismatch),
		})
	}
	link, answer, err := linkAt(now)
	if err != nil {
		return refused(codeSystem, err.Error())
	}
	o, refusal := s.placed(req, tradeType, now, expires)
	if o == nil {
		return refusal
	}
	defer o.mu.Unlock()
	s.book.link(o, link)
	switch rule := req.decision.Rule; {
	case req.decision.Is(faults.Pending):
		o.Waiting = pending(rule, StateNotPaid)
	case req.decision.Is(faults.Fail):
		s.endUnpaid(o, or(rule.Result, StateFailed))
	}
	s.save(o, nil)
	return success(answer)
}

// placed creates the order and returns it locked, or returns the one that has the number if the same is asked for
// again and it can still be paid; otherwise the refusal.
func (s *Simulator) placed(req *request, tradeType string, now, expires time.Time) (*order, reply) {
	same, err := digest(req.op.name, req.raw)
	if err != nil {
		return nil, refused(codeSystem, err.Error())
	}
	fresh := Order{
		MchID: req.mchID, AppID: req.text("/appid"), OutTradeNo: req.text("/out_trade_no"), Operation: req.op.name,
		TradeType: tradeType, State: StateNotPaid, Description: req.text("/description"), Attach: req.text("/attach"),
		DeviceID: req.text("/scene_info/device_id"), NotifyURL: req.text("/notify_url"), OpenID: req.text("/payer/openid"),
		Total: req.amount("/amount/total"), Same: same, Created: now, Expires: expires, PlaceRequests: 1,
	}
	if req.decision.Is(FaultCoupon) {
		fresh.Coupon = min(req.decision.Rule.Amount, fresh.Total)
	}
	o, existing := s.book.add(fresh)
	if existing == nil {
		return o, reply{}
	}
	existing.mu.Lock()
	s.expire(existing)
	existing.PlaceRequests++
	if code := s.reentry(existing, same); code != "" {
		defer existing.mu.Unlock()
		s.save(existing, nil)
		message := ""
		if code == codeInvalid {
			message = "请求重入时，参数与首次请求时不一致，请检查请求参数是否与首次请求一致"
		}
		return nil, refused(code, message)
	}
	return existing, reply{}
}

// reentry says why a number cannot be used again, "" if it can.
func (s *Simulator) reentry(o *order, same string) string {
	switch {
	case o.State == StatePaid:
		return codeOrderPaid
	case !o.payable():
		return codeOrderClosed
	case o.Same != same:
		return s.opts.ReentryCode
	}
	return ""
}

// digest is equal for requests of the same meaning: the order of members does not matter.
func digest(op string, body []byte) (string, error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var value map[string]json.RawMessage
	if err := decoder.Decode(&value); err != nil {
		return "", fmt.Errorf("compare requests: %w", err)
	}
	text, err := encodeJSON(sortedMembers(value))
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(append([]byte(op+"\n"), text...))
	return hex.EncodeToString(sum[:]), nil
}

// sortedMembers sorts the members of nested objects too: encoding/json writes maps sorted.
func sortedMembers(value map[string]json.RawMessage) map[string]any {
	out := make(map[string]any, len(value))
	for name, raw := range value {
		var nested map[string]json.RawMessage
		if json.Unmarshal(raw, &nested) == nil && nested != nil {
			out[name] = sortedMembers(nested)
			continue
		}
		out[name] = raw
	}
	return out
}

// pending is what a slow payer's order, or a slow refund, waits for. state is how it ends when it is abandoned, unless
// the fault says otherwise.
func pending(rule *faults.Rule, state string) *Waiting {
	return &Waiting{
		Queries: rule.Queries, Then: faults.Outcome(or(string(rule.Then), string(faults.Paid))), State: or(rule.Result, state),
	}
}

// Invocation is what a page or mini program hands to the wallet for a prepay_id. PaySign is the merchant's signature
// over appId, timeStamp, nonceStr and package, each ended by a newline.
type Invocation struct {
	AppID     string `json:"appId"`
	TimeStamp string `json:"timeStamp"`
	NonceStr  string `json:"nonceStr"`
	Package   string `json:"package"`
	SignType  string `json:"signType"`
	PaySign   string `json:"paySign"`
}

// Invoke is the wallet being invoked: it checks the invocation as WeChat does, and the payer pays.
func (s *Simulator) Invoke(call Invocation) error {
	query, err := url.ParseQuery(call.Package)
	if err != nil {
		return fmt.Errorf("%w: the package is no prepay_id", ErrNoLink)
	}
	o := s.book.linked(query.Get("prepay_id"))
	if o == nil {
		return ErrNoLink
	}
	merchant, _ := s.merchants.find(o.key.mchID)
	text := call.AppID + "\n" + call.TimeStamp + "\n" + call.NonceStr + "\n" + call.Package + "\n"
	_, numberErr := strconv.ParseInt(call.TimeStamp, 10, 64)
	switch {
	case call.SignType != "RSA" || numberErr != nil || call.NonceStr == "" || len(call.NonceStr) > 32:
		return fmt.Errorf("%w: its fields are not as documented", ErrInvocation)
	case call.AppID != s.snapshot(o).AppID:
		return fmt.Errorf("%w: the order has another appid", ErrInvocation)
	case merchant.PublicKey == nil || !verify(merchant.PublicKey, text, call.PaySign):
		return fmt.Errorf("%w: paySign is wrong", ErrInvocation)
	}
	return s.PayLink(query.Get("prepay_id"))
}
