package main

import (
	"errors"
	"fmt"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/wechatpay"
)

func (c config) startWeChatPay(ledgerFile string) (provider, error) {
	opts, err := c.WeChatPay.Options()
	if err != nil {
		return provider{}, fmt.Errorf("%s: %w", wechatpay.Provider, err)
	}
	if opts.Journal, err = openJournal(ledgerFile, wechatpay.Provider, wechatpay.OpenJournal); err != nil {
		return provider{}, err
	}
	sim := wechatpay.New(opts)
	if err := arm(wechatpay.Provider, c.WeChatPay.Faults, sim.AddFault); err != nil {
		return provider{}, errors.Join(err, sim.Close())
	}
	return provider{simulator: sim, name: wechatpay.Provider, control: wechatpay.ControlPrefix}, nil
}

func demoWeChatPay(c *config, keys demoKeys, merchants int) (offer, error) {
	const app, payer = "wx00000000000000d3", "oDEMO-payer-of-wechat-0002"
	o := offer{
		Provider: wechatpay.Provider,
		Methods: []demoMethod{
			{Method: "qr", Payable: true}, {Method: "jsapi", PayerID: payer, Payable: true}, {Method: "h5", Payable: true},
		},
	}
	private, err := keys.WeChatPayMerchant.private()
	if err != nil {
		return offer{}, err
	}
	public, err := keys.WeChatPayMerchant.public()
	if err != nil {
		return offer{}, err
	}
	platform, err := keys.WeChatPayPlatform.public()
	if err != nil {
		return offer{}, err
	}
	if c.WeChatPay.PublicKeyKey, err = keys.WeChatPayPlatform.private(); err != nil {
		return offer{}, err
	}
	c.WeChatPay.PublicKeyID, c.WeChatPay.AllowHTTP = wechatpay.DefaultPublicKeyID, true
	for i := range merchants {
		m := wechatpay.MerchantConfig{
			MchID: fmt.Sprintf("19000%05d", i+1), AppIDs: []string{app}, PublicKey: public, Serial: fmt.Sprintf("%040X", i+1),
			APIv3Key: fmt.Sprintf("demo-api-v3-key-%05d-0123456789", i+1), Mode: wechatpay.ModePublicKey,
		}
		c.WeChatPay.Merchants = append(c.WeChatPay.Merchants, m)
		o.Accounts = append(o.Accounts, demoAccount{
			Settings: map[string]string{"appid": app},
			Credentials: map[string]string{
				"mchid": m.MchID, "serial_no": m.Serial, "private_key": private, "api_v3_key": m.APIv3Key,
				"platform_public_key_id": wechatpay.DefaultPublicKeyID, "platform_public_key": platform,
			},
		})
	}
	return o, nil
}
