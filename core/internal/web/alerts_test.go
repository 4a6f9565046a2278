package web

import (
	"strings"
	"testing"
)

// TestAChannelsSecretsGoInAndNeverOut: they reach the use case and no reply or log; the one
// that is made here is shown once.
func TestAChannelsSecretsGoInAndNeverOut(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	body := `{"name":"值班群","type":"feishu","url":"https://open.feishu.cn/open-apis/bot/v2/hook/canary-1","secret":"canary-2","kinds":["unknown_old"],"least":"critical","language":"en","disabled":true}`
	made := r.do("POST", "/v1/alert-channels", body, byCookie())
	changed := r.do("PUT", "/v1/alert-channels/"+num(26).Prefixed("chn"), body, byCookie())
	listed := r.do("GET", "/v1/alert-channels", "", byCookie())
	if made.status != 201 || changed.status != 200 || listed.status != 200 || len(r.channels) != 2 {
		t.Fatalf("%d %d %d, %d reached the use case", made.status, changed.status, listed.status, len(r.channels))
	}
	for _, in := range r.channels {
		if string(in.URL.Reveal()) != "https://open.feishu.cn/open-apis/bot/v2/hook/canary-1" || string(in.Secret.Reveal()) != "canary-2" ||
			in.Least != "critical" || in.Language != "en" || !in.Disabled || len(in.Kinds) != 1 {
			t.Errorf("%+v", in)
		}
	}
	if all := string(made.body) + string(changed.body) + string(listed.body) + r.log.String(); strings.Contains(all, "canary") || strings.Contains(all, "sealed") {
		t.Errorf("secrets in %s", all)
	}
	if !strings.Contains(string(made.body), `"secret":"whsec_x"`) || strings.Contains(string(changed.body)+string(listed.body), "whsec_") {
		t.Errorf("the new secret is not shown once: %s", made.body)
	}
	if got := r.do("POST", "/v1/alert-channels", `{"name":"x","type":"pigeon"}`, byCookie()); got.status != 400 {
		t.Errorf("an unknown type: %d %s", got.status, got.body)
	}
}
