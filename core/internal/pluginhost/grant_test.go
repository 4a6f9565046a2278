package pluginhost

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// refused expects each attempt's note to be a refusal by the grant, and as many violations.
func refused(t *testing.T, b *bench, values map[string]string, attempts int) {
	t.Helper()
	if len(values) != attempts {
		t.Errorf("%d attempts of %d: %v", len(values), attempts, values)
	}
	for attempt, came := range values {
		if !strings.Contains(came, "denied") {
			t.Errorf("%s: %s", attempt, came)
		}
	}
	s := b.status("actor")
	if s.Violations < int64(attempts) || s.LastViolation == "" {
		t.Errorf("%d violations are counted, the last %q", s.Violations, s.LastViolation)
	}
	if !strings.Contains(b.logs.String(), "not granted") {
		t.Error("nothing was logged")
	}
	if b.provider.requests.Load() != 0 {
		t.Error("the provider was reached")
	}
}

func TestKeysOutsideTheGrant(t *testing.T) {
	t.Parallel()
	b := start(t, nil)
	got, err := b.CheckIn(t.Context(), b.call("other-key"))
	if err != nil {
		t.Fatal(err)
	}
	refused(t, b, got.Values, 4)
}

func TestRequestsOutsideTheGrant(t *testing.T) {
	t.Parallel()
	b := start(t, nil)
	other := newProvider(t)
	got, err := b.CheckIn(t.Context(), b.call("elsewhere", "Host", strings.TrimPrefix(other.URL, "http://")))
	if err != nil {
		t.Fatal(err)
	}
	refused(t, b, got.Values, 21)
	if other.requests.Load() != 0 {
		t.Error("the other host was reached")
	}
}

func TestAnExpiredTokenIsRefused(t *testing.T) {
	t.Parallel()
	b := start(t, nil)
	if _, err := b.CheckIn(t.Context(), b.call("keep")); err != nil {
		t.Fatal(err)
	}
	got, err := b.CheckIn(t.Context(), b.call("expired"))
	if err != nil {
		t.Fatal(err)
	}
	refused(t, b, got.Values, 2)
}

func TestASecondSendIsRefused(t *testing.T) {
	t.Parallel()
	b := start(t, nil)
	got, err := b.pay("second-send")
	if err != nil || got.Outcome != core.OutcomeSucceeded {
		t.Fatal(got, err)
	}
	if n := b.provider.requests.Load(); n != 1 {
		t.Errorf("%d requests", n)
	}
	if s := b.status("actor"); s.Violations != 1 {
		t.Errorf("%d violations", s.Violations)
	}
}

func TestSuccessWithoutAReplyIsNotBelieved(t *testing.T) {
	t.Parallel()
	b := start(t, nil)
	got, err := b.pay("lie")
	if err != nil || got.Outcome != core.OutcomeUnknown || b.status("actor").Violations != 1 {
		t.Fatalf("%+v %v", got, err)
	}
}

func TestEveryCipher(t *testing.T) {
	t.Parallel()
	b := start(t, nil)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	b.putKeys(map[string]core.Credential{
		"terminal_key": {Type: core.CredMD5Key, Value: core.SecretString(keyOne)},
		"rsa":          {Type: core.CredRSAPrivate, Value: core.NewSecret(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))},
		"aes":          {Type: core.CredAESKey, Value: core.SecretString("0123456789abcdef")},
	})
	got, err := b.CheckIn(t.Context(), b.call("crypto"))
	if err != nil || got.Values["crypto"] != "went through" {
		t.Fatal(got.Values, err)
	}
}

func TestRotationKeepsTheOldKeyUntilTheNewOneWorks(t *testing.T) {
	t.Parallel()
	b := start(t, nil)
	// The provider answers a check-in with a new key, which is stored beside what is there.
	got, err := b.CheckIn(t.Context(), b.call("rotate"))
	if err != nil || got.Outcome != core.OutcomeSucceeded || got.Exchange.KeyVersion != 2 {
		t.Fatalf("%+v %v", got, err)
	}
	if strings.Contains(string(got.Exchange.Evidence), "key-two") {
		t.Errorf("the new key stands in the evidence: %s", got.Exchange.Evidence)
	}
	set, err := b.keyring.Get(t.Context(), b.account.KeyPath(), 0)
	if err != nil || string(set.Values["terminal_key"].Value.Reveal()) != "key-two" || string(set.Values["terminal_sn"].Value.Reveal()) != "SN-0" {
		t.Fatal("the new version is not the old one with the new key")
	}
	// The provider still wants the old key: money is not sent twice, a query finds out.
	paid, err := b.pay("")
	if err != nil || paid.Outcome != core.OutcomeRefused || b.provider.requests.Load() != 2 {
		t.Fatalf("%+v %v", paid, err)
	}
	asked, err := b.QueryPayment(t.Context(), b.call(""), core.OrderRef{OrderNo: orderNo})
	if err != nil || asked.Outcome != core.OutcomeSucceeded || asked.Exchange.KeyVersion != 1 || b.provider.requests.Load() != 4 {
		t.Fatalf("%+v %v", asked, err)
	}
	paid, err = b.pay("")
	if err != nil || paid.Outcome != core.OutcomeSucceeded || paid.Exchange.KeyVersion != 1 {
		t.Fatalf("%+v %v", paid, err)
	}
}

func TestARotatedKeySignsAtOnce(t *testing.T) {
	t.Parallel()
	b := start(t, nil)
	if _, err := b.CheckIn(t.Context(), b.call("rotate")); err != nil {
		t.Fatal(err)
	}
	b.provider.accept("key-two")
	paid, err := b.pay("")
	if err != nil || paid.Outcome != core.OutcomeSucceeded || paid.Exchange.KeyVersion != 2 {
		t.Fatalf("%+v %v", paid, err)
	}
	// Another node rotated: the account's row says so, and the cache is not believed.
	b.putKeys(map[string]core.Credential{
		"terminal_key": {Type: core.CredMD5Key, Value: core.SecretString("key-three")},
		"terminal_sn":  {Type: core.CredMerchantNumber, Value: core.SecretString("SN-0")},
	})
	b.account.KeyVersion = 3
	b.provider.accept("key-three")
	if paid, err = b.pay(""); err != nil || paid.Outcome != core.OutcomeSucceeded {
		t.Fatalf("%+v %v", paid, err)
	}
}

// preferOld rotates to key-two, which the provider does not take: the one before it is preferred.
func preferOld(t *testing.T) *bench {
	t.Helper()
	b := start(t, nil)
	if _, err := b.CheckIn(t.Context(), b.call("rotate")); err != nil {
		t.Fatal(err)
	}
	asked, err := b.QueryPayment(t.Context(), b.call(""), core.OrderRef{OrderNo: orderNo})
	if err != nil || asked.Outcome != core.OutcomeSucceeded || asked.Exchange.KeyVersion != 1 {
		t.Fatalf("%+v %v", asked, err)
	}
	return b
}

// TestTheNewestKeysAreWhatIsTested: a test of the keys does not pass on those before them, and
// once the newest are taken they are used.
func TestTheNewestKeysAreWhatIsTested(t *testing.T) {
	t.Parallel()
	b := preferOld(t)
	call := b.call("")
	call.NewestKeys = true
	got, err := b.CheckIn(t.Context(), call)
	if err != nil || got.Outcome != core.OutcomeRefused || got.Exchange.KeyVersion != 2 {
		t.Fatalf("%+v %v", got, err)
	}
	b.provider.accept(keyOne, "key-two")
	if got, err = b.CheckIn(t.Context(), call); err != nil || got.Outcome != core.OutcomeSucceeded {
		t.Fatalf("%+v %v", got, err)
	}
	if paid, err := b.pay(""); err != nil || paid.Outcome != core.OutcomeSucceeded || paid.Exchange.KeyVersion != 2 {
		t.Fatalf("%+v %v", paid, err)
	}
}

// TestAnOldKeyThatIsRefusedIsPreferredNoMore: the provider has gone over to the newest.
func TestAnOldKeyThatIsRefusedIsPreferredNoMore(t *testing.T) {
	t.Parallel()
	b := preferOld(t)
	b.provider.accept("key-two")
	if paid, err := b.pay(""); err != nil || paid.Outcome != core.OutcomeRefused || paid.Exchange.KeyVersion != 1 {
		t.Fatalf("%+v %v", paid, err)
	}
	if paid, err := b.pay(""); err != nil || paid.Outcome != core.OutcomeSucceeded || paid.Exchange.KeyVersion != 2 {
		t.Fatalf("%+v %v", paid, err)
	}
}

func TestActivationStoresTheFirstKeys(t *testing.T) {
	t.Parallel()
	b := start(t, nil)
	b.account.ID, b.account.KeyVersion = core.NewID(time.Now()), 0
	got, err := b.Activate(t.Context(), b.call(""), map[string]core.Secret{"code": core.SecretString("issued-key")})
	if err != nil || got.Exchange.KeyVersion != 1 {
		t.Fatalf("%+v %v", got, err)
	}
	set, err := b.keyring.Get(t.Context(), b.account.KeyPath(), 0)
	if err != nil || string(set.Values["terminal_sn"].Value.Reveal()) != "SN-1" || set.Values["terminal_sn"].Type != core.CredMerchantNumber {
		t.Fatalf("%v", err)
	}
}

func TestKeysThatCannotBeRead(t *testing.T) {
	t.Parallel()
	b := start(t, nil)
	b.keyring.down.Store(true)
	got, err := b.pay("")
	if core.CodeOf(err) != core.CodeKeysUnavailable || got.Exchange.Sent != core.SentNo || b.provider.requests.Load() != 0 {
		t.Fatalf("%+v %v", got, err)
	}
	b.keyring.down.Store(false)
	if _, err := b.pay(""); err != nil {
		t.Fatal(err)
	}
	gets := b.keyring.gets.Load()
	b.keyring.down.Store(true)
	if _, err := b.pay(""); err != nil || b.keyring.gets.Load() != gets {
		t.Fatal("the cache does not bridge a sealed Vault", err)
	}
	b.Invalidate(b.account.KeyPath())
	if _, err := b.pay(""); core.CodeOf(err) != core.CodeKeysUnavailable {
		t.Fatal(err)
	}
}

func TestTheCacheForgetsAfterFiveMinutes(t *testing.T) {
	t.Parallel()
	now := time.Now()
	keyring := &memoryKeyring{}
	path := core.KeyPath{TenantID: core.NewID(now)}
	if _, err := keyring.Put(t.Context(), path, nil, 0); err != nil {
		t.Fatal(err)
	}
	c := newKeyCache(keyring, func() time.Time { return now })
	for range 3 {
		if _, err := c.get(t.Context(), path, 0, 0); err != nil {
			t.Fatal(err)
		}
	}
	if n := keyring.gets.Load(); n != 1 {
		t.Errorf("%d reads", n)
	}
	now = now.Add(keyAge + time.Second)
	if _, err := c.get(t.Context(), path, 0, 0); err != nil || keyring.gets.Load() != 2 {
		t.Error("an old key was served", err)
	}
	for i := range keyEntries + 100 {
		path := core.KeyPath{TenantID: core.ID{byte(i), byte(i >> 8), 1}}
		if _, err := keyring.Put(t.Context(), path, nil, 0); err != nil {
			t.Fatal(err)
		}
		if _, err := c.get(context.Background(), path, 0, 0); err != nil {
			t.Fatal(err)
		}
	}
	if len(c.versions) > keyEntries {
		t.Errorf("%d versions are held", len(c.versions))
	}
}

func TestOperationsNotOffered(t *testing.T) {
	t.Parallel()
	b := start(t, nil)
	if _, err := b.CreateRefund(t.Context(), b.call(""), core.RefundRequest{}); core.CodeOf(err) != core.CodeNotSupported {
		t.Error(err)
	}
	call := b.call("")
	call.Account.Provider = "nobody"
	if _, err := b.QueryPayment(t.Context(), call, core.OrderRef{}); core.CodeOf(err) != core.CodeProviderUnavailable {
		t.Error(err)
	}
	call = b.call("")
	call.Account.BaseURL = "ftp://x"
	if _, err := b.QueryPayment(t.Context(), call, core.OrderRef{}); core.CodeOf(err) != core.CodeInvalidRequest {
		t.Error(err)
	}
}

func TestPendingPluginsDoNotRun(t *testing.T) {
	t.Parallel()
	b := start(t, func(o *Options) { o.Approvals = approveNone{} })
	if s := b.status("actor"); s.State != core.PluginPending || s.PID != 0 {
		t.Fatalf("%+v", s)
	}
	if _, err := b.pay(""); core.CodeOf(err) != core.CodePluginPending {
		t.Fatal(err)
	}
	if _, err := b.Manifest("actor"); core.CodeOf(err) != core.CodePluginPending {
		t.Fatal(err)
	}
}

type approveNone struct{}

func (approveNone) ApprovedAs(context.Context, string) (string, error) { return "", nil }

func (approveNone) Approval(context.Context, string, string) (Approval, error) {
	return ApprovalPending, nil
}

func TestProviderFailures(t *testing.T) {
	t.Parallel()
	b := start(t, nil)
	b.provider.status.Store(http.StatusInternalServerError)
	if got, err := b.pay(""); err != nil || got.Outcome != core.OutcomeUnknown || got.Exchange.Sent != core.SentMaybe {
		t.Errorf("500: %+v %v", got, err)
	}
	b.provider.status.Store(0)
	for name, reply := range map[string]string{"garbage": "<html>", "long": `{"status":"PAID","sn":"` + strings.Repeat("x", 2<<20) + `"}`} {
		b.provider.reply.Store(reply)
		if got, err := b.pay(""); err != nil || got.Outcome != core.OutcomeUnknown || got.Exchange.Sent != core.SentMaybe {
			t.Errorf("%s: %v %v", name, got.Outcome, err)
		} else if len(got.Exchange.Evidence) > 3*evidenceLimit {
			t.Errorf("%s: %d bytes of evidence", name, len(got.Exchange.Evidence))
		}
	}
	b.account.BaseURL = "http://127.0.0.1:1" // nobody listens there, and no test is given that port
	for i := range breakerLimit + 2 {
		got, err := b.pay("")
		if core.CodeOf(err) != core.CodeProviderUnavailable || got.Exchange.Sent != core.SentNo {
			t.Fatalf("%d: unreachable: %+v %v", i, got, err)
		}
	}
	if got, err := b.pay(""); err == nil || !strings.Contains(err.Error(), "several times") {
		t.Errorf("the circuit did not open: %+v %v", got, err)
	}
	if got := b.status("actor").Unreachable; len(got) != 1 || !strings.HasPrefix(got[0], "127.0.0.1:") {
		t.Errorf("unreachable addresses: %v", got)
	}
}

func TestPrivateAddressesAreRefused(t *testing.T) {
	t.Parallel()
	b := start(t, func(o *Options) { o.AllowPrivateNetworks = false })
	got, err := b.pay("")
	if core.CodeOf(err) != core.CodeProviderUnavailable || got.Exchange.Sent != core.SentNo || b.provider.requests.Load() != 0 {
		t.Fatalf("%+v %v", got, err)
	}
	if s := b.status("actor"); !strings.Contains(s.LastViolation, "plain http") {
		t.Errorf("%+v", s)
	}
}

func BenchmarkCall(b *testing.B) {
	for _, callers := range []int{1, 32} {
		b.Run(fmt.Sprint(callers), func(b *testing.B) { benchmarkCalls(b, callers) })
	}
}
