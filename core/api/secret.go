package api

import (
	"encoding/json"
	"errors"

	"github.com/zhanggui-pay/zhanggui/core"
)

// SecretInput is a secret field of a request. It prints as [redacted], so that a request
// that is logged by mistake shows none.
type SecretInput struct{ core.Secret }

// UnmarshalJSON takes a JSON string. No error text holds the value.
func (s *SecretInput) UnmarshalJSON(b []byte) error {
	var text string
	if err := json.Unmarshal(b, &text); err != nil {
		return errors.New("api: a secret is a JSON string")
	}
	s.Secret = core.SecretString(text)
	return nil
}

// IsZero says whether the field was absent or empty.
func (s SecretInput) IsZero() bool { return s.Empty() }
