package pluginhost

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// TestClientCertificateIsShown: each certificate has connections of its own, and a call
// without one shows none.
func TestClientCertificateIsShown(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := "nobody"
		if len(r.TLS.PeerCertificates) > 0 {
			name = r.TLS.PeerCertificates[0].Subject.CommonName
		}
		_, _ = w.Write([]byte(name))
	}))
	server.TLS = &tls.Config{ClientAuth: tls.RequestClientCert, MinVersion: tls.VersionTLS12}
	server.StartTLS()
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	e := newEgress(true, roots, time.Now)
	t.Cleanup(e.close)
	for _, name := range []string{"first", "second", "first"} {
		certificate, err := clientEntry(t, name).connect("client_p12")
		if err != nil {
			t.Fatal(err)
		}
		if got := greeted(t, e.showing(certificate), server.URL); got != name {
			t.Errorf("the server saw %q, not %q", got, name)
		}
	}
	if got := greeted(t, e.transport, server.URL); got != "nobody" {
		t.Errorf("a call without a certificate showed %q", got)
	}
	if _, err := clientEntry(t, "x").connect("other"); core.CodeOf(err) != core.CodeInvalidCredential {
		t.Errorf("a certificate that is not there: %v", err)
	}
}

func greeted(t *testing.T, transport *http.Transport, address string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body := make([]byte, 32)
	n, _ := resp.Body.Read(body)
	return string(body[:n])
}

// clientEntry is what importing a PKCS#12 file leaves in the keyring.
func clientEntry(t *testing.T, name string) *keyEntry {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	issuer, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, issuer)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return &keyEntry{set: core.KeySet{Version: 1, Values: map[string]core.Credential{
		"client_p12": {Type: core.CredRSAPrivate, Value: core.NewSecret(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))},
		"client_p12" + core.CertificateSuffix: {
			Type: core.CredCertificate, Value: core.NewSecret(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})),
		},
	}}}
}

// TestPathsThatSettingsChoose: a grant's path may stand in an account setting; nothing else
// is allowed by it.
func TestPathsThatSettingsChoose(t *testing.T) {
	t.Parallel()
	schema := json.RawMessage(`{"properties":{"pay_path":{"type":"string","default":"/pay"}}}`)
	g := newGrant(core.Grant{Sends: 1, Requests: []core.GrantRequest{{Method: "POST", Path: "{pay_path}"}}}, settingDefaults(schema))
	for _, c := range []struct {
		settings, path string
		want           bool
	}{
		{`{}`, "/pay", true},
		{``, "/pay", true},
		{`{"pay_path":"/gateway/v2"}`, "/gateway/v2", true},
		{`{"pay_path":"/gateway/v2"}`, "/pay", false},
		{`{"pay_path":7}`, "/pay", true},
		{`{"pay_path":"no/slash"}`, "/no/slash", false},
		{`{"other":"/x"}`, "/x", false},
	} {
		u := &url.URL{Scheme: "https", Host: "provider.example", Path: c.path}
		if got := g.of(json.RawMessage(c.settings), pathNumbers{}, nil).allowsRequest("POST", u, nil); got != c.want {
			t.Errorf("settings %s, path %s: allowed is %v", c.settings, c.path, got)
		}
	}
	if sentence := checkManifest("p", core.Manifest{
		ID: "p", ReplyAuthentication: "signature", Settings: json.RawMessage(`{}`), Credentials: json.RawMessage(`{}`),
		Grants: map[core.Capability]core.Grant{core.CapQueryPayment: {Requests: []core.GrantRequest{{Method: "POST", Path: "{nowhere}"}}}},
	}); sentence == (core.Text{}) {
		t.Error("a path from a setting that is not there was accepted")
	}
}
