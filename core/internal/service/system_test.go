package service

import (
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// TestTheSystemIsThePlatforms: nobody of a merchant sees it, nor the platform in the middle of one;
// how long one may look back has bounds, and the steps fit into it.
func TestTheSystemIsThePlatforms(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.tenant(t, "A")
	owner := h.person(t, a.ID, "o@a.example", core.RoleTenantOwner)
	platform := h.adminIn(t, core.ID{})
	_, err := h.System(h.as(t, owner, a.ID))
	wantCode(t, "an owner", err, core.CodeForbidden)
	_, err = h.System(h.adminIn(t, a.ID))
	wantCode(t, "in a merchant", err, core.CodeForbidden)
	if s, err := h.System(platform); err != nil || len(s.Work) == 0 || s.Database.Bytes == 0 {
		t.Errorf("%+v %v", s, err)
	}
	for _, back := range []time.Duration{0, time.Minute, core.ProviderMinutesKept + time.Hour} {
		_, err = h.ProviderHealth(platform, back)
		wantCode(t, back.String(), err, core.CodeInvalidRequest)
	}
	for _, back := range []time.Duration{time.Hour, 6 * time.Hour, 24 * time.Hour, core.ProviderMinutesKept} {
		r, err := h.ProviderHealth(platform, back)
		if err != nil || r.To.Sub(r.From) != back || r.To.Before(h.clock.Now()) || back/r.Step > 100 {
			t.Errorf("%s: %+v %v", back, r, err)
		}
	}
}
