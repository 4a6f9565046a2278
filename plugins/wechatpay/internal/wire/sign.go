package wire

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/wechatpay-apiv3/wechatpay-go/core/auth"
	"github.com/wechatpay-apiv3/wechatpay-go/core/consts"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// algorithm is the only one that the documentation has for merchants with RSA keys.
const algorithm = "SHA256-RSA2048"

// signer signs with the merchant's private key, which stays in the host.
type signer struct {
	call    *sdk.Call
	account Account
}

var _ auth.Signer = signer{}

// Sign signs a message. Its error is the host's own.
func (s signer) Sign(_ context.Context, message string) (*auth.SignatureResult, error) {
	digest := sha256.Sum256([]byte(message))
	signature, err := s.call.Signer(s.account.Keys.Private).Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		return nil, err
	}
	return &auth.SignatureResult{
		MchID: s.account.Merchant, CertificateSerialNo: s.account.Serial, Signature: base64.StdEncoding.EncodeToString(signature),
	}, nil
}

// Algorithm names the signature's algorithm.
func (signer) Algorithm() string { return algorithm }

// credential writes the Authorization of a request. The library's own takes the time from
// the system and the nonce from a global: here both are the caller's.
type credential struct {
	signer auth.Signer
	call   *sdk.Call
	random io.Reader
}

var _ auth.Credential = credential{}

// GenerateAuthorizationHeader signs method, path with query, time, nonce and body.
func (c credential) GenerateAuthorizationHeader(ctx context.Context, method, canonicalURL, signBody string) (string, error) {
	nonce, err := newNonce(c.random)
	if err != nil {
		return "", err
	}
	now := c.call.Now().Unix()
	result, err := c.signer.Sign(ctx, fmt.Sprintf(consts.SignatureMessageFormat, method, canonicalURL, now, nonce, signBody))
	if err != nil {
		return "", err
	}
	return fmt.Sprintf(consts.HeaderAuthorizationFormat,
		"WECHATPAY2-"+c.signer.Algorithm(), result.MchID, nonce, now, result.CertificateSerialNo, result.Signature), nil
}

// newNonce is 32 hexadecimal digits, as long as the documentation's.
func newNonce(random io.Reader) (string, error) {
	var bits [16]byte
	if _, err := io.ReadFull(random, bits[:]); err != nil {
		return "", fmt.Errorf("no random numbers for nonce_str: %w", err)
	}
	return hex.EncodeToString(bits[:]), nil
}

// WalletFields are what WeChat's page takes to open the wallet for an order (JSAPI调起支付):
// signed by the merchant over app, time, nonce and package.
func (c Client) WalletFields(ctx context.Context, appID, prepayID string) (map[string]string, error) {
	nonce, err := newNonce(c.Random)
	if err != nil {
		return nil, err
	}
	at, pack := fmt.Sprint(c.Call.Now().Unix()), "prepay_id="+prepayID
	result, err := signer{c.Call, c.Account}.Sign(ctx, appID+"\n"+at+"\n"+nonce+"\n"+pack+"\n")
	if err != nil {
		return nil, err
	}
	return map[string]string{
		"appId": appID, "timeStamp": at, "nonceStr": nonce, "package": pack, "signType": "RSA", "paySign": result.Signature,
	}, nil
}
