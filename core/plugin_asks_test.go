package core

import (
	"strings"
	"testing"
)

func asking(change func(m *Manifest)) Manifest {
	m := Manifest{
		ID: "p", Hosts: []string{"api.example.com"}, ReplyAuthentication: "signature",
		Products: []Product{{ID: "scan", Capabilities: []Capability{CapCreatePayment, CapQueryPayment}, Methods: []MethodSpec{{Method: MethodBarcode}}}},
		Grants: map[Capability]Grant{
			CapCreatePayment: {Requests: []GrantRequest{{"POST", "/pay"}}, Keys: []GrantKey{{"key", []string{"sign"}}}, Sends: 1},
			CapQueryPayment:  {Requests: []GrantRequest{{"POST", "/query"}}, Sends: 2},
		},
	}
	change(&m)
	return m
}

// TestAdditions: whatever a manifest can ask for is told when a version asks for more of it.
func TestAdditions(t *testing.T) {
	t.Parallel()
	grant := func(change func(g *Grant)) func(m *Manifest) {
		return func(m *Manifest) {
			g := m.Grants[CapQueryPayment]
			change(&g)
			m.Grants[CapQueryPayment] = g
		}
	}
	live := asking(func(*Manifest) {})
	for name, c := range map[string]struct {
		change func(m *Manifest)
		want   string // of the one addition; empty: none
	}{
		"the same":          {func(*Manifest) {}, ""},
		"less":              {func(m *Manifest) { m.Hosts = nil; delete(m.Grants, CapQueryPayment) }, ""},
		"fewer sends":       {grant(func(g *Grant) { g.Sends = 1 }), ""},
		"host":              {func(m *Manifest) { m.Hosts = append(m.Hosts, "other.example") }, "other.example"},
		"sends":             {grant(func(g *Grant) { g.Sends = 3 }), "query_payment: up to 3 requests"},
		"path":              {grant(func(g *Grant) { g.Requests = append(g.Requests, GrantRequest{"POST", "/pay"}) }), "query_payment: the request POST /pay"},
		"method of request": {grant(func(g *Grant) { g.Requests = append(g.Requests, GrantRequest{"GET", "/query"}) }), "GET /query"},
		"key":               {grant(func(g *Grant) { g.Keys = []GrantKey{{"key", []string{"sign"}}} }), "query_payment: the key key for sign"},
		"operation": {func(m *Manifest) {
			g := m.Grants[CapCreatePayment]
			g.Keys = []GrantKey{{"key", []string{"sign", "decrypt"}}}
			m.Grants[CapCreatePayment] = g
		}, "the key key for decrypt"},
		"value":          {grant(func(g *Grant) { g.Reveal = []string{"key"} }), "the value of key"},
		"replacing":      {grant(func(g *Grant) { g.Rotate = []string{"key"} }), "to replace key"},
		"method":         {func(m *Manifest) { m.Products[0].Methods = []MethodSpec{{Method: MethodBarcode}, {Method: MethodQR}} }, "the method qr"},
		"capability":     {func(m *Manifest) { m.Products[0].Capabilities = []Capability{CapCreateRefund} }, "create_refund"},
		"inbound":        {func(m *Manifest) { m.Inbound = []InboundKind{{Kind: "n"}} }, "callbacks of the kind n"},
		"unsigned reply": {func(m *Manifest) { m.ReplyAuthentication = "tls-only" }, "TLS alone"},
	} {
		got := live.Additions(asking(c.change))
		if c.want == "" && len(got) != 0 || c.want != "" && (len(got) != 1 || !strings.Contains(got[0].EN, c.want) || got[0].ZH == "") {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestRisks: each kind of grant that can be misused is named.
func TestRisks(t *testing.T) {
	t.Parallel()
	m := asking(func(m *Manifest) {
		m.Grants[CapCreatePayout] = Grant{Sends: 1, Keys: []GrantKey{{"bank", []string{"decrypt"}}}, Reveal: []string{"password"}, Rotate: []string{"terminal"}}
		m.Grants[CapCreateRefund] = Grant{Sends: 1}
		m.Inbound = []InboundKind{{Kind: "n"}}
		m.ReplyAuthentication = "tls-only"
	})
	var all strings.Builder
	for _, r := range m.Risks() {
		if r.EN == "" || r.ZH == "" || strings.Contains(r.EN+r.ZH, "%!") {
			t.Errorf("%+v", r)
		}
		all.WriteString(r.EN + "\n")
	}
	for _, want := range []string{"api.example.com", "unpaid order paid", "request of a refund", "payee or amount", "callback is authentic", "signed with: key", "sealed for: bank", "value of, and could send away: password", "replace: terminal", "not signed"} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("%q is not told of:\n%s", want, all.String())
		}
	}
	if few := asking(func(m *Manifest) { m.Grants, m.Hosts = nil, nil }).Risks(); len(few) != 1 {
		t.Errorf("without grants: %+v", few)
	}
}
