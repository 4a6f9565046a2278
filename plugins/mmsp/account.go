package main

import (
	"crypto/rand"
	"io"

	"github.com/zhanggui-pay/zhanggui/plugins/mmsp/internal/wire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// The credentials' names.
const (
	credMerchantNo  = "merchant_no"
	credTerminalNo  = "terminal_no"
	credMD5Key      = "md5_key"
	credAgentNo     = "agent_no"
	credAgentKey    = "agent_key"
	credCertificate = "client_certificate"

	credPayoutMerchantNo = "payout_merchant_no"
	credPayoutKey        = "payout_private_key"
	credPlatformKey      = "platform_public_key"
)

// settings are the account's settings, by settings.schema.json.
type settings struct {
	PayoutPath  string `json:"payout_path"`
	QuickPath   string `json:"quick_path"`
	ScanPath    string `json:"scan_path"`
	GatewayPath string `json:"gateway_path"`
	// ListDates is how the days of a list are written (trap Q25).
	ListDates string `json:"list_date_format"`

	scanSettings
	quickSettings
	payoutSettings
}

func settingsOf(call *sdk.Call) (settings, error) {
	s := settings{
		PayoutPath: "/", QuickPath: "/", ScanPath: "/", GatewayPath: "/", ListDates: listDay,
		scanSettings: defaultScanSettings(), quickSettings: defaultQuickSettings(), payoutSettings: defaultPayoutSettings(),
	}
	err := call.Bind(&s)
	return s, err
}

// md5Account is who signs for quick pay, scan and the gateway at a path. An agent's key takes
// precedence over the merchant's (3.1, 签名要求).
func md5Account(call *sdk.Call, path string) wire.Account {
	a := wire.Account{
		URL: call.BaseURL + path, Merchant: call.Merchant(credMerchantNo), Terminal: call.Merchant(credTerminalNo), Key: credMD5Key,
	}
	if agent := call.Merchant(credAgentNo); agent != "" {
		a.Agent, a.Key = agent, credAgentKey
	}
	return a
}

// randomLength suits every table that asks for RANDSTR: 10 in quick pay, at most 15 in scan's
// queries, at most 20 in its orders.
const randomLength = 10

// randomText fills RANDSTR.
func (p provider) randomText() (string, error) {
	const alphabet = "0123456789abcdefghijklmnopqrstuv" // 32: every byte's lower bits choose evenly
	source := p.random
	if source == nil {
		source = rand.Reader
	}
	out := make([]byte, randomLength)
	if _, err := io.ReadFull(source, out); err != nil {
		return "", sdk.Errorf(sdk.ErrInternal, "There is no randomness: %v.", err)
	}
	for i, b := range out {
		out[i] = alphabet[int(b)%len(alphabet)]
	}
	return string(out), nil
}
