package main

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/*.golden anew; then run testdata/vectors.sh")

// goldenPair is what an operation sends and what comes back. Where the payer's browser or the
// provider sends, it is their request and what follows from it here.
func goldenPair(t *testing.T, o operation) (request, answer string) {
	t.Helper()
	h, r, err := o.run(t, testPlugin())
	if err != nil {
		t.Fatal(err)
	}
	if o.Reply == "" {
		return r.request, r.answer
	}
	sent := h.last(t)
	request = sent.method + " " + sent.url + "\nContent-Type: " + sent.header.Get("Content-Type") + "\n\n" + sent.body
	return request, o.Reply
}

// TestGolden holds every byte of every operation's request and reply.
func TestGolden(t *testing.T) {
	t.Parallel()
	for _, o := range operations() {
		t.Run(o.ID+" "+o.Name, func(t *testing.T) {
			t.Parallel()
			request, answer := goldenPair(t, o)
			if o.Golden != nil {
				request, answer = o.Golden(t, request), o.Golden(t, answer)
			}
			matches(t, o.ID+"-"+o.Name+".request.golden", request)
			matches(t, o.ID+"-"+o.Name+".reply.golden", answer)
		})
	}
}

func matches(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

// goldenSign finds the signature of a message; RSA's is spelled in capitals.
var goldenSign = regexp.MustCompile(`"Sign":"([0-9A-F]{32})"`)

// TestVectors compares every MD5 signature in the golden files with the one that openssl made
// of the same Body (testdata/vectors.sh), not with our own arithmetic.
func TestVectors(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(filepath.Join("testdata", "vectors.txt"))
	if err != nil {
		t.Fatal(err)
	}
	vectors := map[string]string{}
	for line := range strings.Lines(string(raw)) {
		name, sign, _ := strings.Cut(strings.TrimSpace(line), " ")
		vectors[name] = sign
	}
	files, err := filepath.Glob(filepath.Join("testdata", "*.golden"))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sign := goldenSign.FindSubmatch(content)
		if sign == nil {
			continue
		}
		found++
		if name := filepath.Base(file); vectors[name] != string(sign[1]) {
			t.Errorf("%s is signed %s, openssl says %q", name, sign[1], vectors[name])
		}
	}
	if found == 0 || found != len(vectors) {
		t.Errorf("%d signed messages and %d vectors: run testdata/vectors.sh", found, len(vectors))
	}
}
