//go:build e2e

package host_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/host"
)

// person is somebody who has signed in.
type person struct {
	w     *world
	name  string
	token core.Secret
	csrf  string
}

// hire invites a user with a role at a merchant and signs them in.
func (w *world) hire(ctx context.Context, h *host.Host, tenant core.ID, name string, role core.Role) person {
	w.t.Helper()
	s := h.Service()
	reply, err := s.CreateUser(w.asAdmin(ctx, h, tenant), core.UserInput{
		Email: name + "@example.com", Name: name, Roles: []core.RoleBinding{{TenantID: tenant, Role: role}},
	})
	w.must(err)
	_, token, _ := strings.Cut(string(reply.InviteURL.Reveal()), "#")
	session, err := s.LoginByLink(ctx, core.LinkInput{Token: core.SecretString(token), Password: core.SecretString(rand.Text()), Name: name})
	w.must(err)
	return person{w: w, name: name, token: session.Token, csrf: session.CSRF}
}

// as is ctx with the person acting.
func (p person) as(ctx context.Context, h *host.Host, tenant core.ID) context.Context {
	p.w.t.Helper()
	id, _, err := h.Service().Authenticate(ctx, p.token, tenant)
	p.w.must(err)
	return core.WithIdentity(ctx, id)
}

// post sends JSON with the person's session. A lost connection gives status 0.
func (p person) post(address, path string, body map[string]any) (int, map[string]any) {
	p.w.t.Helper()
	raw, err := json.Marshal(body)
	p.w.must(err)
	req, err := http.NewRequestWithContext(p.w.t.Context(), http.MethodPost, "http://"+address+path, bytes.NewReader(raw))
	p.w.must(err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Cookie", "zhanggui="+string(p.token.Reveal()))
	req.Header.Set("X-CSRF-Token", p.csrf)
	client := http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return 0, nil
	}
	defer func() { _ = resp.Body.Close() }()
	var out map[string]any
	_ = json.NewDecoder(resp.Body).Decode(&out) // nothing decoded is seen by the caller
	return resp.StatusCode, out
}

// limit makes refunds of API keys with the owner's role, and of finance, need somebody from an amount on.
func (w *world) limit(ctx context.Context, h *host.Host, tenant core.ID, from int64) {
	w.t.Helper()
	_, err := h.Service().SetApprovalTiers(w.asAdmin(ctx, h, tenant), []core.ApprovalTier{
		{Kind: core.ApproveRefund, Role: core.RoleTenantOwner, From: from, Needed: 1},
		{Kind: core.ApproveRefund, Role: core.RoleTenantFinance, From: from, Needed: 1},
	})
	w.must(err)
}

// approvalOf finds the approval that an object waits for.
func (w *world) approvalOf(ctx context.Context, h *host.Host, tenant core.ID, object string) core.Approval {
	w.t.Helper()
	id, err := core.ParsePrefixed(core.PrefixRefund, object)
	w.must(err)
	list, err := h.Service().ListApprovals(w.asAdmin(ctx, h, tenant), core.ApprovalFilter{ObjectID: id})
	w.must(err)
	if len(list) != 1 {
		w.t.Fatalf("%s has %d approvals", object, len(list))
	}
	return list[0]
}

// becomesRefund waits until the refund has a state.
func (x *till) becomesRefund(id string, want core.RefundState) core.Refund {
	x.t.Helper()
	var found core.Refund
	eventually(x.t, "refund becomes "+string(want), func() error {
		_, refunds := x.w.stored(x.m)
		for _, r := range refunds {
			if r.ID.Prefixed(core.PrefixRefund) == id {
				if found = r; r.State == want {
					return nil
				}
			}
		}
		return fmt.Errorf("it is %s (%s)", found.State, found.UnknownReason)
	})
	return found
}

// sums wants what is refunded, reserved and held of a payment.
func (x *till) sums(payment string, refunded, reserved, held int64) {
	x.t.Helper()
	if p := x.payment(payment); p.Refunded != refunded || p.Reserved != reserved || p.Held != held {
		x.t.Errorf("refunded %d, reserved %d, held %d; want %d, %d, %d", p.Refunded, p.Reserved, p.Held, refunded, reserved, held)
	}
}

func (x *till) paid(amount int64) string {
	x.t.Helper()
	status, reply := x.post("/v1/payments", x.m.barcode(amount, "01"))
	if status != 201 || reply["state"] != "succeeded" {
		x.t.Fatalf("payment: %d %v", status, reply)
	}
	return text(reply, "id")
}

// TestARefundOverTheLimitWaitsForASecondPerson: it is reserved and not sent; others go on
// meanwhile; a program cannot agree to it; it is sent once.
func TestARefundOverTheLimitWaitsForASecondPerson(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	ctx, s := t.Context(), x.h.Service()
	x.w.limit(ctx, x.h, x.m.id, 50)
	boss := x.w.hire(ctx, x.h, x.m.id, "boss", core.RoleTenantFinance)
	clerk := x.w.hire(ctx, x.h, x.m.id, "clerk", core.RoleTenantViewer)
	paid := x.paid(100)
	ask := map[string]any{"payment_id": paid, "amount": 60, "reason": "large"}
	var waiting map[string]any
	for range 2 { // the second is a repetition with the same key
		var status int
		if status, waiting = x.m.post(x.h.Address(), "/v1/refunds", "large", ask); status != 202 || waiting["state"] != "pending_approval" {
			t.Fatalf("over the limit: %d %v", status, waiting)
		}
	}
	x.sums(paid, 0, 60, 60)
	if status, reply := x.post("/v1/refunds", map[string]any{"payment_id": paid, "amount": 30}); status != 201 || reply["state"] != "succeeded" {
		t.Errorf("a small one meanwhile: %d %v", status, reply)
	}
	if status, reply := x.post("/v1/refunds", map[string]any{"payment_id": paid, "amount": 20}); reply["code"] != string(core.CodeRefundExceeds) {
		t.Errorf("more than is left: %d %v", status, reply)
	}
	approval := x.w.approvalOf(ctx, x.h, x.m.id, text(waiting, "id"))
	decide := "/v1/approvals/" + approval.ID.Prefixed(core.PrefixApproval) + "/decide"
	for who, status := range map[string]int{"a program": first(x.post(decide, map[string]any{"agree": true})), "a viewer": first(clerk.post(x.h.Address(), decide, map[string]any{"agree": true}))} {
		if status != 403 {
			t.Errorf("%s agreed: %d", who, status)
		}
	}
	if n := x.w.sim.Calls("refund"); n != 1 {
		t.Fatalf("%d refunds were sent before anybody agreed", n)
	}
	if status, reply := boss.post(x.h.Address(), decide, map[string]any{"agree": true, "note": "fine"}); status != 200 || reply["state"] != "approved" {
		t.Fatalf("%d %v", status, reply)
	}
	x.becomesRefund(text(waiting, "id"), core.RefundSucceeded)
	x.sums(paid, 90, 0, 0)
	if status, reply := boss.post(x.h.Address(), decide, map[string]any{"agree": false}); reply["code"] != string(core.CodeInvalidState) {
		t.Errorf("decided again: %d %v", status, reply)
	}
	if n := x.w.sim.Calls("refund"); n != 2 {
		t.Errorf("%d refunds were sent", n)
	}
	if _, err := s.WithdrawApproval(boss.as(ctx, x.h, x.m.id), approval.ID); core.CodeOf(err) != core.CodeForbidden {
		t.Errorf("withdrawn by another: %v", err)
	}
}

func first(status int, _ map[string]any) int { return status }

// TestTwoApproversAtTheSameInstant: nine people decide at once and their maker among them; one
// answer counts, and the provider hears of each refund at most once.
func TestTwoApproversAtTheSameInstant(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	ctx, s := t.Context(), x.h.Service()
	x.w.limit(ctx, x.h, x.m.id, 1)
	people := make([]context.Context, 4)
	for i := range people {
		people[i] = x.w.hire(ctx, x.h, x.m.id, fmt.Sprintf("finance%d", i), core.RoleTenantFinance).as(ctx, x.h, x.m.id)
	}
	maker := people[0]
	var sent int64
	for round := range 6 {
		paid := x.paid(100)
		payment, err := core.ParsePrefixed(core.PrefixPayment, paid)
		x.w.must(err)
		reply, err := s.CreateRefund(maker, core.CreateRefundInput{PaymentID: payment, Amount: core.Fen(40), Reason: "race"})
		x.w.must(err)
		refund := reply.Refund.ID.Prefixed(core.PrefixRefund)
		approval := x.w.approvalOf(ctx, x.h, x.m.id, refund)
		codes := make([]core.Code, len(people))
		var group sync.WaitGroup
		for i, p := range people {
			group.Go(func() {
				// In odd rounds one of them refuses.
				_, err := s.DecideApproval(p, approval.ID, round%2 == 0 || i != 1, "")
				codes[i] = core.CodeOf(err)
			})
		}
		group.Wait()
		decided := 0
		for i, c := range codes {
			switch {
			case i == 0 && c != core.CodeOwnRequest:
				t.Errorf("the maker decided: %q", c)
			case i > 0 && c == "":
				decided++
			case i > 0 && c != core.CodeInvalidState && c != core.CodeConflict:
				t.Errorf("%q", c)
			}
		}
		if decided != 1 {
			t.Errorf("round %d: %d people decided", round, decided)
		}
		after, err := s.Approval(people[1], approval.ID)
		x.w.must(err)
		if after.State == core.ApprovalApproved {
			x.becomesRefund(refund, core.RefundSucceeded)
			x.sums(paid, 40, 0, 0)
			sent++
		} else {
			x.becomesRefund(refund, core.RefundRejected)
			x.sums(paid, 0, 0, 0)
		}
	}
	if n := x.w.sim.Calls("refund"); n != sent {
		t.Errorf("%d refunds were approved and %d sent", sent, n)
	}
}

// TestNobodyDecides: three days later the refund is rejected, its reservation released, and an
// agreement comes too late, whether or not the sweeper was there first.
func TestNobodyDecides(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	ctx, s := t.Context(), x.h.Service()
	x.w.limit(ctx, x.h, x.m.id, 1)
	boss := x.w.hire(ctx, x.h, x.m.id, "boss", core.RoleTenantFinance).as(ctx, x.h, x.m.id)
	paid := x.paid(100)
	_, reply := x.post("/v1/refunds", map[string]any{"payment_id": paid, "amount": 40})
	approval := x.w.approvalOf(ctx, x.h, x.m.id, text(reply, "id"))
	x.clock.advance(72*time.Hour + time.Second)
	if _, err := s.DecideApproval(boss, approval.ID, true, ""); core.CodeOf(err) != core.CodeApprovalExpired {
		t.Errorf("decided after the end: %v", err)
	}
	r := x.becomesRefund(text(reply, "id"), core.RefundRejected)
	if r.FailureCode != "approval_expired" {
		t.Errorf("it says %q", r.FailureCode)
	}
	x.sums(paid, 0, 0, 0)
	if n := x.w.sim.Calls("refund"); n != 0 {
		t.Errorf("%d refunds were sent", n)
	}
}

// TestAHostDiesBetweenDecisionAndSend: another node carries the decision out, and the provider
// hears of the refund once at most.
func TestAHostDiesBetweenDecisionAndSend(t *testing.T) {
	t.Parallel()
	for point, want := range map[string]struct {
		calls int64
		state core.RefundState
	}{
		"after_approval": {1, core.RefundSucceeded}, // decided, nothing written of a call
		"before_commit":  {1, core.RefundSucceeded}, // sent, and the answer lost
		"after_intent":   {0, core.RefundFailed},    // written, and died before the call: the provider never heard of it
	} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 1)
			m := w.tenants[0]
			var boss person
			var refund string
			var approval core.Approval
			w.withNode(func(ctx context.Context, h *host.Host) {
				w.limit(ctx, h, m.id, 1)
				boss = w.hire(ctx, h, m.id, "boss", core.RoleTenantFinance)
				_, paid := m.post(h.Address(), "/v1/payments", "p", m.barcode(100, "01"))
				_, reply := m.post(h.Address(), "/v1/refunds", "r", map[string]any{"payment_id": paid["id"], "amount": 40})
				refund = text(reply, "id")
				approval = w.approvalOf(ctx, h, m.id, refund)
			})
			doomed := w.spawn(point, 0)
			doomed.arm()
			if status, reply := boss.post(doomed.address, "/v1/approvals/"+approval.ID.Prefixed(core.PrefixApproval)+"/decide", map[string]any{"agree": true}); status != 0 {
				t.Fatalf("the node lives: %d %v", status, reply)
			}
			doomed.ended()
			clock := &movedClock{}
			h, stop := w.startNodeAt(clock.now, func(k core.Keyring) core.Keyring { return k })
			defer stop()
			x := &till{t: t, w: w, m: m, h: h, clock: clock}
			clock.advance(10 * time.Minute)
			r := x.becomesRefund(refund, want.state)
			if n := w.sim.Calls("refund"); n != want.calls {
				t.Errorf("the provider was sent %d refunds, want %d", n, want.calls)
			}
			p := x.payment(r.PaymentID.Prefixed(core.PrefixPayment))
			if refunded := 40 * want.calls; p.Refunded != refunded || p.Reserved != 0 || w.summaries()[p.OrderNo].Refunded != refunded {
				t.Errorf("refunded %d, reserved %d, at the provider %d", p.Refunded, p.Reserved, w.summaries()[p.OrderNo].Refunded)
			}
		})
	}
}
