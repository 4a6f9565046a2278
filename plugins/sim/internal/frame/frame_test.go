package frame_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
)

func TestDecode(t *testing.T) {
	t.Parallel()
	object, duplicates, err := frame.Decode([]byte(`{"s":"é","n":-1.50,"b":true,"z":null,"o":{"a":1,"a":2},"l":[1],"s":"two"}`))
	if err != nil || fmt.Sprint(duplicates) != "[s]" {
		t.Fatalf("%v %v", duplicates, err)
	}
	for name, want := range map[string]string{"s": "string two", "n": "number -1.50", "b": "bool true", "z": "null ", "o": "object ", "l": "array "} {
		if got := object[name].Type + " " + object.Text(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if string(object["o"].Raw) != `{"a":1,"a":2}` {
		t.Errorf("raw %s", object["o"].Raw)
	}
	for _, wrong := range []string{"", " ", "1", "null", `"a"`, "[]", "{", `{"a"}`, `{"a":1`, `{"a":1,}`, `{"a":1}{}`, `{"a":1}x`, "{\"a\":\"\xc3\"}", `{a:1}`, "\ufeff{}"} {
		if _, _, err := frame.Decode([]byte(wrong)); err == nil {
			t.Errorf("%q was read", wrong)
		}
	}
}

func TestCheckFields(t *testing.T) {
	t.Parallel()
	fields := []frame.Field{
		{Name: "id", Required: true, MaxBytes: 4},
		{Name: "text", MaxChars: 3, Check: func(v string) string {
			if v == "bad" {
				return "坏"
			}
			return ""
		}},
		{Name: "n", Type: "number", Required: true},
	}
	cases := map[string]string{
		`{"id":"1","n":1}`:                         "",
		`{"id":"1234","n":1,"text":"收钱吧"}`:         "",
		`{"id":"1","n":1,"text":""}`:               "",
		`{"n":1}`:                                  "id missing",
		`{"id":"","n":1}`:                          "id missing",
		`{"id":1,"n":1}`:                           "id type",
		`{"id":"1","n":"1"}`:                       "n type",
		`{"id":"12345","n":1}`:                     "id length",
		`{"id":"收钱","n":1}`:                        "id length",
		`{"id":"1","n":1,"text":"1234"}`:           "text length",
		`{"id":"1","n":1,"text":"bad"}`:            "text format",
		`{"id":"1","n":1,"x":"","a":""}`:           "a unknown-field, x unknown-field",
		`{"id":"1","id":"1","n":1}`:                "id duplicate-key",
		`{"text":null,"text":"12345","y":{}}`:      "id missing, text length, n missing, text duplicate-key, y unknown-field",
		`{"id":"1","n":1,"ID":"2","text":["bad"]}`: "text type, ID unknown-field",
	}
	for body, want := range cases {
		object, duplicates, err := frame.Decode([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range frame.CheckFields(object, duplicates, fields) {
			got = append(got, p.Field+" "+p.Rule)
			if p.Message == "" {
				t.Errorf("%s: no message for %s", body, p.Rule)
			}
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%s: %v, want %s", body, got, want)
		}
	}
}

func TestViolationsAreBounded(t *testing.T) {
	t.Parallel()
	var v frame.Violations
	for range 10_050 {
		v.Record(frame.Violation{Operation: "pay"})
	}
	if list := v.List(); len(list) != 10_000 || list[9_999].Seq != 10_000 || v.Count() != 10_050 {
		t.Errorf("%d kept, %d counted", len(list), v.Count())
	}
	v.Reset()
	if v.Count() != 0 || len(v.List()) != 0 {
		t.Error("reset left something")
	}
}

// TestBreaking looks at what a client sees of each way to break a reply.
func TestBreaking(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		handler http.HandlerFunc
		status  int // 0: no reply at all
		body    string
		whole   bool
	}{
		"json":     {func(w http.ResponseWriter, _ *http.Request) { frame.WriteJSON(w, 200, map[string]string{"a": "<&>"}) }, 200, `{"a":"<&>"}`, true},
		"drop":     {func(w http.ResponseWriter, _ *http.Request) { frame.Drop(w) }, 0, "", false},
		"truncate": {func(w http.ResponseWriter, _ *http.Request) { frame.Truncate(w, "0123456789") }, 200, `"01234`, false},
		"proxy":    {func(w http.ResponseWriter, _ *http.Request) { frame.ProxyError(w, 0) }, 500, "<html><head><title>500</title>", true},
		"gateway":  {func(w http.ResponseWriter, _ *http.Request) { frame.ProxyError(w, 502) }, 502, "<html><head><title>502</title>", true},
		"garbage":  {func(w http.ResponseWriter, _ *http.Request) { frame.Garbage(w) }, 200, "\x1f\x8b", true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(c.handler)
			t.Cleanup(server.Close)
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			resp, err := http.DefaultClient.Do(req)
			if c.status == 0 {
				if err == nil {
					_ = resp.Body.Close()
					t.Fatal("there was a reply")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = resp.Body.Close() }()
			body, err := io.ReadAll(resp.Body)
			if resp.StatusCode != c.status || !strings.HasPrefix(string(body), c.body) || (err == nil) != c.whole {
				t.Errorf("HTTP %d %q %v", resp.StatusCode, body, err)
			}
		})
	}
}
