package conformance

import (
	"context"
	"crypto"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/json"
	"hash"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// Host is a host without a process: it holds a call to the manifest's grant as the real
// one does, keeps the credentials, and lets Answer play the provider.
type Host struct {
	Manifest    sdk.Manifest
	Credentials map[string]string // by name; PEM for keys and certificates
	// Previous are the credentials of the version before, which sdk.Previous names. Nil: the present ones.
	Previous map[string]string
	Clock    func() time.Time
	Answer   func(*http.Request) (*http.Response, error)

	mu      sync.Mutex
	sends   int
	rotated map[string]sdk.Secret
	lines   []string
	seen    sighting
}

// Call makes a call of one capability, with the grant the manifest gives it.
func (h *Host) Call(ctx context.Context, capability sdk.Capability, baseURL, settings string) *sdk.Call {
	merchants := map[string]string{}
	for name, kind := range credentialTypes(h.Manifest.Credentials) {
		if value := h.Credentials[name]; kind == "merchant_number" && value != "" {
			merchants[name] = value
		}
	}
	return sdk.NewCall(ctx, sdk.CallInfo{
		AccountID: "00000000-0000-7000-8000-000000000001", Operation: capability, OrderNo: "26010100000000000001",
		Settings: []byte(settings), BaseURL: baseURL, Language: "zh", Merchants: merchants, KeyVersion: 1,
		CallbackURL: "https://pay.example/in/0123456789",
	}, grantedHost{h, h.Manifest.Grants[capability], settings, baseURL, new(atomic.Int64)})
}

// credentialTypes reads each credential's x-type out of the manifest's schema.
func credentialTypes(schema json.RawMessage) map[string]string {
	var form struct {
		Properties map[string]struct {
			Type string `json:"x-type"`
		} `json:"properties"`
	}
	out := map[string]string{}
	if json.Unmarshal(schema, &form) != nil {
		return out
	}
	for name, property := range form.Properties {
		out[name] = property.Type
	}
	return out
}

// settingPath is the path of a grant, where it is a setting in braces that setting's value.
func settingPath(schema, settings json.RawMessage, path string) string {
	name, ok := strings.CutPrefix(path, "{")
	if !ok {
		return path
	}
	name = strings.TrimSuffix(name, "}")
	var form struct {
		Properties map[string]struct {
			Default any `json:"default"`
		} `json:"properties"`
	}
	var set map[string]any
	_, _ = json.Unmarshal(schema, &form), json.Unmarshal(settings, &set)
	for _, value := range []any{set[name], form.Properties[name].Default} {
		if text, ok := value.(string); ok && text != "" {
			return text
		}
	}
	return path
}

// Sends counts the requests that reached Answer.
func (h *Host) Sends() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.sends
}

// Rotated is what was stored.
func (h *Host) Rotated() map[string]sdk.Secret {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.rotated
}

// grantedHost is the host of one call.
type grantedHost struct {
	*Host

	grant    sdk.Grant
	settings string
	baseURL  string
	sent     *atomic.Int64 // in this call
}

var _ sdk.Host = grantedHost{}

func (h grantedHost) Send(req *http.Request, o sdk.HTTPOptions) (*http.Response, error) {
	if o.ClientCertificate != "" {
		if _, err := h.key(o.ClientCertificate, sdk.OpConnect); err != nil {
			return nil, err
		}
	}
	if !h.reaches(req.URL) {
		return nil, h.deny("The host %s is not granted.", req.URL.Host)
	}
	if !h.allows(req.Method, req.URL) {
		return nil, h.deny("%s %s is not granted.", req.Method, req.URL.Path)
	}
	if h.sent.Add(1) > int64(h.grant.Sends) {
		return nil, h.deny("One request more than granted.")
	}
	h.mu.Lock()
	h.sends++
	h.mu.Unlock()
	h.seeRequest(req)
	return h.Answer(req)
}

// reaches says whether a host is the manifest's or the account's own.
func (h grantedHost) reaches(u *url.URL) bool {
	if base, err := url.Parse(h.baseURL); err == nil && base.Host != "" && strings.EqualFold(base.Host, u.Host) {
		return true
	}
	return slices.ContainsFunc(h.Manifest.Hosts, func(host string) bool {
		return strings.EqualFold(host, u.Host) || strings.EqualFold(host, u.Hostname()) && u.Port() == "443"
	})
}

func (h grantedHost) allows(method string, u *url.URL) bool {
	return slices.ContainsFunc(h.grant.Requests, func(r sdk.GrantRequest) bool {
		path := settingPath(h.Manifest.Settings, []byte(h.settings), r.Path)
		return r.Method == method && fits(u.EscapedPath(), path)
	})
}

// fits compares a path with a grant's, which may begin after the base URL's own. A segment in
// braces is any: this host does not know which order the test calls about.
func fits(path, granted string) bool {
	got, want := strings.Split(path, "/"), strings.Split(granted, "/")
	if len(got) < len(want) {
		return false
	}
	for i, segment := range want[1:] {
		at := got[len(got)-len(want)+1+i]
		if named := strings.HasPrefix(segment, "{"); at != segment && !named || named && at == "" {
			return false
		}
	}
	return true
}

func (h grantedHost) grants(name, operation string) bool {
	return slices.ContainsFunc(h.grant.Keys, func(k sdk.GrantKey) bool { return k.Name == name && slices.Contains(k.Operations, operation) })
}

// key gives a credential if the grant allows the operation with it.
func (h grantedHost) key(name, operation string) (string, error) {
	name, before := strings.CutSuffix(name, "@previous")
	held := h.Credentials
	if before && h.Previous != nil {
		held = h.Previous
	}
	if !h.grants(name, operation) {
		return "", h.deny("%s with %s is not granted.", operation, name)
	}
	if held[name] == "" {
		return "", sdk.Errorf(sdk.ErrInvalidCredential, "The account has no credential %s.", name)
	}
	h.seeUse(name, operation)
	return held[name], nil
}

func (h grantedHost) Digest(_ context.Context, name string, alg sdk.DigestAlgorithm, parts []sdk.Part) ([]byte, error) {
	key, err := h.key(name, sdk.OpDigest)
	if err != nil {
		return nil, err
	}
	d := newDigest(alg, key)
	if d == nil {
		return nil, sdk.Errorf(sdk.ErrNotSupported, "The digest %s is not offered.", alg)
	}
	for _, p := range parts {
		h.seeText(p.Data)
		if p.IsKey {
			_, _ = d.Write([]byte(key))
		} else {
			_, _ = d.Write(p.Data)
		}
	}
	return d.Sum(nil), nil
}

func newDigest(alg sdk.DigestAlgorithm, key string) hash.Hash {
	switch alg {
	case sdk.MD5:
		return md5.New()
	case sdk.SHA1:
		return sha1.New()
	case sdk.SHA256:
		return sha256.New()
	case sdk.HMACMD5:
		return hmac.New(md5.New, []byte(key))
	case sdk.HMACSHA1:
		return hmac.New(sha1.New, []byte(key))
	case sdk.HMACSHA256:
		return hmac.New(sha256.New, []byte(key))
	}
	return nil
}

func (h grantedHost) Reveal(_ context.Context, name string) (sdk.Secret, error) {
	if !slices.Contains(h.grant.Reveal, name) {
		return sdk.Secret{}, h.deny("The value of %s is not granted.", name)
	}
	h.seeUse(name, "reveal")
	return sdk.SecretString(h.Credentials[name]), nil
}

func (h grantedHost) Rotate(_ context.Context, values map[string]sdk.Secret) error {
	for name := range values {
		if !slices.Contains(h.grant.Rotate, name) {
			return h.deny("Storing %s is not granted.", name)
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.rotated = values
	return nil
}

func (h grantedHost) Now() time.Time { return h.Clock() }

func (h grantedHost) Log(_ context.Context, _ slog.Level, message string, attributes map[string]string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		message += " " + name + "=" + attributes[name]
	}
	h.lines = append(h.lines, message)
}

func (h grantedHost) PublicKey(_ context.Context, name string) (crypto.PublicKey, error) {
	for _, op := range []string{sdk.OpVerify, sdk.OpSign, sdk.OpEncrypt, sdk.OpDecrypt} {
		if h.grants(name, op) {
			value, err := h.key(name, op)
			if err != nil {
				return nil, err
			}
			return publicKey(value)
		}
	}
	return nil, h.deny("The credential %s is not granted.", name)
}
