package keyring

import (
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/zhanggui-pay/zhanggui/core"
)

const dots = "••••"

var merchantNumber = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}$`)

// parseMerchantNumber drops the spaces people put between groups of digits.
func parseMerchantNumber(in core.CredentialInput, data []byte) (parsed, error) {
	text, err := textOf(in, data)
	if err != nil {
		return parsed{}, err
	}
	text = strings.Join(strings.Fields(text), "")
	if !merchantNumber.MatchString(text) {
		return parsed{}, invalid(in, "it has letters, digits and - _ . @ only, at most 64 of them")
	}
	shown := min(4, len(text)/2)
	return parsed{
		core.Credential{Type: in.Type, Value: core.SecretString(text)},
		dots + " " + text[len(text)-shown:], "",
	}, nil
}

// parseText takes a shared secret as it is. White space inside is a copying mistake: no
// provider issues such a key. Only its length is shown, for a digest of a short secret can be tried out.
func parseText(in core.CredentialInput, data []byte) (parsed, error) {
	text, err := textOf(in, data)
	if err != nil {
		return parsed{}, err
	}
	if strings.ContainsFunc(text, unicode.IsSpace) {
		return parsed{}, invalid(in, "there is a space or a line break in the middle: copy it again")
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII }) {
		return parsed{}, invalid(in, "it has characters that are neither letters, digits nor ASCII signs: copy it again")
	}
	if least := 8; in.Type == core.CredMD5Key && len(text) < least {
		return parsed{}, invalid(in, "it has %d characters; at least %d are expected: was it cut off", len(text), least)
	}
	if len(text) > 1024 {
		return parsed{}, invalid(in, "it has %d characters; at most 1024 are expected", len(text))
	}
	return parsed{
		core.Credential{Type: in.Type, Value: core.SecretString(text)},
		fmt.Sprintf("%s (%d characters)", dots, len(text)), "",
	}, nil
}

// textOf refuses keys and files where a line of text is wanted.
func textOf(in core.CredentialInput, data []byte) (string, error) {
	if found := inspect(data)[0].kind; found != kindText && found != kindJSON {
		return "", mismatch(in, found)
	}
	text, _ := readable(data)
	return text, nil
}

// blockSizes are the lengths in bytes a type may have.
func blockSizes(wanted core.CredentialType) []int {
	if wanted == core.CredIV {
		return []int{12, 16}
	}
	return []int{16, 24, 32}
}

// parseBlockKey reads an AES key or initialisation vector. The rule, in this order:
// "hex:" or "base64:" before it says how it is written; a length in characters that fits
// is the value itself; then hex; then Base64. Text ending in "=" that decodes to a
// fitting length is Base64 even where its characters would fit.
func parseBlockKey(in core.CredentialInput, data []byte) (parsed, error) {
	text, ok := readable(data)
	if !ok {
		if slices.Contains(blockSizes(in.Type), len(data)) {
			return blockKey(in, data, "binary"), nil
		}
		return parsed{}, wrongBlock(in)
	}
	if text == "" {
		return parsed{}, mismatch(in, kindEmpty)
	}
	if found := inspect(data)[0].kind; found != kindText && found != kindJSON {
		return parsed{}, mismatch(in, found)
	}
	value, how := readBlock(strings.Join(strings.Fields(text), ""), blockSizes(in.Type))
	if value == nil {
		return parsed{}, wrongBlock(in)
	}
	return blockKey(in, value, how), nil
}

func readBlock(text string, sizes []int) (value []byte, how string) {
	fits := func(value []byte, ok bool) bool { return ok && slices.Contains(sizes, len(value)) }
	fromHex, err := hex.DecodeString(strings.TrimPrefix(text, "hex:"))
	hexOK := fits(fromHex, err == nil)
	fromBase64, ok := decodeBase64(strings.TrimPrefix(text, "base64:"))
	base64OK := fits(fromBase64, ok)
	switch {
	case strings.HasPrefix(text, "hex:") && hexOK:
		return fromHex, "hex"
	case strings.HasPrefix(text, "base64:") && base64OK:
		return fromBase64, "Base64"
	case strings.HasPrefix(text, "hex:") || strings.HasPrefix(text, "base64:"):
		return nil, ""
	case strings.HasSuffix(text, "=") && base64OK:
		return fromBase64, "Base64"
	case fits([]byte(text), true):
		return []byte(text), "text"
	case hexOK:
		return fromHex, "hex"
	case base64OK:
		return fromBase64, "Base64"
	}
	return nil, ""
}

func wrongBlock(in core.CredentialInput) error {
	return invalid(in, "it must come to %s bytes, as that many characters, as hex or as Base64",
		strings.Trim(strings.ReplaceAll(fmt.Sprint(blockSizes(in.Type)), " ", ", "), "[]"))
}

func blockKey(in core.CredentialInput, value []byte, how string) parsed {
	return parsed{
		core.Credential{Type: in.Type, Value: core.NewSecret(value)},
		fmt.Sprintf("%s (%d bytes, %s)", dots, len(value), how), "",
	}
}
