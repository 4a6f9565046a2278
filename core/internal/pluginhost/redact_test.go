package pluginhost

import (
	"strings"
	"testing"
)

func TestRedaction(t *testing.T) {
	t.Parallel()
	r := redactor{
		fields: map[string]bool{"card": true, "dynamic_id": true, "sign": true}, secrets: [][]byte{[]byte("s3cr/et"), []byte("密钥abc")},
		keep: map[string]bool{"6222020000000000005": true},
	}
	for name, row := range map[string]struct{ in, out string }{
		"a member":              {`{"card":"62220200","n":1}`, `{"card":"[redacted]","n":1}`},
		"whatever the case":     {`{"CARD" : "62220200"}`, `{"CARD" : "[redacted]"}`},
		"a number":              {`{"card":62220200}`, `{"card":"[redacted]"}`},
		"an object":             {`{"card":{"no":"1","x":["}"]},"n":1}`, `{"card":"[redacted]","n":1}`},
		"with a quote inside":   {`{"card":"a\"b","n":1}`, `{"card":"[redacted]","n":1}`},
		"cut off":               {`{"card":"622202`, `{"card":"[redacted]"`},
		"nested":                {`{"a":{"b":[{"card":"1"}]}}`, `{"a":{"b":[{"card":"[redacted]"}]}}`},
		"JSON in a string":      {`{"body":"{\"card\":\"6222\",\"n\":1}"}`, `{"body":"{\"card\":"[redacted]",\"n\":1}"}`},
		"a form":                {`a=1&card=6222&b=2`, `a=1&card=[redacted]&b=2`},
		"a query":               {`https://x/y?SIGN=abc&b=2`, `https://x/y?SIGN=[redacted]&b=2`},
		"a value anywhere":      {`say s3cr/et twice s3cr/et`, `say [redacted] twice [redacted]`},
		"a value in a URL":      {`q=s3cr%2Fet`, `q=[redacted]`},
		"a value as JSON":       {`{"x":"密钥abc"}`, `{"x":"[redacted]"}`},
		"a card number":         {`pan 4111111111111111.`, `pan 411111******1111.`},
		"no card number":        {`no 4111111111111112`, `no 4111111111111112`},
		"a number that is ours": {`"sn":"6222020000000000005"`, `"sn":"6222020000000000005"`},
		"a time in millis":      {`"t":"1700000000007"`, `"t":"1700000000007"`},
		"20 digits":             {orderNo, orderNo},
	} {
		if got := r.text(row.in); got != row.out {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func FuzzRedaction(f *testing.F) {
	f.Add(`{"card":"x"}`, "6222")
	f.Add(`"card":{"`, `\"`)
	f.Fuzz(func(t *testing.T, before, value string) {
		r := redactor{fields: map[string]bool{"card": true}, secrets: [][]byte{[]byte("canary-value")}}
		for _, in := range []string{before + "canary-value" + value, before + "card=canary-value"} {
			if got := r.text(in); strings.Contains(got, "canary-value") {
				t.Errorf("%q kept the secret: %q", in, got)
			}
		}
	})
}
