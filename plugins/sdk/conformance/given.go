package conformance

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// Given is what an author states where the manifest does not say how to call the plugin.
type Given struct {
	BaseURL     string                      `json:"base_url"`
	Settings    map[string]any              `json:"settings"`
	Credentials map[string]string           `json:"credentials"` // PEM for keys and certificates
	Activation  map[string]string           `json:"activation"`  // the one-time values of activate
	Replies     map[sdk.Capability][]string `json:"replies"`     // good replies of the provider: they are cut and mutated
}

// ReadGiven reads it from JSON. What it does not know is refused: it may be a slip of the pen.
func ReadGiven(from io.Reader) (Given, error) {
	var g Given
	d := json.NewDecoder(from)
	d.DisallowUnknownFields()
	if err := d.Decode(&g); err != nil {
		return g, fmt.Errorf("the case is no JSON of the documented form: %w", err)
	}
	return g, nil
}
