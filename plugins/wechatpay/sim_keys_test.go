package main

import (
	"testing"

	sim "github.com/zhanggui-pay/zhanggui/plugins/sim/wechatpay"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/sdktest"
)

// checkIn checks the account in and stores what was rotated, as the host does.
func (s *shop) checkIn(t *testing.T) result {
	t.Helper()
	host := &sdktest.Host{Manifest: s.host.Manifest, Credentials: s.host.Credentials, Clock: s.host.Clock, Answer: s.host.Answer}
	x := checkInExchange()
	r, err := x.run(t.Context(), s.plugin, host.Call(t.Context(), x.capability, s.url, s.settings))
	if err != nil {
		t.Fatal(err)
	}
	s.rotated = len(host.Rotated())
	for name, value := range host.Rotated() {
		s.host.Credentials[name] = value.Text()
	}
	return r
}

func (s *shop) step(t *testing.T, step sim.CertificateStep) {
	t.Helper()
	if err := s.wechat.ChangeCertificate(step); err != nil {
		t.Fatal(err)
	}
}

// serials are the platform certificates that the account has, in the order of their issue.
func (s *shop) serials(t *testing.T) string {
	t.Helper()
	keys, err := s.wechat.PlatformKeys()
	if err != nil {
		t.Fatal(err)
	}
	out := ""
	for i, c := range keys.Certificates {
		for _, name := range certificates() {
			if s.host.Credentials[name] == c.PEM {
				out += string(rune('1' + i))
			}
		}
	}
	return out
}

// TestSimFirstCheckIn: an account without any key of WeChat Pay asks for nothing but the
// certificates, which prove themselves.
func TestSimFirstCheckIn(t *testing.T) {
	t.Parallel()
	s := openShop(t, sim.ModeCertificate, sim.Options{})
	delete(s.host.Credentials, credCertificate)
	if _, err := s.try(t.Context(), t, paymentExchange(paymentRequest(sdk.MethodQR))); !isInvalidCredential(err) {
		t.Fatalf("an order without any key: %v", err)
	}
	want(t, "calls", s.wechat.Calls(sim.OpNative), 0)
	r := s.checkIn(t)
	want(t, "check-in", r.outcome, succeeded)
	want(t, "certificates", s.serials(t), "1")
	want(t, "order", s.order(t, sdk.MethodQR).outcome, inProgress)
	s.clean(t)
}

// TestSimChangeOfCertificate: WeChat Pay changes its certificate while orders are placed, and
// no reply is lost, for the account checks in before the new one signs. Where it did not,
// replies are unknown until it does, and nothing is called failed.
func TestSimChangeOfCertificate(t *testing.T) {
	t.Parallel()
	s := paid(t, sim.ModeCertificate, sim.Options{})
	want(t, "nothing new", s.checkIn(t).outcome, succeeded)
	want(t, "nothing stored", s.rotated, 0)
	want(t, "one", s.serials(t), "1")
	s.step(t, sim.StepIssue)
	want(t, "issued", s.checkIn(t).outcome, succeeded)
	want(t, "stored", s.rotated > 0, true)
	want(t, "both", s.serials(t), "12")
	s.step(t, sim.StepMix)
	for range 4 {
		want(t, "mixed", s.query(t).outcome, succeeded)
	}
	s.step(t, sim.StepSwitch)
	want(t, "switched", s.query(t).outcome, succeeded)
	s.step(t, sim.StepRetire)
	want(t, "retired", s.query(t).outcome, succeeded)
	want(t, "checked in", s.checkIn(t).outcome, succeeded)
	want(t, "the new one alone", s.serials(t), "22")

	for _, step := range []sim.CertificateStep{sim.StepIssue, sim.StepSwitch, sim.StepRetire} {
		s.step(t, step)
	}
	want(t, "missed", s.query(t).outcome, unknown)
	want(t, "a refund meanwhile", s.refund(t, testRefund, 30, 0).outcome, unknown)
	want(t, "check-in", s.checkIn(t).outcome, succeeded)
	want(t, "the third", s.serials(t), "33")
	want(t, "then", s.query(t).outcome, succeeded)
	want(t, "the refund", s.refundQuery(t, testRefund, 30, 0).outcome, succeeded)
	s.books(t, 100, 30)
	s.clean(t)
}

// TestSimMoveToPublicKey: from certificates to the public key without a lost reply: the
// account has both, says which it wants, and believes either.
func TestSimMoveToPublicKey(t *testing.T) {
	t.Parallel()
	s := paid(t, sim.ModeCertificate, sim.Options{})
	keys, err := s.wechat.PlatformKeys()
	if err != nil {
		t.Fatal(err)
	}
	s.host.Credentials[credPublicKey], s.host.Credentials[credPublicKeyID] = keys.PublicKey, keys.PublicKeyID
	want(t, "before the switch", s.query(t).outcome, succeeded)
	for share := 0; share <= 100; share += 25 {
		if err := s.wechat.SetMode(testMerchant, sim.ModeSwitching, share); err != nil {
			t.Fatal(err)
		}
		want(t, "switching", s.query(t).outcome, succeeded)
		want(t, "check-in", s.checkIn(t).outcome, succeeded)
	}
	if err := s.wechat.SetMode(testMerchant, sim.ModePublicKey, 0); err != nil {
		t.Fatal(err)
	}
	want(t, "switched", s.query(t).outcome, succeeded)
	want(t, "check-in", s.checkIn(t).outcome, succeeded)
	delete(s.host.Credentials, credCertificate)
	delete(s.host.Credentials, credCertificate2)
	want(t, "without certificates", s.query(t).outcome, succeeded)
	want(t, "check-in without", s.checkIn(t).outcome, succeeded)
	want(t, "none kept", s.serials(t), "")
	s.clean(t)
}

// TestSimCheckInFaults: a list that is broken, or sealed under another key, stores nothing.
func TestSimCheckInFaults(t *testing.T) {
	t.Parallel()
	faults := broken(sim.OpCertificates)
	for _, flaw := range sim.CipherFlaws() {
		faults["cipher "+string(flaw)] = sim.Fault{Operation: sim.OpCertificates, Kind: sim.FaultBadCipher, Result: string(flaw)}
	}
	for name, f := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, sim.ModeCertificate, sim.Options{})
			if needsRetired(f) {
				s.retire(t)
			}
			delete(s.host.Credentials, credCertificate)
			f.Times = 1
			s.fault(t, f)
			want(t, "broken", s.checkIn(t).outcome, unknown)
			want(t, "kept", s.serials(t), "")
			want(t, "then", s.checkIn(t).outcome, succeeded)
			want(t, "certificates", len(s.serials(t)), 1)
		})
	}
	s := openShop(t, sim.ModeCertificate, sim.Options{})
	s.host.Credentials[credSecret] = "another key of exactly 32 bytes."
	want(t, "another APIv3 key", s.checkIn(t).outcome, unknown)
	s.host.Credentials[credSerial] = "1111"
	r := s.checkIn(t)
	want(t, "another serial", r.outcome, unknown)
	want(t, "our key", r.keyRefused, true)
}
