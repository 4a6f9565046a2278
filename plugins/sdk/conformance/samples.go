package conformance

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// What samples are made of. Numbers and amounts stand nowhere else, so that they are found again
// in what a plugin sends.
const (
	sampleOrderNo  = "26010144820000000317"
	sampleRefundNo = "26010144820000000324"
	samplePayoutNo = "26010144820000000331"
	sampleAmount   = 73519 // fen
	sampleRefund   = 41327
	sampleCard     = "6222020200112233448"
	samplePhone    = "13812345670"
	sampleIDNumber = "11010119900307715X"
	samplePayer    = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
)

// sampler makes what a plugin's capabilities are called with out of its manifest.
type sampler struct {
	Case
	m sdk.Manifest
}

// privates are what the samples hold of a payer, or of a payee.
func privates() map[string]string {
	return map[string]string{"the payer's code": strings.Repeat("4", 13), "the payer's card number": sampleCard, "the payer's identity number": sampleIDNumber}
}

// way is a method with one of its channels.
type way struct {
	spec    sdk.MethodSpec
	channel string
}

// ways lists a product's methods with each channel, or none where none need be chosen.
func ways(p sdk.Product) []way {
	var out []way
	for _, spec := range p.Methods {
		for _, c := range spec.Channels {
			out = append(out, way{spec, c.ID})
		}
		if !spec.ChannelRequired {
			out = append(out, way{spec, ""})
		}
	}
	return out
}

func (s sampler) payment(w way) sdk.PaymentRequest {
	r := sdk.PaymentRequest{
		OrderNo: sampleOrderNo, Method: w.spec.Method, Channel: w.channel, Amount: sdk.Fen(sampleAmount), Subject: "测试商品", Description: "conformance",
		Operator: "operator01", StoreCode: "S0001", TerminalNo: "T0001", CreatedAt: s.Now, ExpiresAt: s.Now.Add(5 * time.Minute), Extra: extra(w.spec.Extra),
	}
	needs := func(need string) bool { return slices.Contains(w.spec.Needs, need) }
	if code := s.payerCode(w); needs(sdk.NeedPayerCode) || w.spec.Method == sdk.MethodBarcode {
		r.PayerCode = sdk.SecretString(code)
	}
	if needs(sdk.NeedPayerID) || w.spec.Method == sdk.MethodJSAPI {
		r.PayerID = samplePayer
	}
	r.ReturnURL, r.ClientIP = "https://shop.example/paid", "203.0.113.7"
	if needs(sdk.NeedCard) || needs(sdk.NeedBoundCard) {
		card := sampleCardOf(needs(sdk.NeedBoundCard))
		r.Card = &card
	}
	return r
}

func sampleCardOf(bound bool) sdk.Card {
	c := sdk.Card{
		UserID: "U10001", Type: sdk.CardDebit, Number: sdk.SecretString(sampleCard), HolderName: sdk.SecretString("张三"), IDType: "01",
		IDNumber: sdk.SecretString(sampleIDNumber), Phone: sdk.SecretString(samplePhone),
	}
	if bound {
		return sdk.Card{BindID: "B10001", UserID: c.UserID, Type: c.Type, Phone: c.Phone}
	}
	return c
}

// payerCode is one that the manifest's patterns take.
func (s sampler) payerCode(w way) string {
	prefix, length := "13", 18
	for _, c := range s.m.PayerCodes {
		if c.Method == w.spec.Method && (c.Channel == w.channel || c.Channel == "" || w.channel == "") && len(c.Prefixes) > 0 && len(c.Lengths) > 0 {
			prefix, length = c.Prefixes[0], c.Lengths[len(c.Lengths)/2]
			break
		}
	}
	return prefix + strings.Repeat("4", max(0, length-len(prefix)))
}

// extra fills in what is required, and of the rest what is a choice.
func extra(fields []sdk.InputField) map[string]string {
	out := map[string]string{}
	for _, f := range fields {
		value := "1"
		for _, wanted := range []struct{ part, value string }{{"phone", samplePhone}, {"mobile", samplePhone}, {"ip", "203.0.113.7"}, {"url", "https://shop.example/"}, {"email", "a@shop.example"}} {
			if strings.Contains(strings.ToLower(f.Name), wanted.part) {
				value = wanted.value
				break
			}
		}
		if len(f.Options) > 0 {
			value = f.Options[0].ID
		}
		if f.Required {
			out[f.Name] = value
		}
	}
	return out
}

func (s sampler) order(w way) sdk.OrderRef {
	return sdk.OrderRef{
		OrderNo: sampleOrderNo, ProviderOrderNo: "P" + sampleOrderNo, Method: w.spec.Method, Channel: w.channel, Amount: sdk.Fen(sampleAmount), CreatedAt: s.Now.Add(-time.Hour),
	}
}

func (s sampler) refund(w way) sdk.RefundRequest {
	return sdk.RefundRequest{
		Payment: s.order(w), RefundNo: sampleRefundNo, Amount: sdk.Fen(sampleRefund), RefundedBefore: sdk.Fen(0), Reason: "退货", Operator: "operator01", CreatedAt: s.Now,
	}
}

func (s sampler) payout(spec sdk.PayoutSpec, source, payee string) sdk.PayoutRequest {
	r := sdk.PayoutRequest{
		OrderNo: samplePayoutNo, Amount: sdk.Fen(sampleAmount), Source: source, PayeeType: payee, PayeeName: sdk.SecretString("张三"),
		PayeeNumber: sdk.SecretString(sampleCard), BankCode: "ICBC", BankName: "中国工商银行", BranchCode: "102100099996", BranchName: "中国工商银行北京分行",
		Province: "北京市", City: "北京市", Phone: sdk.SecretString(samplePhone), IDNumber: sdk.SecretString(sampleIDNumber), Purpose: "货款", CreatedAt: s.Now, Extra: extra(spec.Extra),
	}
	return r
}

// candidates are the ways to call a capability of a product; those that the plugin itself refuses
// before it sends are left.
func (s sampler) candidates(p sdk.Product, capability sdk.Capability) []operation {
	switch capability {
	case sdk.CapCreatePayment:
		return s.paymentCandidates(p)
	case sdk.CapInbound:
		return nil // strangers' requests are made apart
	case sdk.CapCreatePayout, sdk.CapQueryPayout, sdk.CapListBalances:
		return s.payoutCandidates(p, capability)
	case sdk.CapResolvePayer:
		return s.payerCandidates(capability)
	default:
	}
	all := ways(p)
	if len(all) == 0 {
		all = []way{{}}
	}
	var out []operation
	for _, w := range all {
		c := s.Case
		c.Order, c.Refund = s.order(w), s.refund(w)
		card := sampleCardOf(w.spec.Method == sdk.MethodBoundCard)
		c.Confirm = sdk.ConfirmRequest{Payment: c.Order, Code: sdk.SecretString("123456"), Card: &card, Extra: extra(w.spec.Extra)}
		c.BindCard = sdk.BindCardRequest{OrderNo: sampleOrderNo, Card: sampleCardOf(false)}
		c.Card = sdk.CardRef{BindID: "B10001", UserID: "U10001"}
		c.List = sdk.ListRequest{Product: p.ID, From: s.Now.Add(-3 * time.Hour), To: s.Now.Add(-time.Hour)}
		day := s.Now.In(sdk.Beijing()).AddDate(0, 0, -2)
		c.Bill = sdk.BillRequest{Day: time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, sdk.Beijing())}
		if len(c.Activation) == 0 {
			c.Activation = map[string]sdk.Secret{"code": sdk.SecretString("12345678")}
		}
		for _, op := range c.operationsOf(s.m, capability) {
			op.name = strings.TrimSpace(op.name + " " + string(w.spec.Method) + " " + w.channel)
			op.numbers, op.amount = numbersOf(c, capability)
			out = append(out, op)
		}
	}
	return out
}

// numbersOf are the numbers of ours that an operation must name, and the amount where it must.
func numbersOf(c Case, capability sdk.Capability) ([]string, sdk.Money) {
	switch capability {
	case sdk.CapConfirmPayment, sdk.CapQueryPayment, sdk.CapCancelPayment, sdk.CapClosePayment, sdk.CapResendCode:
		return []string{c.Order.OrderNo, c.Order.ProviderOrderNo}, sdk.Money{}
	case sdk.CapCreateRefund:
		return []string{c.Refund.RefundNo}, c.Refund.Amount
	case sdk.CapQueryRefund:
		return []string{c.Refund.RefundNo, c.Order.OrderNo, c.Order.ProviderOrderNo}, sdk.Money{}
	default:
		return nil, sdk.Money{}
	}
}

func (s sampler) paymentCandidates(p sdk.Product) []operation {
	all := ways(p)
	out := make([]operation, 0, len(all))
	for _, w := range all {
		c := s.Case
		c.Payments = []sdk.PaymentRequest{s.payment(w)}
		for _, op := range c.paymentOperations(s.m) {
			op.name = strings.TrimSpace(op.name + " " + w.channel)
			op.numbers, op.amount = []string{sampleOrderNo}, sdk.Fen(sampleAmount)
			out = append(out, op)
		}
	}
	return out
}

func (s sampler) payoutCandidates(p sdk.Product, capability sdk.Capability) []operation {
	if p.Payout == nil {
		return nil
	}
	var out []operation
	for _, source := range orNone(p.Payout.Sources) {
		for _, payee := range orNone(p.Payout.PayeeTypes) {
			c := s.Case
			c.Payout = s.payout(*p.Payout, source, payee)
			c.PayoutRef = sdk.PayoutRef{OrderNo: samplePayoutNo, Amount: sdk.Fen(sampleAmount), CreatedAt: s.Now.Add(-time.Hour)}
			for _, op := range c.operationsOf(s.m, capability) {
				op.name = strings.TrimSpace(op.name + " " + source + " " + payee)
				switch capability {
				case sdk.CapCreatePayout:
					op.numbers, op.amount = []string{samplePayoutNo}, sdk.Fen(sampleAmount)
				case sdk.CapQueryPayout:
					op.numbers = []string{samplePayoutNo}
				default:
				}
				out = append(out, op)
			}
		}
	}
	return out
}

func orNone(channels []sdk.Channel) []string {
	if len(channels) == 0 {
		return []string{""}
	}
	out := make([]string, 0, len(channels))
	for _, c := range channels {
		out = append(out, c.ID)
	}
	return out
}

func (s sampler) payerCandidates(capability sdk.Capability) []operation {
	code := s.payerCode(way{spec: sdk.MethodSpec{Method: sdk.MethodBarcode}})
	const back = "https://shop.example/"
	requests := []sdk.PayerRequest{
		{Purpose: sdk.PayerIdentify, Code: sdk.SecretString(code)},
		{Purpose: sdk.PayerIdentify, ReturnURL: back},
		{Purpose: sdk.PayerIdentify, Channel: "wechat", ReturnURL: back},
		{Purpose: sdk.PayerWake, ReturnURL: back},
	}
	out := make([]operation, 0, len(requests))
	for _, r := range requests {
		c := s.Case
		c.Payer = r
		out = append(out, c.operationsOf(s.m, capability)...)
	}
	return out
}

// capabilities lists what a manifest offers, each once, with its product.
func offeredBy(m sdk.Manifest) []offer {
	var out []offer
	for _, p := range m.Products {
		for _, c := range p.Capabilities {
			out = append(out, offer{p, c})
		}
	}
	slices.SortStableFunc(out, func(a, b offer) int { return cmp.Compare(rank(a.capability), rank(b.capability)) })
	return out
}

type offer struct {
	product    sdk.Product
	capability sdk.Capability
}

// rank has what moves money looked at first.
func rank(c sdk.Capability) int {
	if moves(c) {
		return 0
	}
	return 1
}
