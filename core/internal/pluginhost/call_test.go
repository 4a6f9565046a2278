package pluginhost

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/core"
)

// TestProvidersWordsAreRedacted: a provider that repeats what it was told has it kept nowhere.
func TestProvidersWordsAreRedacted(t *testing.T) {
	t.Parallel()
	b := start(t, nil)
	got, err := b.pay("parrot")
	if err != nil {
		t.Fatal(err)
	}
	if want := "the code [redacted] of card 411111******1111 for " + orderNo; got.Provider.Message != want {
		t.Errorf("the provider's words are %q, want %q", got.Provider.Message, want)
	}
}

func TestOrdinaryPayment(t *testing.T) {
	t.Parallel()
	b := start(t, nil)
	got, err := b.pay("")
	if err != nil {
		t.Fatal(err)
	}
	if got.Outcome != core.OutcomeSucceeded || got.Exchange.Sent != core.SentMaybe || got.ProviderOrderNo != "7895000000000001" {
		t.Fatalf("%+v", got)
	}
	if n := got.Exchange.KeyUses["terminal_key:digest"]; n != 1 {
		t.Errorf("key uses %v", got.Exchange.KeyUses)
	}
	if got.Exchange.KeyVersion != 1 || !strings.HasPrefix(got.Exchange.Plugin, "actor 1.2.3 ") {
		t.Errorf("%+v", got.Exchange)
	}
	if b.provider.headers.Get("Idempotency-Key") != "" {
		t.Error("the Idempotency-Key header went out: Go's transport repeats such requests")
	}
	var e evidence
	if err := json.Unmarshal(got.Exchange.Evidence, &e); err != nil {
		t.Fatal(err)
	}
	text := string(got.Exchange.Evidence)
	for _, secret := range []string{payerCode, keyOne, "4111111111111111"} {
		if strings.Contains(text, secret) {
			t.Errorf("the evidence holds %q: %s", secret, text)
		}
	}
	for _, wanted := range []string{orderNo, "7895000000000001", "PAID", `"Authorization":"[redacted]"`} {
		if !strings.Contains(text, wanted) {
			t.Errorf("the evidence lacks %q: %s", wanted, text)
		}
	}
}
