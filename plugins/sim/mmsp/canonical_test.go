package mmsp

import (
	"encoding/json"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
)

func TestCanonical(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ raw, want string }{
		{`"a/b"`, `"a\/b"`},
		{`"a\/b"`, `"a\/b"`},
		{`"\u4e2d\u6587"`, `"中文"`},
		{`"\ud83d\ude00"`, `"😀"`},
		{`"<a>&\"\\\n"`, `"<a>&\"\\\n"`},
		{`12.50`, `12.50`},
		{`1e3`, `1e3`},
		{` [ 1 , "2" , { "b" : 1, "a" : 2 } ]`, `[1,"2",{"b":1,"a":2}]`},
		{`{"b":{"d":[],"c":{}},"a":null}`, `{"b":{"d":[],"c":{}},"a":null}`},
		{`true`, `true`},
		{`""`, `""`},
	} {
		got, err := canonical(json.RawMessage(c.raw))
		if err != nil || got != c.want {
			t.Errorf("%s became %s (%v), want %s", c.raw, got, err, c.want)
		}
	}
}

// TestSignedText holds the signature against values of md5sum over the text that the document's formula gives.
func TestSignedText(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		`{}`: "26A590A8D9D58B0401F2B57B765CAD78",
		`{"b":1,"a_b":"","aB":"/","B":"中","a":8}`: "DD22FD60084E81CF8E6BD1723BD2F6F8",
	} {
		object, _, err := frame.Decode([]byte(raw))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := signature(object, "k"); err != nil || got != want {
			t.Errorf("%s: %s %v, want %s", raw, got, err, want)
		}
	}
}

func TestOtherThan(t *testing.T) {
	t.Parallel()
	for sign, want := range map[string]string{"0AB": "FAB", "AAB": "0AB"} {
		if got := otherThan(sign); got != want {
			t.Errorf("%s became %s, want %s", sign, got, want)
		}
	}
}

func TestEscaped(t *testing.T) {
	t.Parallel()
	if got := string(escaped([]byte(`{"a":"中/文😀<&>é"}`))); got != `{"a":"\u4e2d\/\u6587\ud83d\ude00<&>\u00e9"}` {
		t.Error(got)
	}
}
