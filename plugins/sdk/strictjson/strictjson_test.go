package strictjson_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk/strictjson"
)

// TestNotOfTheForm: an error, and nothing of an object beside it.
func TestNotOfTheForm(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		"", " ", "null", "[]", `"200"`, "200", "{", `{"a"}`, `{"a":}`, `{"a":1`, `{"a":1,}`, `{"a":1} {}`, `{"a":1},`, `{"a":1,"a":1}`, `{"a":1,"\u0061":2}`,
		"\xef\xbb\xbf{}", strings.Repeat("[", 100_000), `{"a":` + strings.Repeat(`{"a":`, 20_000),
	} {
		if o, err := strictjson.Read([]byte(raw)); !errors.Is(err, strictjson.ErrForm) || o != nil {
			t.Errorf("%.60q: %v, %v", raw, o, err)
		}
	}
}

func TestTexts(t *testing.T) {
	t.Parallel()
	o, err := strictjson.Read([]byte(` {"name":"茶\u4e2d\/","NAME":"other","none":null,"n":1} `))
	if err != nil {
		t.Fatal(err)
	}
	name, none, missing, number := "", "kept", "kept", ""
	if err := o.Texts(map[string]*string{"name": &name, "none": &none, "missing": &missing}); err != nil || name != "茶中/" || none != "kept" || missing != "kept" {
		t.Errorf("%q %q %q, %v", name, none, missing, err)
	}
	if err := o.Texts(map[string]*string{"n": &number}); !errors.Is(err, strictjson.ErrForm) {
		t.Errorf("a number was read as text: %v", err)
	}
	if o.Has("none") || o.Has("Name") || !o.Has("n") {
		t.Error("a null is a value, or a name counts in another spelling")
	}
}
