package wechatpay_test

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/wechatpay"
)

// download asks for the platform certificates and decrypts them: what can be trusted, by serial.
func (w *world) download() map[string]*x509.Certificate {
	w.t.Helper()
	a := w.get(certPath, "200")
	list, _ := a.body["data"].([]any)
	out := make(map[string]*x509.Certificate)
	for _, one := range list {
		c, _ := one.(map[string]any)
		box, _ := c["encrypt_certificate"].(map[string]any)
		text := func(name string) string { return fmt.Sprint(box[name]) }
		plain, err := open(w.mch.apiKey, text("nonce"), text("associated_data"), text("ciphertext"))
		if err != nil || text("algorithm") != "AEAD_AES_256_GCM" || text("associated_data") != "certificate" {
			w.t.Fatalf("%v: %v", c, err)
		}
		block, _ := pem.Decode(plain)
		if block == nil {
			w.t.Fatalf("%s is no PEM", plain)
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			w.t.Fatal(err)
		}
		serial := fmt.Sprintf("%X", certificate.SerialNumber)
		if serial != c["serial_no"] || len(serial) != 40 {
			w.t.Errorf("the certificate of %v has the serial %s", c["serial_no"], serial)
		}
		for name, want := range map[string]time.Time{"effective_time": certificate.NotBefore, "expire_time": certificate.NotAfter} {
			if at, err := time.Parse(time.RFC3339, fmt.Sprint(c[name])); err != nil || !at.Equal(want) {
				w.t.Errorf("%s is %v, the certificate says %s", name, c[name], want)
			}
		}
		out[serial] = certificate
	}
	return out
}

// serials are the names in the replies to so many requests.
func (w *world) serials(n int, asked string) map[string]int {
	w.t.Helper()
	out := make(map[string]int)
	for range n {
		a := w.wantCall(call{target: queryPath("SERIAL-1"), asked: asked}, "NOTPAY")
		out[a.header.Get("Wechatpay-Serial")]++
	}
	return out
}

func (w *world) step(step wechatpay.CertificateStep) {
	w.t.Helper()
	if err := w.sim.ChangeCertificate(step); err != nil {
		w.t.Fatal(err)
	}
}

func TestCertificatesAreChanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.post(nativePath, w.order("SERIAL-1", 100), "200")
	first := w.download()
	old := only(t, w.serials(2, ""))
	if first[old] == nil || len(first) != 1 {
		t.Fatalf("signed with %s, listed %v", old, first)
	}
	for _, step := range []wechatpay.CertificateStep{wechatpay.StepMix, wechatpay.StepSwitch, wechatpay.StepRetire, "magic"} {
		if err := w.sim.ChangeCertificate(step); err == nil {
			t.Errorf("%s before anything was issued", step)
		}
	}
	w.step(wechatpay.StepIssue)
	both := w.download()
	if len(both) != 2 || only(t, w.serials(2, "")) != old {
		t.Errorf("after issuing: %d listed", len(both))
	}
	w.step(wechatpay.StepMix)
	if mixed := w.serials(4, ""); len(mixed) != 2 || mixed[old] != 2 {
		t.Errorf("mixed: %v", mixed)
	}
	w.step(wechatpay.StepSwitch)
	fresh := only(t, w.serials(2, ""))
	if fresh == old || both[fresh] == nil || len(w.download()) != 2 {
		t.Errorf("after switching: signed with %s", fresh)
	}
	w.step(wechatpay.StepRetire)
	if left := w.download(); len(left) != 1 || left[fresh] == nil {
		t.Errorf("after retiring: %v", left)
	}
	w.refusedAs("query", call{target: queryPath("SERIAL-1"), asked: old}, "PARAM_ERROR", "Wechatpay-Serial", "serial")
	w.fault(wechatpay.Fault{Operation: "query", Kind: wechatpay.FaultBadSignature, Result: "retired", Times: 1})
	if a, err := w.sendRaw(call{target: queryPath("SERIAL-1")}); err == nil || a.header.Get("Wechatpay-Serial") != old {
		t.Errorf("a reply signed with the retired certificate: %v", err)
	}
	w.fault(wechatpay.Fault{Operation: "certificates", Kind: wechatpay.FaultBadCipher, Times: 1})
	a := w.get(certPath, "200")
	box, _ := a.body["data"].([]any)[0].(map[string]any)["encrypt_certificate"].(map[string]any)
	if _, err := open(apiKey, fmt.Sprint(box["nonce"]), "certificate", fmt.Sprint(box["ciphertext"])); err == nil {
		t.Error("a certificate under another key could be decrypted")
	}
}

func only(t *testing.T, counts map[string]int) string {
	t.Helper()
	if len(counts) != 1 {
		t.Fatalf("%d serials: %v", len(counts), counts)
	}
	for serial := range counts {
		return serial
	}
	return ""
}

func TestFromCertificateToPublicKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *wechatpay.Options) { o.Notices.Waits = []time.Duration{0} })
	w.post(nativePath, w.order("SERIAL-1", 100), "200")
	id := wechatpay.DefaultPublicKeyID
	certificate := only(t, w.serials(2, id)) // not switched on: the certificate signs whatever is asked for
	if strings.HasPrefix(certificate, "PUB_KEY_ID_") {
		t.Errorf("signed with %s", certificate)
	}
	mode := func(mode wechatpay.Mode, share int) {
		t.Helper()
		if err := w.sim.SetMode(mchID, mode, share); err != nil {
			t.Fatal(err)
		}
	}
	mode(wechatpay.ModeSwitching, 30)
	if only(t, w.serials(2, id)) != id || only(t, w.serials(2, "")) != certificate || only(t, w.serials(2, certificate)) != certificate {
		t.Error("while switching a reply is signed as it was asked for")
	}
	if notified := w.notified("SWITCH", 20); notified[id] != 6 || notified[certificate] != 14 {
		t.Errorf("while switching 30 of 100 notifications have the public key: %v", notified)
	}
	if len(w.download()) != 1 {
		t.Error("while switching there is no certificate")
	}
	mode(wechatpay.ModePublicKey, 0)
	if only(t, w.serials(2, "")) != id || only(t, w.serials(2, certificate)) != id {
		t.Error("after switching something is signed with the certificate")
	}
	if notified := w.notified("PUBLIC", 3); notified[id] != 3 {
		t.Errorf("%v", notified)
	}
	if a := w.get(certPath, "RESOURCE_NOT_EXISTS"); a.status != http.StatusNotFound {
		t.Errorf("HTTP %d", a.status)
	}
	if err := w.sim.SetMode(mchID, "magic", 0); err == nil {
		t.Error("an unknown mode was taken")
	}
	if err := w.sim.SetMode("1999999999", wechatpay.ModePublicKey, 0); err == nil {
		t.Error("an unknown merchant was moved")
	}
	w.clean()
}

// notified pays so many orders and returns the serials of their notifications, all of which must be genuine.
func (w *world) notified(prefix string, n int) map[string]int {
	w.t.Helper()
	before := len(w.sim.Deliveries())
	for i := range n {
		w.paid(fmt.Sprintf("%s-%02d", prefix, i), 100)
		w.delivered(before + i + 1)
	}
	out := make(map[string]int)
	for _, one := range w.shop.received()[before:] {
		if _, _, err := w.unpack(one); err != nil {
			w.t.Error(err)
		}
		out[one.header.Get("Wechatpay-Serial")]++
	}
	return out
}
