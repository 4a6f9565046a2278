package mmsp_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"
)

func pemText(t *testing.T, kind string, der []byte) string {
	t.Helper()
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func decodeConfig(text string) (mmsp.Config, error) {
	var c mmsp.Config
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&c)
	return c, err
}

func TestConfigFromJSON(t *testing.T) {
	t.Parallel()
	platform, err := rsa.GenerateKey(rand.Reader, 1024) // what the provider has
	if err != nil {
		t.Fatal(err)
	}
	merchant, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(platform)
	if err != nil {
		t.Fatal(err)
	}
	pkix, err := x509.MarshalPKIXPublicKey(&merchant.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	forms := map[string][2]string{
		"PKCS #8 and PKIX": {pemText(t, "PRIVATE KEY", pkcs8), pemText(t, "PUBLIC KEY", pkix)},
		"PKCS #1": {
			pemText(t, "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(platform)),
			pemText(t, "RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&merchant.PublicKey)),
		},
	}
	for name, keys := range forms {
		c, err := decodeConfig(compact(t, map[string]any{
			"platform_key": keys[0], "seed": 7, "require_certificate": true, "as_printed": true, "scan_zero": true, "opened": []string{"quick-bind"},
			"merchants": []any{map[string]any{
				"mer_no": merNo, "term_no": termNo, "key": merKey, "payout": map[string]any{"public_key": keys[1]},
			}},
			"faults": []any{map[string]any{"operation": "scan-query", "kind": "delay", "delay": "250ms"}},
		}))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !platform.Equal(c.PlatformKey.PrivateKey) || !merchant.PublicKey.Equal(c.Merchants[0].Payout.Key.PublicKey) {
			t.Errorf("%s: the keys are others", name)
		}
		if c.Seed != 7 || !c.RequireCertificate || !c.AsPrinted || !c.ScanZero || len(c.Opened) != 1 || c.Merchants[0].TermNo != termNo {
			t.Errorf("%s: %+v", name, c)
		}
		sim, err := c.New()
		if err != nil {
			t.Fatal(err)
		}
		if list := sim.Faults().List(); len(list) != 1 || list[0].Kind != mmsp.FaultDelay {
			t.Errorf("%s: %+v", name, list)
		}
		if err := sim.Close(); err != nil {
			t.Error(err)
		}
		again, err := decodeConfig(compact(t, c))
		if err != nil || !platform.Equal(again.PlatformKey.PrivateKey) || !merchant.PublicKey.Equal(again.Merchants[0].Payout.Key.PublicKey) {
			t.Errorf("%s does not survive being written: %v", name, err)
		}
	}
}

func TestWrongConfigs(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"platform_key":"nonsense"}`, `{"platform_key":5}`, `{"merchant":[]}`, `{"merchants":[{"mer_no":1}]}`,
		`{"platform_key":"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"}`,
		`{"merchants":[{"payout":{"public_key":"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"}}]}`,
		`{"merchants":[{"payout":{"public_key":"x"}}]}`,
	} {
		if _, err := decodeConfig(text); err == nil {
			t.Errorf("%s was read", text)
		}
	}
	c, err := decodeConfig(`{"faults":[{"operation":"scan-query","kind":"fail"}]}`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.New(); err == nil {
		t.Error("a fault that does not exist was armed")
	}
}

func TestZeroOptions(t *testing.T) {
	t.Parallel()
	sim := mmsp.New(mmsp.Options{})
	if sim.Calls("scan-query") != 0 || sim.Calls("nothing") != 0 || len(sim.Orders()) != 0 {
		t.Error("a new simulator has calls or orders")
	}
	if err := sim.Close(); err != nil {
		t.Error(err)
	}
}
