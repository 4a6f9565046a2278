package metro

import (
	"errors"
	"fmt"
	"io"
	"regexp"
)

// codeLength is how many digits a consumption code has (seed 000, 二).
const codeLength = 36

// A simulated code says whose it is: 8, the 12 digits of the uid, one digit for the payer's way of paying, and 22
// digits of chance. The provider's own codes say nothing of the kind to anybody else.
const (
	uidDigits = 12
	wayAt     = 1 + uidDigits
)

var (
	codeForm = regexp.MustCompile(`^8[0-9]{35}$`)
	uidForm  = regexp.MustCompile(`^[0-9]{12}$`)
)

// The ways a payer pays (seed 000, 四.3).
const (
	PayTypeWechat = "CT_WECHAT"
	PayTypeAlipay = "CT_ALIPAY"
	PayTypeUnion  = "CT_UNION"
)

func payTypes() []string { return []string{PayTypeWechat, PayTypeAlipay, PayTypeUnion} }

// Code makes a fresh consumption code of a payer. The uid has 12 digits; an empty payType is CT_WECHAT.
func (s *Simulator) Code(uid, payType string) (string, error) {
	if !uidForm.MatchString(uid) {
		return "", errors.New("a simulated payer's uid has 12 digits")
	}
	for i, known := range payTypes() {
		if known != payType && (payType != "" || i > 0) {
			continue
		}
		chance, err := s.draw("0123456789", codeLength-wayAt-1)
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("8%s%d%s", uid, i, chance), nil
	}
	return "", fmt.Errorf("a payer pays by one of %v, not %q", payTypes(), payType)
}

// payerOf reads a code's uid and way of paying.
func payerOf(code string) (uid, payType string) {
	ways := payTypes()
	return code[1:wayAt], ways[int(code[wayAt]-'0')%len(ways)]
}

// draw makes a random text from an alphabet.
func (s *Simulator) draw(alphabet string, length int) (string, error) {
	raw := make([]byte, length)
	s.randomMu.Lock()
	_, err := io.ReadFull(s.random, raw)
	s.randomMu.Unlock()
	if err != nil {
		return "", fmt.Errorf("no random bytes: %w", err)
	}
	for i, b := range raw {
		raw[i] = alphabet[int(b)%len(alphabet)]
	}
	return string(raw), nil
}

// queryUID answers whose a code is (seed 000, 四.4).
func (s *Simulator) queryUID(req *request) reply {
	uid, _ := payerOf(req.text("qrcode"))
	return success(data{"uid": uid})
}
