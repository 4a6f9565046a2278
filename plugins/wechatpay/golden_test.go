package main

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

var update = flag.Bool("update", false, "write the requests of testdata anew; then run testdata/vectors.sh")

// goldenHeaders are the header fields of a message in testdata, in their order there.
var goldenHeaders = []string{"Accept", "Content-Type", "User-Agent", "Wechatpay-Serial", "Authorization"}

// goldenInbound is a notification; vectors.sh signs it with openssl.
func goldenInbound(tb testing.TB, kind, name string) sdk.InboundRequest {
	tb.Helper()
	head, body, _ := strings.Cut(testdata(tb, name+".request.golden"), "\n\n")
	method, fields, _ := strings.Cut(head, "\n")
	req := sdk.InboundRequest{Kind: kind, Method: method, Path: "/in/0123456789" + kind, Headers: map[string]string{}, Body: []byte(body)}
	for line := range strings.Lines(fields) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		req.Headers[name] = value
	}
	return req
}

// goldenBody is what follows the empty line of a reply in testdata.
func goldenBody(tb testing.TB, name string) string {
	tb.Helper()
	_, body, _ := strings.Cut(testdata(tb, name+".reply.golden"), "\n\n")
	return body
}

func requestForm(r sentRequest) string {
	out := r.method + " " + r.path + "\n"
	for _, name := range goldenHeaders {
		if value := r.header.Get(name); value != "" {
			out += name + ": " + value + "\n"
		}
	}
	return out + "\n" + r.body
}

// compare holds got against a file, byte for byte.
func compare(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(filepath.Join("testdata", file), []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if want := testdata(t, file); got != want {
		t.Errorf("%s:\n got %s\nwant %s", file, got, want)
	}
}

// TestGoldenRequests holds every byte of every request we send.
func TestGoldenRequests(t *testing.T) {
	t.Parallel()
	for _, op := range operations {
		if op.Capability == sdk.CapInbound {
			continue
		}
		for _, s := range op.samples(t) {
			sent, _ := sentBy(t, s)
			for name := range sent.header {
				if !strings.Contains(" "+strings.Join(goldenHeaders, " ")+" ", " "+name+" ") {
					t.Errorf("%s sends %s", s.golden, name)
				}
			}
			compare(t, s.golden+".request.golden", requestForm(sent))
		}
	}
}

func sentBy(t *testing.T, s sample) (sentRequest, result) {
	t.Helper()
	h := goldenReply(t, s.golden)
	r, err := h.call(t, s.exchange)
	if err != nil {
		t.Fatal(err)
	}
	return h.last(t), r
}

// TestGoldenAnswers holds every byte of our answers to WeChat Pay.
func TestGoldenAnswers(t *testing.T) {
	t.Parallel()
	for kind, name := range map[string]string{kindPayment: "WX8-payment", kindRefund: "WX8-refund"} {
		r, err := newHost(t, nil).call(t, inboundExchange(goldenInbound(t, kind, name)))
		if err != nil {
			t.Fatal(err)
		}
		form := func(a sdk.InboundAnswer) string {
			return strconv.Itoa(a.Status) + "\nContent-Type: " + a.Headers["Content-Type"] + "\n\n" + string(a.Body)
		}
		compare(t, name+".reply.golden", form(r.inbound.Answer))
		compare(t, name+"-unknown.reply.golden", form(*r.inbound.Unknown))
	}
}

// TestVectors compares our signatures with those that openssl made over the same fields
// (testdata/vectors.sh), not with our own arithmetic.
func TestVectors(t *testing.T) {
	t.Parallel()
	vectors := map[string]string{}
	for line := range strings.Lines(testdata(t, "vectors.txt")) {
		name, signature, _ := strings.Cut(strings.TrimSpace(line), " ")
		vectors[name] = signature
	}
	signature := regexp.MustCompile(`,signature="([^"]*)"$`)
	for _, op := range operations {
		if op.Capability == sdk.CapInbound {
			continue
		}
		for _, s := range op.samples(t) {
			sent, r := sentBy(t, s)
			found := signature.FindStringSubmatch(sent.header.Get("Authorization"))
			if len(found) < 2 || found[1] != vectors[s.golden] {
				t.Errorf("%s: signed %s, openssl says %s", s.golden, found, vectors[s.golden])
			}
			delete(vectors, s.golden)
			if op.ID == "WX2" {
				want(t, "paySign", r.payment.NextAction.Fields["paySign"], vectors["paySign"])
				delete(vectors, "paySign")
			}
		}
	}
	if len(vectors) > 0 {
		t.Errorf("vectors of no request: %v", vectors)
	}
}
