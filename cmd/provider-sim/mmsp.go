package main

import (
	"errors"
	"fmt"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"
)

func (c config) startMMSP(ledgerFile string) (provider, error) {
	section := c.MMSP
	journal, err := openJournal(ledgerFile, mmsp.Provider, mmsp.OpenJournal)
	if err != nil {
		return provider{}, err
	}
	section.Journal = journal
	sim, err := section.New()
	if err != nil {
		return provider{}, errors.Join(fmt.Errorf("%s: %w", mmsp.Provider, err), journal.Close())
	}
	return provider{simulator: sim, name: mmsp.Provider, control: mmsp.ControlPrefix}, nil
}

func demoMMSP(c *config, keys demoKeys, merchants int) (offer, error) {
	o := offer{
		Provider: mmsp.Provider,
		Payers: payers([]wallet{alipayWallet, wechatWallet, {"91", "QQ 钱包", "QQ Wallet"}}, 18,
			"超时撤单", "the order is canceled", "unknown"),
		Methods: demoMMSPMethods(),
		Payees:  demoMMSPPayees(),
	}
	private, err := keys.MMSPMerchant.private()
	if err != nil {
		return offer{}, err
	}
	platform, err := keys.MMSPPlatform.public()
	if err != nil {
		return offer{}, err
	}
	c.MMSP.PlatformKey = mmsp.PrivateKey{PrivateKey: keys.MMSPPlatform.PrivateKey}
	for i := range merchants {
		m := mmsp.Merchant{
			MerNo: fmt.Sprintf("8484400000%05d", i+1), TermNo: fmt.Sprintf("8497%04d", i%10000), Key: fmt.Sprintf("demo-mmsp-key-%05d-0123456789ab", i+1),
			Payout: &mmsp.PayoutAccount{Key: mmsp.PublicKey{PublicKey: &keys.MMSPMerchant.PublicKey}, Channels: demoChannels()},
		}
		c.MMSP.Merchants = append(c.MMSP.Merchants, m)
		o.Accounts = append(o.Accounts, demoAccount{
			Settings: demoMMSPSettings(),
			Credentials: map[string]string{
				"merchant_no": m.MerNo, "terminal_no": m.TermNo, "md5_key": m.Key,
				"payout_merchant_no": m.MerNo, "payout_private_key": private, "platform_public_key": platform,
			},
		})
	}
	// The document has bound cards switched off; the demo opens them, so that they can be tried.
	c.MMSP.Opened = []string{
		mmsp.OpQuickBindSMS, mmsp.OpQuickBind, mmsp.OpQuickUnbind, mmsp.OpQuickBindQuery, mmsp.OpQuickBoundSMS, mmsp.OpQuickBoundPay,
	}
	for _, operation := range []string{mmsp.OpScanAlipayBarcode, mmsp.OpScanWechatBarcode, mmsp.OpScanQQBarcode} {
		c.MMSP.Faults = append(c.MMSP.Faults,
			mmsp.Fault{Operation: operation, PayerSuffix: suffixSlow, Kind: mmsp.FaultPending, Queries: 2},
			mmsp.Fault{Operation: operation, PayerSuffix: suffixPoor, Kind: mmsp.FaultFail, Message: "余额不足"},
			mmsp.Fault{Operation: operation, PayerSuffix: suffixHealing, Kind: mmsp.FaultLostAfter},
			mmsp.Fault{Operation: operation, PayerSuffix: suffixAbsent, Kind: mmsp.FaultPending, Queries: never},
		)
	}
	c.MMSP.Faults = append(c.MMSP.Faults,
		mmsp.Fault{Operation: mmsp.OpPayout, PayerSuffix: doubtfulPayee, Kind: mmsp.FaultUncertain, Moved: true, Queries: never, Result: "2"})
	return o, nil
}

// doubtfulPayee is an account to which every payout is answered 0001, and every question about it.
const doubtfulPayee = "6217710000004002"

func demoMMSPPayees() []demoPayee {
	payee := demoPayee{Fate: "paid", Name: "演示收款人", Number: "6217710000009001", Phone: "13800000000", BankName: "招商银行", Province: "广东省", City: "深圳市"}
	doubtful := payee
	doubtful.Fate, doubtful.Number = "unknown", doubtfulPayee
	return []demoPayee{payee, doubtful}
}

// demoMMSPSettings are the paths, which the document does not print, and the apps that payers are in.
func demoMMSPSettings() map[string]string {
	return map[string]string{
		"payout_path": mmsp.PathPayout, "quick_path": mmsp.PathQuick, "scan_path": mmsp.PathScan, "gateway_path": mmsp.PathGateway,
		"identify_url":           baseURLMark + mmsp.PathIdentity,
		"official_account_appid": "wx00000000000000d1", "mini_program_appid": "wx00000000000000d2",
	}
}

func demoMMSPMethods() []demoMethod {
	const payer = "oDEMO-payer-of-wechat-0001"
	return []demoMethod{
		{Method: "qr", Channel: "wechat", Payable: true},
		{Method: "qr", Channel: "unionpay", Payable: true},
		{Method: "jsapi", Channel: "wechat", PayerID: payer, Payable: true},
		{Method: "mini_program", Channel: "wechat", PayerID: payer, Payable: true},
		{Method: "h5", Channel: "alipay", Payable: true},
		{Method: "static_code", Channel: "alipay"},
		{Method: "dynamic_code", Channel: "alipay", Payable: true},
		{Method: "card", Code: "123456", Card: &demoCard{
			Type: "debit", Number: "6228480000000000019", HolderName: "演示", IDNumber: "110101199001010000", Phone: "13800000000",
		}},
		{Method: "unionpay", Payable: true},
		{Method: "gateway_form", Channel: "YLBILL-NET-B2C"},
	}
}

// demoChannels hold the money that a demo merchant can pay out: a T1 channel and a D0 channel, fen.
func demoChannels() []mmsp.Channel {
	return []mmsp.Channel{
		{No: "C1", MerchantNo: "M1", Pending: 1_000_000, Available: 500_000_000, Fee: 200, Max: 50_000_000, HolidayType: 3},
		{No: "C2", MerchantNo: "M2", Available: 100_000_000, Advance: 200_000_000, Fee: 300, D0: true, SettleD1: true, HolidayType: 3},
	}
}
