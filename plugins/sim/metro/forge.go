package metro

import (
	"context"
	"crypto/aes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
)

// Forgery is a way in which a message to the merchant is not what it pretends to be. A correct merchant accepts none.
type Forgery string

// The forgeries. The signature covers the three header fields only, so whoever saw one message can put other contents
// below its header: ForgeSwappedBody.
const (
	ForgeWrongSignature   Forgery = "wrong-signature"   // one bit of the signature is another
	ForgeNoSignature      Forgery = "no-signature"      // there is no Authorization
	ForgeOtherKey         Forgery = "other-key"         // signed with another account's key
	ForgeOtherAccount     Forgery = "other-account"     // rightly signed, in the name of another mch_id
	ForgeStaleTimestamp   Forgery = "stale-timestamp"   // rightly signed, a day ago
	ForgeFutureTimestamp  Forgery = "future-timestamp"  // rightly signed, a day ahead
	ForgeMillisTimestamp  Forgery = "millis-timestamp"  // rightly signed, 13 digits
	ForgeShortNonce       Forgery = "short-nonce"       // rightly signed, 15 characters
	ForgeReplay           Forgery = "replay"            // the last accepted message of this call again, byte by byte
	ForgeReplayedNonce    Forgery = "replayed-nonce"    // its nonce again, the time and the signature new
	ForgeSwappedBody      Forgery = "swapped-body"      // its header again, over another body
	ForgeDamagedCipher    Forgery = "damaged-cipher"    // the phone decrypts to an impossible padding
	ForgeTruncatedCipher  Forgery = "truncated-cipher"  // a part of the encrypted phone is missing
	ForgeOtherPhoneKey    Forgery = "other-phone-key"   // the phone is encrypted under another key
	ForgePlainPhone       Forgery = "plain-phone"       // the phone is not encrypted
	ForgeMissingUID       Forgery = "missing-uid"       // there is no uid
	ForgeMissingPhone     Forgery = "missing-phone"     // there is no phone
	ForgeUnprintablePhone Forgery = "unprintable-phone" // the phone is well encrypted, but no phone
)

// Forgeries lists all of them.
func Forgeries() []Forgery {
	return []Forgery{
		ForgeWrongSignature, ForgeNoSignature, ForgeOtherKey, ForgeOtherAccount, ForgeStaleTimestamp,
		ForgeFutureTimestamp, ForgeMillisTimestamp, ForgeShortNonce, ForgeReplay, ForgeReplayedNonce, ForgeSwappedBody,
		ForgeDamagedCipher, ForgeTruncatedCipher, ForgeOtherPhoneKey, ForgePlainPhone, ForgeMissingUID,
		ForgeMissingPhone, ForgeUnprintablePhone,
	}
}

// ErrNothingAccepted is why there is nothing to replay: the merchant has accepted no message of this call yet.
var ErrNothingAccepted = errors.New("the merchant has accepted no message of this call that could be replayed")

// forgedAway is how far stale and future timestamps are from the clock.
const forgedAway = 24 * time.Hour

// Forge sends one forged message now. Accepted in the delivery it returns means that the merchant was deceived.
func (s *Simulator) Forge(ctx context.Context, m Message, kind Forgery) (Delivery, error) {
	m.Forgery = kind
	forged, err := s.forge(m)
	if err != nil {
		return Delivery{}, err
	}
	m = s.outbox.add(m)
	return s.attempt(ctx, m, frame.Notification{
		Key:     m.ID,
		Request: func(ctx context.Context, _ int) (*http.Request, error) { return forged.request(ctx) },
		Accepted: func(status int, body []byte) bool {
			_, problems := s.readAnswer(m.Call, body)
			return status == http.StatusOK && len(problems) == 0
		},
	}), nil
}

func (s *Simulator) forge(m Message) (letter, error) {
	d, err := s.draft(m)
	if err != nil {
		return letter{}, err
	}
	switch m.Forgery {
	case ForgeReplay, ForgeReplayedNonce, ForgeSwappedBody:
		return s.replay(m, d)
	case ForgeOtherKey, ForgeOtherAccount:
		err = s.impersonate(m, d)
	case ForgeDamagedCipher, ForgeTruncatedCipher, ForgeOtherPhoneKey, ForgePlainPhone, ForgeUnprintablePhone:
		err = s.spoilPhone(m, d)
	default:
		err = s.spoil(m, d)
	}
	if err != nil {
		return letter{}, err
	}
	return s.seal(d)
}

// spoil changes what stands in the header, or leaves a field out.
func (s *Simulator) spoil(m Message, d *draft) error {
	switch m.Forgery {
	case ForgeWrongSignature:
		d.spoil = func(signature []byte) []byte {
			signature[len(signature)-1] ^= 1
			return signature
		}
	case ForgeNoSignature:
		d.spoil = func([]byte) []byte { return nil }
	case ForgeStaleTimestamp:
		d.timestamp = strconv.FormatInt(s.now().Add(-forgedAway).Unix(), 10)
	case ForgeFutureTimestamp:
		d.timestamp = strconv.FormatInt(s.now().Add(forgedAway).Unix(), 10)
	case ForgeMillisTimestamp:
		d.timestamp = strconv.FormatInt(s.now().UnixMilli(), 10)
	case ForgeShortNonce:
		d.nonce = d.nonce[1:]
	case ForgeMissingUID:
		delete(d.body, "uid")
	case ForgeMissingPhone:
		delete(d.body, "phone")
	default:
		return fmt.Errorf("there is no forgery of the kind %q: they are %v", m.Forgery, Forgeries())
	}
	return nil
}

// replay uses what the merchant has already accepted once.
func (s *Simulator) replay(m Message, d *draft) (letter, error) {
	old, known := s.outbox.lastAccepted(m)
	if !known {
		return letter{}, ErrNothingAccepted
	}
	switch m.Forgery {
	case ForgeReplayedNonce:
		d.nonce = old.head[headNonce]
		return s.seal(d)
	case ForgeSwappedBody:
		body, err := json.Marshal(d.body)
		if err != nil {
			return letter{}, fmt.Errorf("encode a forged body: %w", err)
		}
		return letter{address: old.address, head: old.head, body: body}, nil
	default: // ForgeReplay
		return old, nil
	}
}

// impersonate signs with the key, or in the name, of another account.
func (s *Simulator) impersonate(m Message, d *draft) error {
	others := s.merchants.except(m.MchID)
	if m.Forgery == ForgeOtherAccount {
		d.mchID += "0"
		if len(others) > 0 {
			d.mchID = others[0].MchID
			if key := s.providerKey(others[0]); key != nil {
				d.key = key
			}
		}
		return nil
	}
	for _, other := range others {
		if key := s.providerKey(other); key != nil && !key.Equal(d.key) {
			d.key = key
			return nil
		}
	}
	forger, err := s.forger()
	d.key = forger.PrivateKey
	return err
}

// makeForger is called once, when the first forgery needs a key that belongs to nobody.
func (s *Simulator) makeForger() (PrivateKey, error) {
	if s.opts.ForgerKey.PrivateKey != nil {
		return s.opts.ForgerKey, nil
	}
	key, err := rsa.GenerateKey(rand.Reader, 8*minKeyBytes)
	if err != nil {
		return PrivateKey{}, fmt.Errorf("make a forger's key: %w", err)
	}
	return PrivateKey{key}, nil
}

// spoilPhone changes the encrypted phone; the signature, which does not cover it, stays right.
func (s *Simulator) spoilPhone(m Message, d *draft) error {
	merchant, _ := s.merchants.find(m.MchID)
	key, blocks := merchant.PhoneKey, pad([]byte(m.Phone))
	switch m.Forgery {
	case ForgePlainPhone:
		d.body["phone"] = m.Phone
		return nil
	case ForgeDamagedCipher:
		blocks[len(blocks)-1] = 0 // no padding ends with 0, so it is found out for certain
	case ForgeUnprintablePhone:
		blocks = pad([]byte("\x00\xff not a phone"))
	case ForgeOtherPhoneKey:
		other := sha256.Sum256(key)
		key = other[:len(key)]
	default: // ForgeTruncatedCipher is cut below
	}
	text, err := encryptBlocks(key, merchant.PhoneIV, blocks)
	if err != nil {
		return err
	}
	if m.Forgery == ForgeTruncatedCipher {
		text = text[:len(text)-aes.BlockSize/2]
	}
	d.body["phone"] = base64.StdEncoding.EncodeToString(text)
	return nil
}
