package metro

import (
	"bytes"
	"context"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
)

// Call is one of the requests that the provider sends to the merchant.
type Call string

// The calls. Opening and unbinding are the same message to two addresses (seed 000, 四.1); the change of a member's
// phone is 四.2.
const (
	CallOpen   Call = "open"
	CallUnbind Call = "unbind"
	CallPhone  Call = "phone"
)

// Message is what a call says. The phone is plain here and encrypted on the wire.
type Message struct {
	ID      string  `json:"id"` // given when it is sent
	MchID   string  `json:"mch_id"`
	Call    Call    `json:"call"`
	UID     string  `json:"uid"`
	Phone   string  `json:"phone"`
	Forgery Forgery `json:"forgery,omitempty"`
}

// What keeps a message from being sent.
var (
	ErrNoMerchant = errors.New("there is no such merchant")
	ErrNoMessage  = errors.New("there is no such message")
	ErrNoAddress  = errors.New("the merchant has given no address for this call")
)

// outbox numbers messages and keeps what merchants have accepted, for replays.
type outbox struct {
	mu       sync.RWMutex
	list     []Message
	byID     map[string]Message
	accepted map[[2]string]letter // the last one by merchant and call
}

func newOutbox() *outbox {
	return &outbox{byID: make(map[string]Message), accepted: make(map[[2]string]letter)}
}

func (b *outbox) add(m Message) Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	m.ID = fmt.Sprintf("message-%d", len(b.list)+1)
	b.list = append(b.list, m)
	b.byID[m.ID] = m
	return m
}

func (b *outbox) find(id string) (Message, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	m, ok := b.byID[id]
	return m, ok
}

func (b *outbox) all() []Message {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return append([]Message{}, b.list...)
}

func (b *outbox) accept(m Message, l letter) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.accepted[[2]string{m.MchID, string(m.Call)}] = l
}

func (b *outbox) lastAccepted(m Message) (letter, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	l, ok := b.accepted[[2]string{m.MchID, string(m.Call)}]
	return l, ok
}

// draft is a message on its way to become a letter; forgeries change it.
type draft struct {
	address   string
	mchID     string
	nonce     string
	timestamp string
	key       *rsa.PrivateKey
	body      map[string]string
	spoil     func(signature []byte) []byte
}

// letter is a message as it goes over the wire.
type letter struct {
	address string
	head    map[string]string
	body    []byte
}

// draft makes a message with a fresh nonce, the time of now, and the phone encrypted.
func (s *Simulator) draft(m Message) (*draft, error) {
	merchant, known := s.merchants.find(m.MchID)
	if !known {
		return nil, ErrNoMerchant
	}
	d := &draft{address: merchant.address(m.Call), mchID: m.MchID, key: s.providerKey(merchant)}
	switch {
	case d.address == "":
		return nil, fmt.Errorf("%w: %q", ErrNoAddress, m.Call)
	case d.key == nil:
		return nil, errors.New("the provider has no key to sign with")
	case m.UID == "" || m.Phone == "":
		return nil, errors.New("a message has a uid and a phone")
	}
	phone, err := encryptBlocks(merchant.PhoneKey, merchant.PhoneIV, pad([]byte(m.Phone)))
	if err != nil {
		return nil, err
	}
	d.body = map[string]string{"uid": m.UID, "phone": base64.StdEncoding.EncodeToString(phone)}
	d.timestamp = strconv.FormatInt(s.now().Unix(), 10)
	d.nonce, err = s.draw(nonceAlphabet, nonceLength)
	return d, err
}

const nonceAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// address is where a merchant takes a call, "" if nowhere.
func (m Merchant) address(call Call) string {
	switch call {
	case CallOpen:
		return m.OpenURL
	case CallUnbind:
		return m.UnbindURL
	case CallPhone:
		return m.PhoneURL
	}
	return ""
}

func (s *Simulator) providerKey(m Merchant) *rsa.PrivateKey {
	if m.ProviderKey.PrivateKey != nil {
		return m.ProviderKey.PrivateKey
	}
	return s.opts.ProviderKey.PrivateKey
}

// seal signs a draft.
func (s *Simulator) seal(d *draft) (letter, error) {
	signature, err := sign(d.key, s.opts.SignForm.signedText(d.mchID, d.nonce, d.timestamp))
	if err != nil {
		return letter{}, err
	}
	if d.spoil != nil {
		signature = d.spoil(signature)
	}
	body, err := json.Marshal(d.body)
	if err != nil {
		return letter{}, fmt.Errorf("encode a call to the merchant: %w", err)
	}
	head := map[string]string{headMchID: d.mchID, headNonce: d.nonce, headTimestamp: d.timestamp}
	if len(signature) > 0 {
		head[headSignature] = s.opts.SignEncoding.encode(signature)
	}
	return letter{address: d.address, head: head, body: body}, nil
}

// request is the letter as an HTTP request, its header fields spelled as the document prints them.
func (l letter) request(ctx context.Context) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.address, bytes.NewReader(l.body))
	if err != nil {
		return nil, fmt.Errorf("call the merchant: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	for name, value := range l.head {
		req.Header[name] = []string{value}
	}
	return req, nil
}
