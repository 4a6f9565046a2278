package mmsp_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"
)

// keyPairs are 1024 bits long, as the provider's are (3.2).
type keyPairs struct{ platform, merchant, stranger *rsa.PrivateKey }

var generated = sync.OnceValues(func() (keyPairs, error) {
	var k keyPairs
	for _, key := range []**rsa.PrivateKey{&k.platform, &k.merchant, &k.stranger} {
		var err error
		if *key, err = rsa.GenerateKey(rand.Reader, 1024); err != nil {
			return keyPairs{}, err
		}
	}
	return k, nil
})

func pairs(t *testing.T) keyPairs {
	t.Helper()
	k, err := generated()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// payoutWorld has one merchant with two channels: T1 with 1,000 yuan, and D0 with 500 yuan of advance.
func payoutWorld(t *testing.T, change ...func(*mmsp.Options)) *world {
	t.Helper()
	setUp := func(o *mmsp.Options) {
		o.PlatformKey = mmsp.PrivateKey{PrivateKey: pairs(t).platform}
		o.Merchants[0].Payout = &mmsp.PayoutAccount{
			Key: mmsp.PublicKey{PublicKey: &pairs(t).merchant.PublicKey},
			Channels: []mmsp.Channel{
				{No: "C1", MerchantNo: "M1", Pending: 700, Available: 100_000, Held: 30, Fee: 200, Min: 100, Max: 50_000, OnBook: true, SettleAt: 16},
				{No: "C2", MerchantNo: "M2", Available: 40_000, Advance: 50_000, D0: true, HolidayType: 3, SettleD1: true, Begin: "09:00:00", End: "17:30:00"},
			},
		}
	}
	return newWorld(t, append([]func(*mmsp.Options){setUp}, change...)...)
}

func payoutBody(number string) fields {
	return fields{
		"CMDID": "4097", "VERSION": "1.0", "MERNO": merNo, "ORDERNO": number, "REQTIME": "20261123100000", "AMT": "1000",
		"BUSITYPE": "001", "ACCNAME": "张三", "ACCNO": "6225123456781234", "MEMO": "代付", "ACCTYPE": "0",
		"MOBILE": "13800138000", "BANKNAME": "招商银行",
	}
}

func payoutQueryBody(number string) fields {
	return fields{"CMDID": "4098", "VERSION": "1.0", "MERNO": merNo, "ORDERNO": number, "REQTIME": "20261123100000"}
}

func balanceBody(number string) fields {
	return fields{
		"CMDID": "4099", "VERSION": "1.0", "MERNO": merNo, "QRYTYPE": "1", "ORDERNO": number, "REQTIME": "20261123100000",
	}
}

// seal encrypts by the document's words (3.1): blocks of what the key can take, joined, in Base64.
func seal(t *testing.T, key *rsa.PublicKey, plain []byte) string {
	t.Helper()
	var sealed bytes.Buffer
	for len(plain) > 0 {
		n := min(len(plain), key.Size()-11)
		block, err := rsa.EncryptPKCS1v15(rand.Reader, key, plain[:n]) //nolint:staticcheck // the provider's encryption
		if err != nil {
			t.Fatal(err)
		}
		sealed.Write(block)
		plain = plain[n:]
	}
	return base64.StdEncoding.EncodeToString(sealed.Bytes())
}

func signSHA1(t *testing.T, key *rsa.PrivateKey, plain []byte) string {
	t.Helper()
	digest := sha1.Sum(plain)
	sign, err := rsa.SignPKCS1v15(nil, key, crypto.SHA1, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(sign)
}

// unseal opens a reply with the merchant's key.
func unseal(key *rsa.PrivateKey, text string) ([]byte, error) {
	sealed, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(sealed)%key.Size() != 0 {
		return nil, fmt.Errorf("ENCRYPT is not whole blocks in Base64: %d bytes, %w", len(sealed), err)
	}
	var plain []byte
	for ; len(sealed) > 0; sealed = sealed[key.Size():] {
		part, err := rsa.DecryptPKCS1v15(nil, key, sealed[:key.Size()]) //nolint:staticcheck // as above
		if err != nil {
			return nil, err
		}
		plain = append(plain, part...)
	}
	return plain, nil
}

// payoutAnswer is a reply with what was sealed in it.
type payoutAnswer struct {
	code, message, messageName string
	plain                      map[string]any
}

func (a payoutAnswer) text(name string) string {
	if a.plain[name] == nil {
		return ""
	}
	return fmt.Sprint(a.plain[name])
}

func (a payoutAnswer) String() string { return strings.TrimSpace(a.code + " " + a.text("PAYSTATE")) }

// payoutMessage is the outer message around a plaintext.
func payoutMessage(t *testing.T, plain []byte) string {
	t.Helper()
	return compact(t, fields{
		"ENCRYPT": seal(t, &pairs(t).platform.PublicKey, plain), "SIGN": signSHA1(t, pairs(t).merchant, plain),
	})
}

func (w *world) postPayout(message string) (payoutAnswer, error) {
	w.t.Helper()
	resp, raw, err := w.raw(http.MethodPost, mmsp.PathPayout, []byte(message), map[string]string{"Content-Type": "application/json"})
	if err != nil {
		return payoutAnswer{}, err
	}
	if resp.StatusCode != http.StatusOK {
		return payoutAnswer{}, fmt.Errorf("HTTP %d", resp.StatusCode)
	}
	var outer map[string]string
	if err := json.Unmarshal(raw, &outer); err != nil {
		return payoutAnswer{}, fmt.Errorf("not a reply: %w", err)
	}
	a := payoutAnswer{code: outer["RETCODE"]}
	for _, name := range []string{"RETMSG", "REMSG", "RETMMSG"} {
		if text, there := outer[name]; there {
			a.messageName, a.message = name, text
		}
	}
	if outer["ENCRYPT"] == "" {
		return a, nil
	}
	plain, err := unseal(pairs(w.t).merchant, outer["ENCRYPT"])
	if err != nil {
		return a, err
	}
	decoder := json.NewDecoder(bytes.NewReader(plain))
	decoder.UseNumber()
	return a, decoder.Decode(&a.plain)
}

func (w *world) payout(body fields) (payoutAnswer, error) {
	w.t.Helper()
	return w.postPayout(payoutMessage(w.t, []byte(compact(w.t, body))))
}

// wantPayout compares RETCODE and PAYSTATE.
func (w *world) wantPayout(body fields, want string) payoutAnswer {
	w.t.Helper()
	a, err := w.payout(body)
	if err != nil {
		w.t.Fatalf("%v: %v", body["CMDID"], err)
	}
	if a.String() != want {
		w.t.Fatalf("%v of %v answered %q, want %q (%s)", body["CMDID"], body["ORDERNO"], a, want, a.message)
	}
	if a.code != "0000" && a.message == "" {
		w.t.Fatalf("%s has no text", a.code)
	}
	return a
}

// paidOut compares what the ledger holds of a payout.
func (w *world) paidOut(number string, payouts int, net int64) {
	w.t.Helper()
	s := w.sim.Ledger().Order(mmsp.Key(merNo, number))
	if s.Payouts != payouts || s.Net != net {
		w.t.Fatalf("payout %s: %d payouts and net %d fen in the ledger, want %d and %d", number, s.Payouts, s.Net, payouts, net)
	}
}

// purse compares a channel's row: BALANCEPAY, ADVANCEPAY, FREEZEBAL.
func (w *world) purse(fresh string, channel int, want string) {
	w.t.Helper()
	a := w.wantPayout(balanceBody(fresh), "0000")
	row, ok := a.plain["ACCINFO"].([]any)[channel].(map[string]any)
	if !ok {
		w.t.Fatalf("ACCINFO is %v", a.plain["ACCINFO"])
	}
	if got := fmt.Sprint(row["BALANCEPAY"], " ", row["ADVANCEPAY"], " ", row["FREEZEBAL"]); got != want {
		w.t.Fatalf("channel %d holds %s, want %s", channel, got, want)
	}
}

// refusedPayout sends a plaintext and checks the code and that the breach was recorded.
func (w *world) refusedPayout(op string, plain []byte, code, field, rule string) {
	w.t.Helper()
	w.refusedPayoutMessage(op, payoutMessage(w.t, plain), code, field, rule)
}

func (w *world) refusedPayoutMessage(op, message, code, field, rule string) {
	w.t.Helper()
	since := len(w.sim.Violations())
	a, err := w.postPayout(message)
	if err != nil {
		w.t.Fatal(err)
	}
	if a.code != code || a.message == "" || a.plain != nil {
		w.t.Errorf("%s: %s of %s answered %s %q %v, want %s and no ENCRYPT", op, rule, field, a.code, a.message, a.plain, code)
	}
	w.breach(since, op, field, rule)
}
