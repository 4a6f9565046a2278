package core

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Additions are what fresh asks for and m, which is live, does not, in plain words: hosts, requests, keys
// and operations, sends, values, methods.
func (m Manifest) Additions(fresh Manifest) []Text {
	before := m.asks()
	var out []Text
	for _, a := range fresh.asks() {
		if !slices.ContainsFunc(before, func(b ask) bool { return a.name == b.name && a.count <= b.count }) {
			out = append(out, a.text)
		}
	}
	return out
}

// ask is one thing a manifest asks for. name tells it apart; count is how many times.
type ask struct {
	name  string
	count int
	text  Text
}

func (m Manifest) asks() []ask {
	var out []ask
	add := func(count int, kind, zh, en string, names ...string) {
		out = append(out, ask{kind + " " + strings.Join(names, " "), count, Text{
			ZH: fmt.Sprintf(zh, anys(names)...), EN: fmt.Sprintf(en, anys(names)...),
		}})
	}
	for _, h := range m.Hosts {
		add(1, "host", "访问主机 %s", "reach the host %s", h)
	}
	for _, c := range slices.Sorted(maps.Keys(m.Grants)) {
		g := m.Grants[c]
		add(g.Sends, "sends", "%s：每次调用最多发送 %s 个请求", "%s: up to %s requests a call", string(c), strconv.Itoa(g.Sends))
		out[len(out)-1].name = "sends " + string(c)
		for _, r := range g.Requests {
			add(1, "request", "%s：请求 %s %s", "%s: the request %s %s", string(c), r.Method, r.Path)
		}
		for _, k := range g.Keys {
			for _, op := range k.Operations {
				add(1, "key", "%s：使用密钥 %s 进行 %s", "%s: the key %s for %s", string(c), k.Name, op)
			}
		}
		for _, name := range g.Reveal {
			add(1, "reveal", "%s：读取 %s 的明文", "%s: the value of %s", string(c), name)
		}
		for _, name := range g.Rotate {
			add(1, "rotate", "%s：更换 %s", "%s: to replace %s", string(c), name)
		}
	}
	for _, p := range m.Products {
		for _, c := range p.Capabilities {
			add(1, "capability", "产品 %s 的能力 %s", "the product %s with %s", p.ID, string(c))
		}
		for _, w := range p.Methods {
			add(1, "method", "产品 %s 的支付方式 %s", "the product %s with the method %s", p.ID, string(w.Method))
		}
	}
	for _, k := range m.Inbound {
		add(1, "inbound", "接收 %s 类回调", "callbacks of the kind %s", k.Kind)
	}
	if m.ReplyAuthentication == "tls-only" {
		add(1, "unsigned", "应答不带签名，仅靠 TLS 认证", "replies that are not signed, trusted by TLS alone")
	}
	return out
}

func anys(names []string) []any {
	out := make([]any, len(names))
	for i, n := range names {
		out[i] = n
	}
	return out
}

// Risks are what a plugin with the manifest could still do wrong within what it asks for. It is
// confined to its grants; within them, nothing but its author vouches for it.
func (m Manifest) Risks() []Text {
	var out []Text
	add := func(zh, en string, args ...any) {
		out = append(out, Text{ZH: fmt.Sprintf(zh, args...), EN: fmt.Sprintf(en, args...)})
	}
	if len(m.Hosts) > 0 {
		hosts := strings.Join(m.Hosts, ", ")
		add("可以把调用中得到的内容（订单、付款码、商户号）发送到：%s。", "It could send what a call gives it (orders, payers' codes, merchant numbers) to: %s.", hosts)
	}
	add("可以把同样的内容发送到账户自己设置的服务地址。", "It could send the same to an account's own address.")
	if m.may(CapCreatePayment, CapQueryPayment, CapConfirmPayment) {
		add("由它解读渠道的应答：可能把未付的订单说成已付，或把已付的说成未付。对账会发现差异。", "It reads the provider's answers: it could call an unpaid order paid, or a paid one unpaid. Reconciliation would show it.")
	}
	if m.may(CapCreateRefund) {
		add("由它编写退款请求：金额或订单可能与批准的不同。", "It writes the request of a refund: amount or order could differ from what was agreed to.")
	}
	if m.may(CapCreatePayout) {
		add("由它编写付款请求：收款人或金额可能与批准的不同。", "It writes the request of a payout: payee or amount could differ from what was agreed to.")
	}
	if m.may(CapInbound) || len(m.Inbound) > 0 {
		add("由它判断收到的回调是否真实。", "It decides whether a callback is authentic.")
	}
	signs, reads, reveals, rotates := m.keyRisks()
	if len(signs) > 0 {
		add("调用期间可以用这些密钥签署任意内容：%s。", "During a call it can have anything signed with: %s.", strings.Join(signs, ", "))
	}
	if len(reads) > 0 {
		add("调用期间可以解密用这些密钥加密的内容：%s。", "During a call it can have decrypted what was sealed for: %s.", strings.Join(reads, ", "))
	}
	if len(reveals) > 0 {
		add("会得到这些密钥的明文，并可能把它们发送出去：%s。", "It learns the value of, and could send away: %s.", strings.Join(reveals, ", "))
	}
	if len(rotates) > 0 {
		add("可以更换这些密钥或编号：%s。旧版本仍保留。", "It can replace: %s. The versions before are kept.", strings.Join(rotates, ", "))
	}
	if m.ReplyAuthentication == "tls-only" {
		add("渠道的应答不带签名：控制其服务器或证书的人可以伪造应答。", "Replies are not signed: whoever controls the provider's server or certificate can forge them.")
	}
	return out
}

func (m Manifest) may(one ...Capability) bool {
	return slices.ContainsFunc(one, func(c Capability) bool { _, ok := m.Grants[c]; return ok })
}

// keyRisks lists the keys that can sign or compute codes, that open what is sealed, whose value
// is told, and that can be replaced.
func (m Manifest) keyRisks() (signs, reads, reveals, rotates []string) {
	once := func(list *[]string, name string) {
		if !slices.Contains(*list, name) {
			*list = append(*list, name)
		}
	}
	for _, c := range slices.Sorted(maps.Keys(m.Grants)) {
		g := m.Grants[c]
		for _, k := range g.Keys {
			if slices.Contains(k.Operations, "sign") || slices.Contains(k.Operations, "digest") {
				once(&signs, k.Name)
			}
			if slices.Contains(k.Operations, "decrypt") || slices.Contains(k.Operations, "open") {
				once(&reads, k.Name)
			}
		}
		for _, name := range g.Reveal {
			once(&reveals, name)
		}
		for _, name := range g.Rotate {
			once(&rotates, name)
		}
	}
	return signs, reads, reveals, rotates
}
