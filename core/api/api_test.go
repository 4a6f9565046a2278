package api_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/core/api"
)

// TestSecretsOfRequestsPrintNothing: a request that is logged or sent back by mistake.
func TestSecretsOfRequestsPrintNothing(t *testing.T) {
	t.Parallel()
	var r api.LoginRequest
	if err := json.Unmarshal([]byte(`{"email":"a@example.com","password":"canary"}`), &r); err != nil {
		t.Fatal(err)
	}
	if string(r.Password.Reveal()) != "canary" {
		t.Error("the password was not read")
	}
	back, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{fmt.Sprint(r), fmt.Sprintf("%+v", r), fmt.Sprintf("%#v", r), string(back)} {
		if strings.Contains(text, "canary") {
			t.Errorf("shown: %s", text)
		}
	}
	err = json.Unmarshal([]byte(`{"password":7123456}`), &r)
	if err == nil || strings.Contains(err.Error(), "7123456") {
		t.Errorf("error %v", err)
	}
}
