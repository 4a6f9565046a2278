package main

import (
	"context"
	"net/http"
	"sync"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/host/cmd/chaos/check"
	"github.com/zhanggui-pay/zhanggui/core/host/cmd/chaos/stand"
)

// payOut asks for a payout with the merchant's key, and has a person agree or refuse.
func (l *load) payOut(ctx context.Context, i int, o operation, r *result) error {
	places := l.stand.PayoutPlaces()
	if len(places) == 0 {
		l.nothing()
		return nil
	}
	t := l.stand.Tenants[int(o.Tenant)%len(l.stand.Tenants)]
	m := mark(t, i)
	r.tenant = t
	ask := request{tenant: t, method: http.MethodPost, path: "/v1/payouts", key: m, body: map[string]any{
		"amount": o.Amount, "account_id": t.Accounts[places[int(o.Place)%len(places)]], "purpose": m, "payee": map[string]any{
			"type": "personal", "name": "欧阳测试", "number": "6217715555555555", "phone": "13900139000", "id_number": "23210219820916601X",
			"bank_name": "招商银行", "branch_code": "104581006015", "province": "广东省", "city": "深圳市",
		},
	}}
	l.clients.wants(m, check.Payouts, o.Amount)
	l.moves(1)
	a, err := l.clients.do(ctx, ask)
	if err != nil {
		return err
	}
	l.clients.told(m, a)
	if a.text("state") != string(core.PayoutPendingApproval) {
		return nil
	}
	return l.decide(ctx, t, a.text("id"), o.Fate)
}

// decide is the second person's answer. Asked again after a lost reply, the person is told
// that it is decided already.
func (l *load) decide(ctx context.Context, t stand.Tenant, payout, fate string) error {
	a, err := l.clients.do(ctx, request{tenant: t, method: http.MethodGet, path: "/v1/payouts/" + payout})
	if err != nil {
		return err
	}
	approvals, _ := a.body["approvals"].([]any)
	if len(approvals) == 0 {
		return nil
	}
	approval, _ := approvals[0].(map[string]any)
	id, _ := approval["id"].(string)
	times := 1
	if fate == agreedTwice {
		times = 2
	}
	errs := make([]error, times)
	var group sync.WaitGroup
	for k := range times {
		group.Go(func() {
			_, errs[k] = l.clients.person(ctx, t, "/v1/approvals/"+id+"/decide", map[string]any{"agree": fate != refused})
		})
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
