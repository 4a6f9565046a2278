package main

import (
	"slices"
	"strings"
)

// offer is what --demo announces of one provider, so that whoever starts this program can
// onboard merchants on it and make every kind of order without knowing the provider.
type offer struct {
	Provider string        `json:"provider"`
	BaseURL  string        `json:"base_url"`
	Accounts []demoAccount `json:"accounts"`
	Payers   []demoPayer   `json:"payers"`
	Methods  []demoMethod  `json:"methods"`
	Payees   []demoPayee   `json:"payees,omitempty"` // where it pays out
}

// demoPayee is nobody, to whom a payout ends in a known way.
type demoPayee struct {
	Fate     string `json:"fate"` // paid, unknown
	Name     string `json:"name"`
	Number   string `json:"number"`
	Phone    string `json:"phone"`
	BankName string `json:"bank_name"`
	Province string `json:"province"`
	City     string `json:"city"`
}

// demoAccount is a merchant's contract with the simulated provider. Its keys open nothing else. Keys and certificates
// are PEM; what a provider gives out as a PKCS#12 file is that file in Base64, without a password.
type demoAccount struct {
	Settings    map[string]string `json:"settings"`
	Credentials map[string]string `json:"credentials"`
	// Enroll takes {"callback_url":…} by POST where the provider has the merchant's address in its books and not in
	// requests; empty: nothing to do.
	Enroll string `json:"enroll,omitempty"`
}

// demoPayer is a payer's code with a known fate: Prefix, digits up to Length, Suffix.
type demoPayer struct {
	Fate   string `json:"fate"` // paid, slow, poor, unknown, healing, absent
	Prefix string `json:"prefix"`
	Suffix string `json:"suffix"`
	Length int    `json:"length"`
	ZH     string `json:"zh"`
	EN     string `json:"en"`
}

// demoMethod is a method that needs no payer's code, with what it can be asked for.
type demoMethod struct {
	Method  string    `json:"method"`
	Channel string    `json:"channel,omitempty"`
	PayerID string    `json:"payer_id,omitempty"`
	Card    *demoCard `json:"card,omitempty"`
	Code    string    `json:"code,omitempty"` // what the payer gets by SMS
	// Payable says that the remote control's orders/{number}/pay pays such an order at once.
	Payable bool `json:"payable,omitempty"`
}

// demoCard is nobody's card.
type demoCard struct {
	Type       string `json:"type"`
	Number     string `json:"number"`
	HolderName string `json:"holder_name"`
	IDNumber   string `json:"id_number"`
	Phone      string `json:"phone"`
}

// demoMerchants is how many simulated merchants there are unless --demo-merchants says otherwise.
const demoMerchants = 8

// never is more queries than anybody makes.
const never = 1 << 30

// demoConfig knows the demo's merchants and arms the payers' fates. Its keys are kept beside the ledger.
func demoConfig(ledgerFile string, merchants int) (config, []offer, error) {
	keys, err := openKeys(ledgerFile)
	if err != nil {
		return config{}, nil, err
	}
	var c config
	offers := make([]offer, 0, 5)
	for _, demo := range []func(*config, demoKeys, int) (offer, error){demoShouqianba, demoMetro, demoBestPay, demoMMSP, demoWeChatPay} {
		o, err := demo(&c, keys, merchants)
		if err != nil {
			return config{}, nil, err
		}
		offers = append(offers, o)
	}
	return c, offers, nil
}

// baseURLMark stands for the provider's address in settings until it is known.
const baseURLMark = "{base_url}"

// at is the offer with the addresses that were opened.
func (o offer) at(baseURL, control string) offer {
	o.BaseURL = baseURL
	accounts := make([]demoAccount, len(o.Accounts))
	for i, a := range o.Accounts {
		settings := make(map[string]string, len(a.Settings))
		for name, value := range a.Settings {
			settings[name] = strings.ReplaceAll(value, baseURLMark, baseURL)
		}
		a.Settings = settings
		if a.Enroll != "" {
			a.Enroll = control + a.Enroll
		}
		accounts[i] = a
	}
	o.Accounts = accounts
	return o
}

// The fates of payers by the last digits of their codes, the same at every provider that has them.
const (
	suffixPaid    = "0101"
	suffixSlow    = "0202"
	suffixPoor    = "0303"
	suffixUnknown = "0404"
	suffixHealing = "0505"
	suffixAbsent  = "0606"
)

// wallet is an app that shows payers' codes, with the beginning that providers know it by.
type wallet struct{ prefix, zh, en string }

var (
	alipayWallet = wallet{"28", "支付宝", "Alipay"}
	wechatWallet = wallet{"13", "微信", "WeChat"}
)

// payers are those of the fates given, at each wallet. end is how the absent payer's order ends.
func payers(wallets []wallet, length int, endZH, endEN string, without ...string) []demoPayer {
	fates := []demoPayer{
		{Fate: "paid", Suffix: suffixPaid, ZH: "立即支付成功", EN: "pays at once"},
		{Fate: "slow", Suffix: suffixSlow, ZH: "输入密码后成功", EN: "pays after entering a password"},
		{Fate: "poor", Suffix: suffixPoor, ZH: "余额不足", EN: "has too little money"},
		{Fate: "unknown", Suffix: suffixUnknown, ZH: "结果待确认", EN: "leaves the outcome unknown"},
		{Fate: "healing", Suffix: suffixHealing, ZH: "应答丢失，查单后成功", EN: "pays, but the answer is lost and found by a query"},
		{Fate: "absent", Suffix: suffixAbsent, ZH: "一直不付款，" + endZH, EN: "never pays; " + endEN},
	}
	var all []demoPayer
	for _, w := range wallets {
		for _, p := range fates {
			if slices.Contains(without, p.Fate) {
				continue
			}
			p.Prefix, p.Length, p.ZH, p.EN = w.prefix, length, w.zh+"："+p.ZH, w.en+": "+p.EN
			all = append(all, p)
		}
	}
	return all
}
