package strictjson_test

import (
	"errors"
	"fmt"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk/strictjson"
)

// Read takes one whole object in which each name stands once.
func ExampleRead() {
	for _, raw := range []string{`{"status":"PAID"}`, `{"status":"PAID","status":"FAILED"}`, `{"status":"PAID"`} {
		o, err := strictjson.Read([]byte(raw))
		fmt.Println(o.Has("status"), errors.Is(err, strictjson.ErrForm))
	}
	// Output:
	// true false
	// false true
	// false true
}

// Texts reads fields that are strings; one of another type is an error and never a guess.
func ExampleObject_Texts() {
	o, err := strictjson.Read([]byte(`{"status":"PAID","amount":1230}`))
	if err != nil {
		return
	}
	status, remark, amount := "", "none", ""
	fmt.Println(o.Texts(map[string]*string{"status": &status, "remark": &remark}), status, remark)
	fmt.Println(o.Texts(map[string]*string{"amount": &amount}) != nil)
	// Output:
	// <nil> PAID none
	// true
}
