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
