package main

import (
	"net/http"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// TestCheckInOutcomes: what WeChat Pay says in place of a list. An account that has the
// public key alone has nothing to renew; one with certificates must not take a failure for
// that.
func TestCheckInOutcomes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status      int
		body        string
		keyed, both sdk.Outcome
	}{
		"none":         {404, refusal("RESOURCE_NOT_EXISTS"), succeeded, succeeded},
		"system":       {500, refusal("SYSTEM_ERROR"), succeeded, unknown},
		"too often":    {429, refusal("FREQUENCY_LIMITED"), unknown, unknown},
		"not allowed":  {403, refusal("NO_AUTH"), refused, refused},
		"no merchant":  {400, refusal("MCH_NOT_EXISTS"), refused, refused},
		"an empty one": {200, `{"data":[]}`, unknown, unknown},
		"no list":      {200, `{}`, unknown, unknown},
	} {
		for _, keyed := range []bool{true, false} {
			h := replying(t, c.status, byPublicKey.header(t, c.body), c.body)
			outcome := c.both
			if keyed {
				delete(h.Credentials, credCertificate)
				outcome = c.keyed
			}
			r, err := h.call(t, checkInExchange())
			if err != nil || r.outcome != outcome || len(h.Rotated()) > 0 {
				t.Errorf("%s, the public key alone %t: %+v, %v", name, keyed, r, err)
			}
		}
	}
	unsigned := replying(t, http.StatusInternalServerError, http.Header{}, refusal("SYSTEM_ERROR"))
	delete(unsigned.Credentials, credCertificate)
	if r, err := unsigned.call(t, checkInExchange()); err != nil || r.outcome != unknown {
		t.Errorf("unsigned: %+v, %v", r, err)
	}
}
