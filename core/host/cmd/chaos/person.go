package main

import (
	"context"
	"net/http"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/host/cmd/chaos/stand"
)

// authorize names who asks: the tenant's key, or the person's session in the tenant.
func (c *clients) authorize(req *http.Request, r request) {
	if !r.person {
		req.Header.Set("Authorization", "Bearer "+r.tenant.Key)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	req.Header.Set("Cookie", "zhanggui="+string(c.stand.Admin.Token.Reveal()))
	req.Header.Set("X-Csrf-Token", c.csrf)
	req.Header.Set("Zhanggui-Tenant", r.tenant.ID.Prefixed(core.PrefixTenant))
}

// person does something in a tenant that only a signed-in person may do, and confirms who
// it is when asked to.
func (c *clients) person(ctx context.Context, t stand.Tenant, path string, body map[string]any) (a answer, err error) {
	for range 3 {
		if a, err = c.do(ctx, request{tenant: t, method: http.MethodPost, path: path, body: body, person: true}); err != nil {
			return a, err
		}
		switch core.Code(a.text("code")) {
		case core.CodeCSRF:
			me, err := c.do(ctx, request{tenant: t, method: http.MethodGet, path: "/v1/session", person: true})
			if err != nil {
				return a, err
			}
			c.mu.Lock()
			c.csrf = me.text("csrf_token")
			c.mu.Unlock()
		case core.CodeStepUpRequired:
			confirm := map[string]any{"password": string(c.stand.Admin.Password.Reveal())}
			if _, err := c.do(ctx, request{tenant: t, method: http.MethodPost, path: "/v1/session/step-up", body: confirm, person: true}); err != nil {
				return a, err
			}
		default:
			return a, nil
		}
	}
	return a, nil
}
