package main

import (
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

var update = flag.Bool("update", false, "write the requests of testdata anew; then run testdata/vectors.sh")

// goldenHeaders are the header fields of a message in testdata, in their order there.
var goldenHeaders = []string{"Content-Type", "mch_id", "timestamp", "nonce_str", "Authorization"}

// goldenBody is what follows the empty line of a file in testdata.
func goldenBody(tb testing.TB, name string) string {
	tb.Helper()
	_, body, found := strings.Cut(testdata(tb, name), "\n\n")
	if !found {
		tb.Fatalf("%s has no empty line", name)
	}
	return body
}

// goldenInbound is a request of the provider, which vectors.sh made with openssl.
func goldenInbound(tb testing.TB, kind, name string) sdk.InboundRequest {
	tb.Helper()
	head, body, _ := strings.Cut(testdata(tb, name+".request.golden"), "\n\n")
	method, fields, _ := strings.Cut(head, "\n")
	req := sdk.InboundRequest{Kind: kind, Method: method, Path: "/callbacks/metro/" + kind, Headers: map[string]string{}, Body: []byte(body)}
	for line := range strings.Lines(fields) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		req.Headers[name] = value
	}
	return req
}

func requestForm(r sentRequest) string {
	out := r.method + " " + r.path + "\n"
	for _, name := range goldenHeaders {
		out += name + ": " + r.header.Get(name) + "\n"
	}
	return out + "\n" + r.body
}

func answerForm(a sdk.InboundAnswer) string {
	return strconv.Itoa(a.Status) + "\nContent-Type: " + a.Headers["Content-Type"] + "\n\n" + string(a.Body)
}

// compare holds got against a file, byte for byte.
func compare(t *testing.T, file, got string) {
	t.Helper()
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
			sent := sentBy(t, s)
			if len(sent.header) != len(goldenHeaders) {
				t.Errorf("%s: header %v", s.golden, sent.header)
			}
			file := s.golden + ".request.golden"
			if *update {
				if err := os.WriteFile(filepath.Join("testdata", file), []byte(requestForm(sent)), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			compare(t, file, requestForm(sent))
		}
	}
}

func sentBy(t *testing.T, s sample) sentRequest {
	t.Helper()
	h := answering(t, http.StatusOK, goldenBody(t, s.golden+".reply.golden"))
	if _, err := s.exchange.run(t.Context(), fixed(), h.Call(t.Context(), s.exchange.capability, testURL, s.settings)); err != nil {
		t.Fatal(err)
	}
	return h.last(t)
}

// TestGoldenAnswers holds every byte of our answers to the provider.
func TestGoldenAnswers(t *testing.T) {
	t.Parallel()
	for kind, name := range map[string]string{kindOpen: "ME1-open", kindClose: "ME1-close", kindPhone: "ME2-phone"} {
		r, err := newHost(t, nil).call(t, inboundExchange(goldenInbound(t, kind, name)))
		if err != nil {
			t.Fatal(err)
		}
		compare(t, name+".reply.golden", answerForm(r.inbound.Answer))
		switch {
		case kind != kindClose && r.inbound.Unknown != nil:
			t.Errorf("%s has an answer for what is not known", name)
		case kind == kindClose && r.inbound.Unknown == nil:
			t.Errorf("%s has no answer for a member that was never open", name)
		case kind == kindClose:
			compare(t, "ME1-close-unknown.reply.golden", answerForm(*r.inbound.Unknown))
		}
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
	for _, op := range operations {
		if op.Capability == sdk.CapInbound {
			continue
		}
		for _, s := range op.samples(t) {
			if got := sentBy(t, s).header.Get("Authorization"); got != vectors[s.golden] {
				t.Errorf("%s: signed %s, openssl says %s", s.golden, got, vectors[s.golden])
			}
			delete(vectors, s.golden)
		}
	}
	if len(vectors) > 0 {
		t.Errorf("vectors of no request: %v", vectors)
	}
}
