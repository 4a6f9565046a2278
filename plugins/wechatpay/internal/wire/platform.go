package wire

import (
	"bytes"
	"context"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/core/auth"
	"github.com/wechatpay-apiv3/wechatpay-go/core/consts"
	"github.com/wechatpay-apiv3/wechatpay-go/utils"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// window is how far a message's timestamp may be from now, either way (签名验证).
const window = consts.FiveMinute * time.Second

// timestampLength is that of a time in seconds until the year 2286.
const timestampLength = 10

// Platform verifies what WeChat Pay signed: with its public key, named PUB_KEY_ID_…, or with
// a platform certificate, named by its serial number. Several are good at once, so that
// neither a new certificate nor the move to the public key needs a moment at which both
// sides change.
type Platform struct {
	Call    *sdk.Call
	Account Account
}

var _ auth.Verifier = Platform{}

// GetSerial is what a reply should be signed with. The account that has the public key says
// so; a certificate is WeChat Pay's own choice, and naming a retired one would be refused.
func (p Platform) GetSerial(context.Context) (string, error) {
	if p.Account.PublicKeyID == "" {
		return "", notAuthentic("The account has no public key of WeChat Pay.")
	}
	return p.Account.PublicKeyID, nil
}

// Verify checks a Base64 signature by the key that serial names. A serial that the account
// does not know is as good as no signature.
func (p Platform) Verify(_ context.Context, serial, message, signature string) error {
	raw, err := base64.StdEncoding.DecodeString(signature)
	if err != nil || len(raw) == 0 {
		return notAuthentic("The signature is no Base64.")
	}
	name, err := p.keyOf(serial)
	if err != nil {
		return err
	}
	digest := sha256.Sum256([]byte(message))
	return p.Call.Verify(name, sdk.PKCS1v15SHA256, digest[:], raw)
}

// keyOf finds the credential that serial names.
func (p Platform) keyOf(serial string) (string, error) {
	if id := p.Account.PublicKeyID; id != "" && serial == id {
		return p.Account.Keys.PublicKey, nil
	}
	for _, name := range p.Account.Keys.Certificates {
		certificate, err := p.certificate(name)
		switch {
		case err != nil:
			return "", err
		case certificate == nil || !strings.EqualFold(utils.GetCertificateSerialNumber(*certificate), serial):
		case !valid(certificate, p.Call.Now()):
			return "", notAuthentic("The platform certificate %.64q is not valid today.", serial)
		default:
			return name, nil
		}
	}
	return "", notAuthentic("The account has no key or certificate of WeChat Pay with the serial number %.64q.", serial)
}

// valid includes both ends, as X.509 does and the library's check does not.
func valid(certificate *x509.Certificate, now time.Time) bool {
	return !now.Before(certificate.NotBefore) && !now.After(certificate.NotAfter)
}

// certificate reads a credential; nil when the account has none under this name.
func (p Platform) certificate(name string) (*x509.Certificate, error) {
	der, err := p.Call.Certificate(name)
	if errors.Is(err, &sdk.Error{Code: sdk.ErrInvalidCredential}) {
		return nil, nil //nolint:nilnil // both are documented
	}
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, sdk.Errorf(sdk.ErrInvalidCredential, "The credential %s is no certificate.", name)
	}
	if _, ok := certificate.PublicKey.(*rsa.PublicKey); !ok {
		return nil, sdk.Errorf(sdk.ErrInvalidCredential, "The certificate %s has no RSA key.", name)
	}
	return certificate, nil
}

// Stored are the account's platform certificates by their names.
func (p Platform) Stored() (map[string]*x509.Certificate, error) {
	out := map[string]*x509.Certificate{}
	for _, name := range p.Account.Keys.Certificates {
		certificate, err := p.certificate(name)
		if err != nil {
			return nil, err
		}
		if certificate != nil {
			out[name] = certificate
		}
	}
	return out, nil
}

// validator checks a reply as a whole. The library's takes the time from the system.
type validator struct {
	now      func() time.Time
	verifier auth.Verifier
}

var _ auth.Validator = validator{}

// GetAcceptSerial is what a reply should be signed with.
func (v validator) GetAcceptSerial(ctx context.Context) (string, error) {
	return v.verifier.GetSerial(ctx)
}

// Validate checks a reply, whatever its status, and leaves its body to be read again.
func (v validator) Validate(ctx context.Context, response *http.Response) error {
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return v.message(ctx, response.Header, body)
}

// message checks the signature over time, nonce and body. A header field that is there
// twice is not there: the one that is checked and the one that counts might differ.
func (v validator) message(ctx context.Context, header http.Header, body []byte) error {
	one := func(name string) string {
		if values := header.Values(name); len(values) == 1 {
			return values[0]
		}
		return ""
	}
	at, nonce, serial, signature := one(consts.WechatPayTimestamp), one(consts.WechatPayNonce), one(consts.WechatPaySerial), one(consts.WechatPaySignature)
	if at == "" || nonce == "" || serial == "" || signature == "" {
		return notAuthentic("The message is not signed.")
	}
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil || len(at) != timestampLength || strings.Trim(at, "0123456789") != "" {
		return notAuthentic("Wechatpay-Timestamp is no time in seconds.")
	}
	// In whole seconds, as the field is: either clock may be ahead.
	if apart := v.now().Unix() - seconds; apart > int64(window/time.Second) || apart < -int64(window/time.Second) {
		return notAuthentic("The message's time is more than 5 minutes from now.")
	}
	return v.verifier.Verify(ctx, serial, at+"\n"+nonce+"\n"+string(body)+"\n", signature)
}

func notAuthentic(format string, args ...any) error {
	return sdk.Errorf(sdk.ErrVerification, format, args...)
}
