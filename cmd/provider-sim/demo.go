package main

import (
	"fmt"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/shouqianba"
)

// demo is what --demo announces of one provider, so that whoever starts this program can
// onboard merchants on it and make every kind of order without knowing the provider.
type demo struct {
	Provider string        `json:"provider"`
	BaseURL  string        `json:"base_url"`
	Accounts []demoAccount `json:"accounts"`
	Payers   []demoPayer   `json:"payers"`
	Methods  []demoMethod  `json:"methods"`
}

// demoAccount is a merchant's contract with the simulated provider. Its keys open nothing else.
type demoAccount struct {
	Settings    map[string]string `json:"settings"`
	Credentials map[string]string `json:"credentials"`
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

// demoMethod is a method that needs no payer's code, with a channel it can be asked for.
type demoMethod struct {
	Method  string `json:"method"`
	Channel string `json:"channel"`
}

// demoTerminals is how many simulated merchants there are unless --demo-merchants says otherwise.
const demoTerminals = 8

// demoConfig arms the payers' fates.
func demoConfig(merchants int) config {
	var c config
	for i := range merchants {
		c.Shouqianba.Terminals = append(c.Shouqianba.Terminals, demoTerminal(i))
	}
	c.Shouqianba.Vendors = []shouqianba.Vendor{{
		SN: "91800001", Key: "demo-vendor-key-0123456789abcdef", AppID: "2026000001",
		Codes: []shouqianba.ActivationCode{{Code: "11111111", StoreID: "demo-store", Uses: 1000}},
	}}
	never := 1 << 30
	c.Shouqianba.Faults = []shouqianba.Fault{
		{Operation: "pay", PayerSuffix: "0202", Kind: shouqianba.FaultPending, Queries: 2},
		{Operation: "pay", PayerSuffix: "0303", Kind: shouqianba.FaultFail, Code: "INSUFFICIENT_FUND"},
		{Operation: "pay", PayerSuffix: "0404", Kind: shouqianba.FaultUncertain},
		{Operation: "pay", PayerSuffix: "0505", Kind: shouqianba.FaultLostAfter},
		{Operation: "pay", PayerSuffix: "0606", Kind: shouqianba.FaultPending, Queries: never},
	}
	return c
}

func demoTerminal(i int) shouqianba.Terminal {
	return shouqianba.Terminal{SN: fmt.Sprintf("1000000100%02d", i+1), Key: fmt.Sprintf("demo-terminal-key-%02d-0123456789abcdef", i+1), StoreID: fmt.Sprintf("demo-store-%02d", i+1)}
}

func demoOf(baseURL string, merchants int) demo {
	d := demo{
		Provider: shouqianba.Provider, BaseURL: baseURL,
		Methods: []demoMethod{{Method: "qr", Channel: "alipay"}, {Method: "qr", Channel: "wechat"}},
	}
	for i := range merchants {
		t := demoTerminal(i)
		d.Accounts = append(d.Accounts, demoAccount{
			Settings: map[string]string{}, Credentials: map[string]string{"terminal_sn": t.SN, "terminal_key": t.Key},
		})
	}
	for _, wallet := range []struct{ prefix, zh, en string }{{"28", "支付宝", "Alipay"}, {"13", "微信", "WeChat"}} {
		for _, p := range []demoPayer{
			{Fate: "paid", Suffix: "0101", ZH: "立即支付成功", EN: "pays at once"},
			{Fate: "slow", Suffix: "0202", ZH: "输入密码后成功", EN: "pays after entering a password"},
			{Fate: "poor", Suffix: "0303", ZH: "余额不足", EN: "has too little money"},
			{Fate: "unknown", Suffix: "0404", ZH: "结果待确认", EN: "leaves the outcome unknown"},
			{Fate: "healing", Suffix: "0505", ZH: "应答丢失，查单后成功", EN: "pays, but the answer is lost and found by a query"},
			{Fate: "absent", Suffix: "0606", ZH: "一直不付款，超时撤单", EN: "never pays; the order is canceled"},
		} {
			p.Prefix, p.Length = wallet.prefix, 18
			p.ZH, p.EN = wallet.zh+"："+p.ZH, wallet.en+": "+p.EN
			d.Payers = append(d.Payers, p)
		}
	}
	return d
}
