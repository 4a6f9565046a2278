package conformance

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// property is what the suite reads of a form's field.
type property struct {
	Type      string            `json:"type"`
	Kind      string            `json:"x-type"`
	Enum      []json.RawMessage `json:"enum"`
	Default   json.RawMessage   `json:"default"`
	Examples  []json.RawMessage `json:"examples"`
	Pattern   string            `json:"pattern"`
	MinLength int               `json:"minLength"`
	MaxLength *int              `json:"maxLength"`
	Minimum   *float64          `json:"minimum"`
}

func properties(schema json.RawMessage) map[string]property {
	var form struct {
		Properties map[string]property `json:"properties"`
	}
	if json.Unmarshal(schema, &form) != nil {
		return nil
	}
	return form.Properties
}

// accepts says why a form does not take a value, or nothing.
func accepts(schema json.RawMessage, value any) error {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		return err
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	if err := compiler.AddResource("memory:///schema.json", doc); err != nil {
		return err
	}
	compiled, err := compiler.Compile("memory:///schema.json")
	if err != nil {
		return err
	}
	raw, err := json.Marshal(value)
	if err != nil {
		return err
	}
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	return compiled.Validate(instance)
}

// sampleSettings fills in every field of the form, and no more than those it must have if it
// does not take that.
func sampleSettings(schema json.RawMessage, given map[string]any) (string, error) {
	values := map[string]any{}
	for name, p := range properties(schema) {
		if v, ok := p.sample(); ok {
			values[name] = v
		}
	}
	maps.Copy(values, given)
	err := accepts(schema, values)
	if err != nil {
		var form struct {
			Required []string `json:"required"`
		}
		_ = json.Unmarshal(schema, &form) // a form that is none was told of
		maps.DeleteFunc(values, func(name string, _ any) bool {
			_, mine := given[name]
			return !mine && !slices.Contains(form.Required, name)
		})
		err = accepts(schema, values)
	}
	raw, _ := json.Marshal(values) // plain values
	return string(raw), err
}

// sample is a value of the field: what it states, else one that is made up.
func (p property) sample() (any, bool) {
	for _, stated := range [][]json.RawMessage{p.Examples, {p.Default}, p.Enum} {
		var v any
		if len(stated) > 0 && len(stated[0]) > 0 && json.Unmarshal(stated[0], &v) == nil {
			return v, true
		}
	}
	switch p.Type {
	case "boolean":
		return false, true
	case "integer", "number":
		if p.Minimum != nil {
			return *p.Minimum, true
		}
		return 1, true
	case "string":
		return p.text("zg")
	default:
		return nil, false
	}
}

// text makes a text of the field that begins like prefix where nothing else is asked for.
func (p property) text(prefix string) (any, bool) {
	if p.Pattern != "" {
		return matching(p.Pattern, max(p.MinLength, 1))
	}
	for len(prefix) < p.MinLength {
		prefix += "0"
	}
	if p.MaxLength != nil {
		prefix = prefix[:min(len(prefix), *p.MaxLength)]
	}
	return prefix, true
}

// ring makes keys; the slow ones are made once.
type ring struct {
	key  string // of the merchant
	cert string
	pub  string
}

func newRing() (*ring, error) {
	r := &ring{}
	for i := range 2 {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			return nil, fmt.Errorf("make a key: %w", err)
		}
		if i == 0 {
			der, err := x509.MarshalPKCS8PrivateKey(key)
			if err != nil {
				return nil, fmt.Errorf("make a key: %w", err)
			}
			r.key = block("PRIVATE KEY", der)
			continue
		}
		if err := r.publish(key); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// publish makes the provider's certificate and public key. Nobody here can sign with them.
func (r *ring) publish(key *rsa.PrivateKey) error {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(4711), Subject: pkix.Name{CommonName: "conformance suite"},
		NotBefore: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2050, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return fmt.Errorf("make a certificate: %w", err)
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return fmt.Errorf("make a public key: %w", err)
	}
	r.cert, r.pub = block("CERTIFICATE", der), block("PUBLIC KEY", public)
	return nil
}

func block(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// sampleCredentials makes a value of every credential the form knows.
func sampleCredentials(schema json.RawMessage, given map[string]string) (map[string]string, error) {
	r, err := newRing()
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for name, p := range properties(schema) {
		switch p.Kind {
		case "rsa_private", "pkcs12":
			out[name] = r.key
		case "rsa_public":
			out[name] = r.pub
		case "certificate":
			out[name] = r.cert
		case "iv":
			out[name] = secretText(8)
		case "aes_key":
			out[name] = secretText(8)
			if p.MaxLength == nil || *p.MaxLength >= 32 {
				out[name] = secretText(16)
			}
		default:
			text, ok := p.text(orText(p.Kind == "merchant_number", "M"+strings.Repeat("7", 5), secretText(12)))
			if s, isText := text.(string); ok && isText {
				out[name] = s
			}
		}
	}
	maps.Copy(out, given)
	return out, accepts(schema, out)
}

func orText(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}

// secretText is a secret of 2n characters that stands nowhere else.
func secretText(n int) string {
	raw := make([]byte, n)
	_, _ = rand.Read(raw) // does not fail on the platforms we run on
	return hex.EncodeToString(raw)
}
