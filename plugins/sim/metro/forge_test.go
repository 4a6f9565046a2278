package metro_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/metro"
)

// TestForgeries holds each forgery against a careful merchant, which must refuse it for the right reason, and against
// a lax one, which shows that the forgery would otherwise have been believed.
func TestForgeries(t *testing.T) {
	t.Parallel()
	reasons := map[metro.Forgery]string{
		metro.ForgeWrongSignature: "signature", metro.ForgeNoSignature: "signature", metro.ForgeOtherKey: "signature",
		metro.ForgeOtherAccount: "account", metro.ForgeStaleTimestamp: "time", metro.ForgeFutureTimestamp: "time",
		metro.ForgeMillisTimestamp: "time", metro.ForgeShortNonce: "nonce", metro.ForgeReplay: "nonce",
		metro.ForgeReplayedNonce: "nonce", metro.ForgeSwappedBody: "nonce", metro.ForgeDamagedCipher: "contents",
		metro.ForgeTruncatedCipher: "contents", metro.ForgeOtherPhoneKey: "contents", metro.ForgePlainPhone: "contents",
		metro.ForgeMissingUID: "contents", metro.ForgeMissingPhone: "contents", metro.ForgeUnprintablePhone: "contents",
	}
	for _, kind := range metro.Forgeries() {
		for _, call := range []metro.Call{metro.CallOpen, metro.CallUnbind, metro.CallPhone} {
			t.Run(string(kind)+" "+string(call), func(t *testing.T) {
				t.Parallel()
				w, s := openShop(t)
				genuine := metro.Message{MchID: mchID, Call: call, UID: uid, Phone: phone}
				if d, err := w.sim.NotifyOnce(t.Context(), genuine); err != nil || !d.Accepted {
					t.Fatalf("%+v %v", d, err)
				}
				member, _ := w.sim.Member(mchID, uid)
				forged := metro.Message{MchID: mchID, Call: call, UID: "000000000666", Phone: "13600136000"}
				d, err := w.sim.Forge(t.Context(), forged, kind)
				if err != nil || d.Accepted || d.Status != http.StatusUnauthorized || d.Forgery != kind || d.Call != call {
					t.Errorf("%+v %v", d, err)
				}
				if why := s.believeAll(); !slices.Equal(why, []string{reasons[kind]}) {
					t.Errorf("refused because of %v, want %s", why, reasons[kind])
				}
				if d, err = w.sim.Forge(t.Context(), forged, kind); err != nil || !d.Accepted {
					t.Errorf("the lax merchant: %+v %v", d, err)
				}
				if after, _ := w.sim.Member(mchID, uid); after != member || len(w.sim.Members()) != 1 {
					t.Errorf("the forgery changed %+v", w.sim.Members())
				}
				if _, err := w.sim.Resend(t.Context(), d.Key); err == nil {
					t.Error("a forgery was sent again as if it were genuine")
				}
				w.clean()
			})
		}
	}
	if len(reasons) != len(metro.Forgeries()) {
		t.Errorf("%d forgeries, %d reasons", len(metro.Forgeries()), len(reasons))
	}
}

// TestReplayIsExact compares a replay with what was replayed.
func TestReplayIsExact(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var got []string
	merchant := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		got = append(got, r.Header.Get("nonce_str")+r.Header.Get("timestamp")+r.Header.Get("Authorization"), string(body))
		_, _ = io.WriteString(w, `{"vip_status":"ACTIVE"}`)
	}))
	t.Cleanup(merchant.Close)
	w, _ := openShop(t, func(o *metro.Options) { o.Merchants[0].OpenURL = merchant.URL })
	m := metro.Message{MchID: mchID, Call: metro.CallOpen, UID: uid, Phone: phone}
	if _, err := w.sim.Forge(t.Context(), m, metro.ForgeReplay); err == nil {
		t.Error("there was something to replay")
	}
	if _, err := w.sim.Forge(t.Context(), m, "kindness"); err == nil {
		t.Error("an unknown forgery was sent")
	}
	if _, err := w.sim.NotifyOnce(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	w.clock.Sleep(time.Hour)
	m.UID = "000000000666"
	for _, kind := range []metro.Forgery{metro.ForgeReplay, metro.ForgeSwappedBody} {
		if _, err := w.sim.Forge(t.Context(), m, kind); err != nil {
			t.Fatal(err)
		}
	}
	if len(got) != 6 || got[2] != got[0] || got[3] != got[1] || got[4] != got[0] || got[5] == got[1] {
		t.Errorf("%q", got)
	}
}

// TestForgersKeys looks at who signs: another merchant's provider key if there is one, else a stranger's.
func TestForgersKeys(t *testing.T) {
	t.Parallel()
	w, s := openShop(t, func(o *metro.Options) {
		o.Merchants[1].ProviderKey = metro.PrivateKey{PrivateKey: otherKey()}
	})
	var signer *rsa.PublicKey
	var mch string
	merchant := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		mch = r.Header.Get("mch_id")
		text := sha256.Sum256([]byte(named(mch, r.Header.Get("nonce_str"), r.Header.Get("timestamp"))))
		signature, _ := base64.StdEncoding.DecodeString(r.Header.Get("Authorization"))
		for _, key := range []*rsa.PrivateKey{providerKey(), otherKey(), strangerKey()} {
			if rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, text[:], signature) == nil {
				signer = &key.PublicKey
			}
		}
		rw.WriteHeader(http.StatusForbidden)
	}))
	t.Cleanup(merchant.Close)
	to := func(m metro.Merchant, kind metro.Forgery, signedAs string, by *rsa.PrivateKey) {
		t.Helper()
		w.sim.AddMerchant(m)
		signer = nil
		if _, err := w.sim.Forge(t.Context(), metro.Message{MchID: m.MchID, Call: metro.CallOpen, UID: uid, Phone: phone}, kind); err != nil {
			t.Fatal(err)
		}
		if mch != signedAs || signer == nil || !signer.Equal(&by.PublicKey) {
			t.Errorf("%s: signed as %s, want %s", kind, mch, signedAs)
		}
	}
	m := metro.Merchant{MchID: mchID, OpenURL: merchant.URL, PhoneKey: phoneKey, PhoneIV: phoneIV}
	to(m, metro.ForgeOtherKey, mchID, otherKey())
	to(m, metro.ForgeOtherAccount, otherMch, otherKey())
	w.sim.AddMerchant(metro.Merchant{MchID: otherMch})
	to(m, metro.ForgeOtherKey, mchID, strangerKey())
	to(m, metro.ForgeOtherAccount, otherMch, providerKey())
	if len(s.heard()) != 0 {
		t.Error("the shop was called")
	}
}

// TestForgeryWithoutAnotherKey signs with a key made for it when nobody else has one.
func TestForgeryWithoutAnotherKey(t *testing.T) {
	t.Parallel()
	w, s := openShop(t, func(o *metro.Options) {
		o.ForgerKey = metro.PrivateKey{}
		o.Merchants = o.Merchants[:1]
	})
	m := metro.Message{MchID: mchID, Call: metro.CallOpen, UID: uid, Phone: phone}
	for _, kind := range []metro.Forgery{metro.ForgeOtherKey, metro.ForgeOtherAccount} {
		if d, err := w.sim.Forge(t.Context(), m, kind); err != nil || d.Accepted {
			t.Errorf("%s: %+v %v", kind, d, err)
		}
	}
	if why := s.believeAll(); !slices.Equal(why, []string{"signature", "account"}) {
		t.Errorf("refused because of %v", why)
	}
}
