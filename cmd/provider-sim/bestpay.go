package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/bestpay"
)

func (c config) startBestPay(ledgerFile string) (provider, error) {
	opts, err := c.BestPay.Options()
	if err != nil {
		return provider{}, fmt.Errorf("%s: %w", bestpay.Provider, err)
	}
	if opts.Journal, err = openJournal(ledgerFile, bestpay.Provider, bestpay.OpenJournal); err != nil {
		return provider{}, err
	}
	sim := bestpay.New(opts)
	if err := arm(bestpay.Provider, c.BestPay.Faults, sim.AddFault); err != nil {
		return provider{}, errors.Join(err, sim.Close())
	}
	return provider{simulator: sim, name: bestpay.Provider, control: bestpay.ControlPrefix}, nil
}

func demoBestPay(c *config, keys demoKeys, merchants int) (offer, error) {
	o := offer{
		Provider: bestpay.Provider,
		Payers: payers([]wallet{{"51", "翼支付", "BestPay"}, alipayWallet, wechatWallet}, 18,
			"25 分钟后关闭", "the order closes after 25 minutes", "unknown"),
		Methods: []demoMethod{
			{Method: "qr", Channel: "BESTPAY", Payable: true},
			{Method: "qr", Channel: "ALIPAY", Payable: true},
			{Method: "h5", Channel: "BESTPAY", Payable: true},
			{Method: "jsapi", Channel: "TENPAY", PayerID: "oDEMO-payer-of-wechat-0001", Payable: true},
		},
	}
	credentials, err := bestpayKeys(keys)
	if err != nil {
		return offer{}, err
	}
	public, err := keys.BestPayMerchant.public()
	if err != nil {
		return offer{}, err
	}
	if c.BestPay.PlatformKey, err = keys.BestPayPlatform.private(); err != nil {
		return offer{}, err
	}
	for i := range merchants {
		m := bestpay.MerchantConfig{InstitutionCode: "3178000000000001", MerchantNo: fmt.Sprintf("31780000001%05d", i+1), PublicKey: public}
		c.BestPay.Merchants = append(c.BestPay.Merchants, m)
		o.Accounts = append(o.Accounts, demoAccount{
			// The document lists no codes; these are the simulator's.
			Settings: map[string]string{
				"order_not_found_codes": "ORDER_NOT_EXIST", "refund_not_found_codes": "REFUND_NOT_EXIST", "signature_refused_codes": "SIGN_ERROR",
			},
			Credentials: map[string]string{
				"institution_code": m.InstitutionCode, "merchant_no": m.MerchantNo,
				"merchant_key": credentials.merchant, "platform_certificate": credentials.platform,
			},
		})
	}
	c.BestPay.Faults = []bestpay.Fault{
		{Operation: bestpay.OpBarcode, PayerSuffix: suffixSlow, Kind: bestpay.FaultPending, Queries: 2},
		{Operation: bestpay.OpBarcode, PayerSuffix: suffixPoor, Kind: bestpay.FaultFail, Code: "TRADE_FAILED", Message: "余额不足"},
		{Operation: bestpay.OpBarcode, PayerSuffix: suffixHealing, Kind: bestpay.FaultLostAfter},
		{Operation: bestpay.OpBarcode, PayerSuffix: suffixAbsent, Kind: bestpay.FaultPending, Queries: never},
	}
	return o, nil
}

// bestpayFiles are what the provider gives a merchant: the key as a file, and its own certificate.
type bestpayFiles struct{ merchant, platform string }

func bestpayKeys(keys demoKeys) (files bestpayFiles, err error) {
	own, err := bestpay.SelfSigned(keys.BestPayMerchant.PrivateKey, time.Now())
	if err != nil {
		return files, err
	}
	if files.merchant, err = keys.BestPayMerchant.pkcs12File(own); err != nil {
		return files, err
	}
	files.platform, err = bestpay.SelfSigned(keys.BestPayPlatform.PrivateKey, time.Now())
	return files, err
}
