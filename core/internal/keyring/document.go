package keyring

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/hashicorp/vault/api"

	"github.com/zhanggui-pay/zhanggui/core"
)

// MaxVersions is how many versions of one account's credentials are kept. Providers
// that rotate daily would otherwise grow the store without end; the oldest go first.
const MaxVersions = 100

// document is one version as it is stored: text stays readable for an operator who must
// look into Vault by hand, bytes that are no text are Base64.
type document map[string]storedCredential

type storedCredential struct {
	Type     core.CredentialType `json:"type"`
	Value    string              `json:"value"`
	Encoding string              `json:"encoding,omitempty"`
}

const encodingBase64 = "base64"

// errForm is an internal error: someone else wrote there.
var errForm = errors.New("the stored credentials do not have the form this program writes")

func newDocument(values map[string]core.Credential) document {
	doc := make(document, len(values))
	for name, credential := range values {
		value := credential.Value.Reveal()
		stored := storedCredential{Type: credential.Type, Value: string(value)}
		if !utf8.Valid(value) {
			stored.Value, stored.Encoding = base64.StdEncoding.EncodeToString(value), encodingBase64
		}
		doc[name] = stored
	}
	return doc
}

// values reads the document back. Its errors name the credential, never the value.
func (d document) values() (map[string]core.Credential, error) {
	out := make(map[string]core.Credential, len(d))
	for name, stored := range d {
		value := []byte(stored.Value)
		if stored.Encoding == encodingBase64 {
			decoded, err := base64.StdEncoding.DecodeString(stored.Value)
			if err != nil {
				return nil, fmt.Errorf("%w: %q is not Base64", errForm, name)
			}
			value = decoded
		}
		out[name] = core.Credential{Type: stored.Type, Value: core.NewSecret(value)}
	}
	return out, nil
}

// keySetFrom reads an answer of Vault's KV store.
func keySetFrom(secret *api.Secret) (core.KeySet, error) {
	text, err := json.Marshal(secret.Data)
	if err != nil {
		return core.KeySet{}, fmt.Errorf("%w: not JSON", errForm)
	}
	var stored struct {
		Data struct {
			Values document `json:"values"`
		} `json:"data"`
		Metadata struct {
			Version int `json:"version"`
		} `json:"metadata"`
	}
	if err := json.Unmarshal(text, &stored); err != nil || stored.Data.Values == nil {
		return core.KeySet{}, errForm
	}
	values, err := stored.Data.Values.values()
	return core.KeySet{Version: stored.Metadata.Version, Values: values}, err
}

func sameValues(a, b map[string]core.Credential) bool {
	return maps.EqualFunc(a, b, func(x, y core.Credential) bool {
		return x.Type == y.Type && bytes.Equal(x.Value.Reveal(), y.Value.Reveal())
	})
}

// cloneSet protects what a cache holds from a caller who wipes what it was given.
func cloneSet(set core.KeySet) core.KeySet {
	values := make(map[string]core.Credential, len(set.Values))
	for name, credential := range set.Values {
		values[name] = core.Credential{Type: credential.Type, Value: core.NewSecret(credential.Value.Reveal())}
	}
	return core.KeySet{Version: set.Version, Values: values}
}

func wipeSet(set core.KeySet) {
	for _, credential := range set.Values {
		credential.Value.Wipe()
	}
}

// checkPut refuses what no store may hold.
func checkPut(values map[string]core.Credential, expect int) error {
	if expect < 0 {
		return fmt.Errorf("keyring: the expected version %d is negative", expect)
	}
	if len(values) == 0 {
		return core.Errorf(core.CodeInvalidCredential, "There is no credential to store.")
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if name == "" || values[name].Value.Empty() {
			return core.Errorf(core.CodeInvalidCredential, "The credential %q is empty: nothing was stored.", name).At(name)
		}
	}
	return nil
}
