package main

import (
	"errors"
	"fmt"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/shouqianba"
)

// shouqianbaConfig is the provider's section. Faults are armed at the start.
type shouqianbaConfig struct {
	Vendors           []shouqianba.Vendor   `json:"vendors"`
	Terminals         []shouqianba.Terminal `json:"terminals"`
	Faults            []shouqianba.Fault    `json:"faults"`
	Seed              uint64                `json:"seed"`
	ReflectName       string                `json:"reflect_name"`
	IdempotentRefunds bool                  `json:"idempotent_refunds"`
	KeepPreviousKey   bool                  `json:"keep_previous_key"`
}

func (c config) startShouqianba(ledgerFile string) (provider, error) {
	section := c.Shouqianba
	opts := shouqianba.Options{
		Vendors: section.Vendors, Terminals: section.Terminals, Seed: section.Seed, ReflectName: section.ReflectName,
		IdempotentRefunds: section.IdempotentRefunds, KeepPreviousKey: section.KeepPreviousKey,
	}
	var err error
	if opts.Journal, err = openJournal(ledgerFile, shouqianba.Provider, shouqianba.OpenJournal); err != nil {
		return provider{}, err
	}
	sim := shouqianba.New(opts)
	if err := arm(shouqianba.Provider, section.Faults, sim.AddFault); err != nil {
		return provider{}, errors.Join(err, sim.Close())
	}
	return provider{simulator: sim, name: shouqianba.Provider, control: shouqianba.ControlPrefix}, nil
}

func demoShouqianba(c *config, _ demoKeys, merchants int) (offer, error) {
	o := offer{
		Provider: shouqianba.Provider,
		Payers:   payers([]wallet{alipayWallet, wechatWallet}, 18, "超时撤单", "the order is canceled"),
		Methods:  []demoMethod{{Method: "qr", Channel: "alipay", Payable: true}, {Method: "qr", Channel: "wechat", Payable: true}},
	}
	c.Shouqianba.Vendors = []shouqianba.Vendor{{
		SN: "91800001", Key: "demo-vendor-key-0123456789abcdef", AppID: "2026000001",
		Codes: []shouqianba.ActivationCode{{Code: "11111111", StoreID: "demo-store", Uses: 1000}},
	}}
	for i := range merchants {
		t := shouqianba.Terminal{
			SN: fmt.Sprintf("1000000100%02d", i+1), Key: fmt.Sprintf("demo-terminal-key-%02d-0123456789abcdef", i+1),
			StoreID: fmt.Sprintf("demo-store-%02d", i+1),
		}
		c.Shouqianba.Terminals = append(c.Shouqianba.Terminals, t)
		o.Accounts = append(o.Accounts, demoAccount{
			Settings: map[string]string{}, Credentials: map[string]string{"terminal_sn": t.SN, "terminal_key": t.Key},
		})
	}
	c.Shouqianba.Faults = []shouqianba.Fault{
		{Operation: "pay", PayerSuffix: suffixSlow, Kind: shouqianba.FaultPending, Queries: 2},
		{Operation: "pay", PayerSuffix: suffixPoor, Kind: shouqianba.FaultFail, Code: "INSUFFICIENT_FUND"},
		{Operation: "pay", PayerSuffix: suffixUnknown, Kind: shouqianba.FaultUncertain},
		{Operation: "pay", PayerSuffix: suffixHealing, Kind: shouqianba.FaultLostAfter},
		{Operation: "pay", PayerSuffix: suffixAbsent, Kind: shouqianba.FaultPending, Queries: never},
	}
	return o, nil
}
