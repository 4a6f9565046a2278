package main

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// received is a charge as the provider reads it, with the standard library's own decoder.
type received struct {
	OrderNo string  `json:"out_request_no"`
	Code    string  `json:"qrcode"`
	Body    string  `json:"body"`
	Total   uint64  `json:"total_fee"`
	Remark  *string `json:"extra_data"`
	StoreID string  `json:"store_id"`
}

// anyText draws what a cashier may type, with what tends to break.
func anyText() *rapid.Generator[string] {
	odd := rapid.StringOfN(rapid.SampledFrom([]rune(`中文咖啡☕😀<>&"'\/%+=?#{}[]:, `+"\t\n\r\u2028\u2029\u0000\ufeff")), 0, 40, -1)
	return rapid.OneOf(rapid.String(), odd, rapid.Just(""))
}

// TestAnyTextAndAmountArrive: sign, send, and verify as the provider does.
func TestAnyTextAndAmountArrive(t *testing.T) {
	t.Parallel()
	public := &rsaKey(t, "merchant.pem").PublicKey
	keys := credentials(t)
	rapid.Check(t, func(rt *rapid.T) {
		req := paymentRequest()
		req.Subject, req.Description = anyText().Draw(rt, "subject"), anyText().Draw(rt, "description")
		req.Amount = sdk.Fen(rapid.OneOf(rapid.Int64Range(1, 1<<63-1), rapid.Just[int64](1<<63-1)).Draw(rt, "amount"))
		h := answering(t, http.StatusOK, ok(fmt.Sprintf(`{"pay_status":"PS_SUCCESS","total_fee":%d}`, req.Amount.Minor)))
		h.Credentials = keys
		at := time.Unix(rapid.Int64Range(1_000_000_000, 9_999_999_999).Draw(rt, "time"), 0)
		h.Clock, req.ExpiresAt = func() time.Time { return at }, time.Time{}
		r, err := provider{}.CreatePayment(t.Context(), h.Call(t.Context(), sdk.CapCreatePayment, testURL, testSettings), req)
		if err != nil || r.Outcome != succeeded || r.Amount != req.Amount {
			rt.Fatalf("%+v, %v", r, err)
		}
		sent := h.last(t)
		if err := verifySent(public, sent, at); err != nil {
			rt.Fatal(err)
		}
		var got received
		decoder := json.NewDecoder(strings.NewReader(sent.body))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&got); err != nil {
			rt.Fatal(err)
		}
		wantBody := req.Subject
		if wantBody == "" {
			wantBody = req.OrderNo
		}
		if got.OrderNo != req.OrderNo || got.Code != testCode || got.StoreID != testStore || got.Body != wantBody || got.Total != uint64(req.Amount.Minor) {
			rt.Fatalf("%+v", got)
		}
		if (got.Remark == nil) != (req.Description == "") || (got.Remark != nil && *got.Remark != req.Description) {
			rt.Fatalf("remark %v of %q", got.Remark, req.Description)
		}
	})
}

// verifySent checks a request as the provider does.
func verifySent(public *rsa.PublicKey, sent sentRequest, at time.Time) error {
	nonce, stamp := sent.header.Get("nonce_str"), sent.header.Get("timestamp")
	if len(nonce) != 16 || stamp != fmt.Sprint(at.Unix()) || sent.header.Get("mch_id") != testMerchant {
		return fmt.Errorf("header %v", sent.header)
	}
	signature, err := base64.StdEncoding.DecodeString(sent.header.Get("Authorization"))
	if err != nil {
		return err
	}
	digest := sha256.Sum256([]byte("mch_id=" + testMerchant + "&nonce_str=" + nonce + "&timestamp=" + stamp))
	return rsa.VerifyPKCS1v15(public, crypto.SHA256, digest[:], signature)
}

// TestNoncesDiffer: a fresh one for each request.
func TestNoncesDiffer(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 50 {
		h := answering(t, http.StatusOK, `{"code":1}`)
		if _, err := (provider{}).QueryPayment(t.Context(), h.Call(t.Context(), sdk.CapQueryPayment, testURL, testSettings), orderRef()); err != nil {
			t.Fatal(err)
		}
		nonce := h.last(t).header.Get("nonce_str")
		if len(nonce) != 16 || seen[nonce] || strings.Trim(nonce, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != "" {
			t.Errorf("nonce %q", nonce)
		}
		seen[nonce] = true
	}
}

// TestAnyMemberArrives: whatever uid and phone the provider signs and seals.
func TestAnyMemberArrives(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		m := goodMessage(rapid.SampledFrom([]string{kindOpen, kindClose, kindPhone}).Draw(rt, "kind"))
		m.uid = rapid.StringOfN(rapid.SampledFrom([]rune(`abcXYZ019-_.@/\"<>&中☕😀 `)), 1, 30, 128).Draw(rt, "uid")
		m.phone = rapid.StringMatching(`\+?[0-9]{5,20}`).Draw(rt, "phone")
		m.nonce = rapid.StringMatching(`[0-9A-Za-z]{16}`).Draw(rt, "nonce")
		r, err := newHost(t, nil).call(t, inboundExchange(m.request(t)))
		if err != nil || !r.inbound.Verified || r.inbound.Nonce != m.nonce || r.inbound.Events[0].Values["uid"] != m.uid {
			rt.Fatalf("%+v, %v", r.inbound, err)
		}
		if phone, there := r.inbound.Events[0].Secrets["phone"]; there == (m.kind == kindClose) || (there && phone.Text() != m.phone) {
			rt.Fatalf("phone %q", phone.Text())
		}
	})
}
