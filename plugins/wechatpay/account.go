package main

import (
	"cmp"
	"crypto/rand"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/wechatpay/internal/wire"
)

// The credentials' names.
const (
	credMerchant     = "mchid"
	credSerial       = "serial_no"
	credPrivateKey   = "private_key"
	credSecret       = "api_v3_key"
	credPublicKeyID  = "platform_public_key_id"
	credPublicKey    = "platform_public_key"
	credCertificate  = "platform_certificate"
	credCertificate2 = "platform_certificate_2"
)

// certificates are the places for platform certificates. While one is being changed for
// another WeChat Pay has two, and signs with either.
func certificates() []string { return []string{credCertificate, credCertificate2} }

// settings are the account's settings, by settings.schema.json.
type settings struct {
	AppID  string `json:"appid"`
	H5Type string `json:"h5_type"`
}

// account is a call's merchant with its settings.
type account struct {
	settings

	merchant string
	client   wire.Client
}

// accountOf reads the call's account.
func (p provider) accountOf(call *sdk.Call) (account, error) {
	a := account{merchant: call.Merchant(credMerchant)}
	if err := call.Bind(&a.settings); err != nil {
		return account{}, err
	}
	a.H5Type = cmp.Or(a.H5Type, "Wap")
	serial := call.Merchant(credSerial)
	switch {
	case a.AppID == "":
		return account{}, invalid("appid", "The account has no appid; enter the one that is bound to the merchant number.")
	case a.merchant == "":
		return account{}, sdk.Errorf(sdk.ErrInvalidCredential, "The account has no mchid; enter the merchant number that WeChat Pay assigned.")
	case serial == "":
		return account{}, sdk.Errorf(sdk.ErrInvalidCredential, "The account has no serial_no; enter the serial number of the merchant's API certificate.")
	}
	a.client = wire.Client{
		Call: call, Random: cmp.Or(p.random, rand.Reader),
		Account: wire.Account{
			Merchant: a.merchant, Serial: serial, PublicKeyID: call.Merchant(credPublicKeyID),
			Keys: wire.Keys{Private: credPrivateKey, Secret: credSecret, PublicKey: credPublicKey, Certificates: certificates()},
		},
	}
	return a, nil
}
