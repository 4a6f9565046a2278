package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/metro"
)

func (c config) startMetro(ledgerFile string) (provider, error) {
	section := c.Metro
	journal, err := openJournal(ledgerFile, metro.Provider, metro.OpenJournal)
	if err != nil {
		return provider{}, err
	}
	section.Journal = journal
	if err := section.Check(); err != nil {
		return provider{}, errors.Join(fmt.Errorf("%s: %w", metro.Provider, err), journal.Close())
	}
	sim, err := section.Build()
	if err != nil {
		return provider{}, err
	}
	return provider{simulator: sim, name: metro.Provider, control: metro.ControlPrefix, enroll: enrollMetro(sim, section.Merchants)}, nil
}

// enrollMetro enters the three addresses for messages about members: each kind has one, ending in its letter.
func enrollMetro(sim *metro.Simulator, merchants []metro.Merchant) func(merchant, callbackURL string) error {
	return func(merchant, callbackURL string) error {
		i := slices.IndexFunc(merchants, func(m metro.Merchant) bool { return m.MchID == merchant })
		if i < 0 {
			return fmt.Errorf("metro's configuration has no merchant %q", merchant)
		}
		m := merchants[i]
		m.OpenURL, m.UnbindURL, m.PhoneURL = callbackURL+"o", callbackURL+"c", callbackURL+"m"
		sim.AddMerchant(m)
		return nil
	}
}

// How metro encrypts the phone numbers of the demo's members.
const (
	demoPhoneKey = "demo-phone-key-1"
	demoPhoneIV  = "demo-phone-iv-01"
)

func demoMetro(c *config, keys demoKeys, merchants int) (offer, error) {
	// A code names its payer and the way of paying: 8, twelve digits and 0 for WeChat, 1 for Alipay.
	o := offer{
		Provider: metro.Provider,
		Payers: payers([]wallet{
			{"80000000000420", "大都会（微信）", "Metro (WeChat)"}, {"80000000000431", "大都会（支付宝）", "Metro (Alipay)"},
		}, 36, "超时冲正", "the order is reversed", "unknown"),
		Methods: []demoMethod{}, // there is only the payer's code
	}
	private, err := keys.MetroMerchant.private()
	if err != nil {
		return offer{}, err
	}
	public, err := keys.MetroProvider.public()
	if err != nil {
		return offer{}, err
	}
	c.Metro.ProviderKey = metro.PrivateKey{PrivateKey: keys.MetroProvider.PrivateKey}
	for i := range merchants {
		m := metro.Merchant{
			MchID: fmt.Sprintf("M1%05d", i+1), PublicKey: metro.PublicKey{PublicKey: &keys.MetroMerchant.PublicKey},
			StoreIDs: []string{fmt.Sprintf("SZTX%03d", i+1)}, PhoneKey: []byte(demoPhoneKey), PhoneIV: []byte(demoPhoneIV),
		}
		c.Metro.Merchants = append(c.Metro.Merchants, m)
		o.Accounts = append(o.Accounts, demoAccount{
			Settings: map[string]string{"store_id": m.StoreIDs[0], "not_found_code": "400102"},
			Credentials: map[string]string{
				"mch_id": m.MchID, "private_key": private, "provider_public_key": public,
				"phone_key": demoPhoneKey, "phone_iv": demoPhoneIV,
			},
			Enroll: enrollPath(metro.Provider, m.MchID),
		})
	}
	c.Metro.Faults = []metro.Fault{
		{Operation: "applypay", PayerSuffix: suffixSlow, Kind: metro.FaultPending, Queries: 2},
		{Operation: "applypay", PayerSuffix: suffixPoor, Kind: metro.FaultFail, Message: "余额不足"},
		{Operation: "applypay", PayerSuffix: suffixHealing, Kind: metro.FaultLostAfter},
		{Operation: "applypay", PayerSuffix: suffixAbsent, Kind: metro.FaultPending, Queries: never},
	}
	return o, nil
}
