// Command flawed is a small provider plugin for the tests of the conformance suite. Without a
// flaw it passes; a test makes each wrong plugin out of its binary by writing the flaw's name
// over the placeholder, since a plugin has neither arguments nor an environment.
package main

import (
	"strings"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// placeholder is what a test looks for in the binary; the flaw's name takes the place of the dots.
var placeholder = "FLAW=........................;"

func main() {
	_, name, _ := strings.Cut(placeholder, "=")
	sdk.Serve(provider{flaw: strings.Trim(name, ".;")})
}
