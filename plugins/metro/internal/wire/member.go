package wire

import (
	"encoding/base64"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk/strictjson"
)

// The bounds of what a member's message may hold, in bytes. The document prints none.
const (
	maxMember = 16 << 10
	maxUID    = 128
	minPhone  = 5
	maxPhone  = 20
)

// Member is the body of a message about a member (seed 000, 四.1 and 四.2).
type Member struct {
	UID   string
	Phone []byte // sealed: AES-CBC, out of its Base64
}

// ParseMember reads such a body. A body of another form is an error.
func ParseMember(raw []byte) (Member, error) {
	if len(raw) > maxMember {
		return Member{}, fmt.Errorf("%w: it is longer than %d bytes", strictjson.ErrForm, maxMember)
	}
	fields, err := strictjson.Read(raw)
	if err != nil {
		return Member{}, err
	}
	f := reader{fields: fields}
	m := Member{UID: f.text("uid")}
	sealed := f.text("phone")
	if f.err != nil {
		return Member{}, f.err
	}
	if !plainUID(m.UID) {
		return Member{}, fmt.Errorf("%w: uid must have 1 to %d bytes and no control characters", strictjson.ErrForm, maxUID)
	}
	m.Phone, err = base64.StdEncoding.Strict().DecodeString(sealed)
	if err != nil || len(m.Phone) == 0 {
		return Member{}, fmt.Errorf("%w: phone is no Base64", strictjson.ErrForm)
	}
	return m, nil
}

func plainUID(s string) bool {
	return s != "" && len(s) <= maxUID && utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// IsPhone says that a decrypted value is a phone number: the padding of a value under
// another key fits once in 256 times, and its text then does not.
func IsPhone(plain []byte) bool {
	s := strings.TrimPrefix(string(plain), "+")
	return len(s) >= minPhone && len(s) <= maxPhone && strings.Trim(s, "0123456789") == ""
}
