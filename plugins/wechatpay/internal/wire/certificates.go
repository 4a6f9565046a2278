package wire

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/wechatpay-apiv3/wechatpay-go/core/auth"
	"github.com/wechatpay-apiv3/wechatpay-go/core/consts"
	"github.com/wechatpay-apiv3/wechatpay-go/utils"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/strictjson"
)

// maxListed bounds the list: while one is changed for another there are two.
const maxListed = 8

// cipherName is the only algorithm of a sealed resource.
const cipherName = "AEAD_AES_256_GCM"

// nonceLength is the documentation's, and AES-GCM's own.
const nonceLength = 12

// Listed is a platform certificate out of the list.
type Listed struct {
	PEM         string
	Certificate *x509.Certificate
}

// Serial is the certificate's number as messages name it.
func Serial(certificate *x509.Certificate) string {
	return utils.GetCertificateSerialNumber(*certificate)
}

// Certificates asks for the platform certificates (下载平台证书). The list proves itself where
// no known key has signed it: each certificate is sealed under the APIv3 key, which WeChat
// Pay and the merchant alone have, and one of them must have signed the reply.
func (c Client) Certificates(ctx context.Context, path string) (Reply, []Listed, error) {
	resp, err := c.send(ctx, http.MethodGet, path, "", nil, consts.ApplicationJSON, maxReply)
	if err != nil {
		return Reply{}, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := readAll(resp.Body, maxReply)
	if err != nil {
		return Reply{}, nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(raw))
	platform := Platform{c.Call, c.Account}
	proven := (validator{c.Call.Now, platform}).Validate(ctx, resp)
	if proven != nil && resp.StatusCode != http.StatusOK {
		return Reply{}, nil, unprovenError{cause: proven, keyRefused: refusesKey(resp.StatusCode, raw)}
	}
	reply, err := parse(resp.StatusCode, raw)
	if err != nil || !reply.OK() {
		return reply, nil, err
	}
	listed, err := platform.open(reply.fields)
	if err != nil {
		return Reply{}, nil, err
	}
	if proven != nil {
		resp.Body = io.NopCloser(bytes.NewReader(raw))
		if err := (validator{c.Call.Now, listedVerifier{platform, listed}}).Validate(ctx, resp); err != nil {
			return Reply{}, nil, unprovenError{cause: errors.Join(err, proven)}
		}
	}
	return reply, listed, nil
}

// open opens each certificate of the list.
func (p Platform) open(fields strictjson.Object) ([]Listed, error) {
	var rows []json.RawMessage
	if err := json.Unmarshal(fields["data"], &rows); err != nil || len(rows) == 0 || len(rows) > maxListed {
		return nil, fmt.Errorf("%w: data is no list of certificates", strictjson.ErrForm)
	}
	out := make([]Listed, 0, len(rows))
	for _, row := range rows {
		object, err := strictjson.Read(row)
		if err != nil {
			return nil, err
		}
		f := reader{fields: object}
		serial, sealed := f.text("serial_no"), f.object("encrypt_certificate")
		if err := first(f.err, sealed.err); err != nil {
			return nil, err
		}
		plain, err := p.unseal(sealed)
		if err != nil {
			return nil, err
		}
		certificate, err := utils.LoadCertificate(string(plain))
		if err != nil {
			return nil, fmt.Errorf("%w: a listed certificate is none", strictjson.ErrForm)
		}
		if _, ok := certificate.PublicKey.(*rsa.PublicKey); !ok || Serial(certificate) != serial {
			return nil, fmt.Errorf("%w: a listed certificate is another than its serial_no says", strictjson.ErrForm)
		}
		out = append(out, Listed{PEM: string(plain), Certificate: certificate})
	}
	return out, nil
}

// unseal opens a sealed resource: with the APIv3 key, or, shortly after that was changed,
// with the one before.
func (p Platform) unseal(sealed *reader) ([]byte, error) {
	algorithm, text, nonce, additional := sealed.text("algorithm"), sealed.text("ciphertext"), sealed.text("nonce"), sealed.text("associated_data")
	if sealed.err != nil {
		return nil, sealed.err
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if algorithm != cipherName || len(nonce) != nonceLength || err != nil || len(raw) == 0 {
		return nil, notAuthentic("The resource is not sealed as documented.")
	}
	plain, err := p.Call.AEAD(p.Account.Keys.Secret).Open(nil, []byte(nonce), raw, []byte(additional))
	if !errors.Is(err, &sdk.Error{Code: sdk.ErrVerification}) {
		return plain, err
	}
	before, beforeErr := p.Call.AEAD(sdk.Previous(p.Account.Keys.Secret)).Open(nil, []byte(nonce), raw, []byte(additional))
	if beforeErr != nil {
		return nil, err
	}
	return before, nil
}

// listedVerifier verifies by the certificates of a list.
type listedVerifier struct {
	Platform

	listed []Listed
}

var _ auth.Verifier = listedVerifier{}

func (v listedVerifier) Verify(_ context.Context, serial, message, signature string) error {
	raw, err := base64.StdEncoding.DecodeString(signature)
	if err != nil {
		return notAuthentic("The signature is no Base64.")
	}
	digest := sha256.Sum256([]byte(message))
	for _, one := range v.listed {
		key, ok := one.Certificate.PublicKey.(*rsa.PublicKey)
		if !ok || Serial(one.Certificate) != serial || !valid(one.Certificate, v.Call.Now()) {
			continue
		}
		if rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], raw) == nil {
			return nil
		}
	}
	return notAuthentic("No listed certificate has signed the list.")
}
