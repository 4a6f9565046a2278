//go:build e2e

package host_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/internal/postgres"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"
)

// payoutKills is how many payouts are killed at each point.
const payoutKills = 2

// TestKilledHostPaysOutOnce kills the host with SIGKILL while an approved payout is on its
// way: after the approval, around the attempt that is written before the call, after the
// effect, and after all of it. The judge is the platform's own ledger.
func TestKilledHostPaysOutOnce(t *testing.T) {
	t.Parallel()
	for point, paid := range map[string]bool{
		"after_approval": true,  // nothing was begun: whoever comes next sends
		"before_intent":  true,  // the same
		"after_intent":   false, // it was written that it was begun: nobody ever sends again
		"before_commit":  true,  // the platform has it
		"after_commit":   true,
	} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			m := newMMSPShop(t, mmsp.Options{}, nil)
			m.stop()
			var sent []core.Payout
			for i := range payoutKills {
				n := m.w.spawn("", 0)
				status, p := m.m.post(n.address, "/v1/payouts", fmt.Sprintf("payout-%d", i), payoutBody(int64(100+i), nil))
				n.stop()
				if status != http.StatusAccepted {
					t.Fatalf("%d %v", status, p)
				}
				// A node may die over a question about an earlier payout: then nobody has agreed yet.
				for m.waiting(text(p, "id")) {
					n := m.w.spawn(point, 0)
					browser := m.signedIn(n)
					n.arm()
					if status := browser.agree(text(p, "id")); status != 0 {
						t.Fatalf("the host answered %d although it was to die at %s", status, point)
					}
					n.ended()
				}
			}
			// A node whose clock is past every horizon carries on.
			n := m.w.spawn("", 3*time.Hour)
			eventually(t, "no payout is open", func() error {
				sent = m.stored()
				for _, p := range sent {
					if p.State == core.PayoutProcessing || p.State == core.PayoutInReview {
						return fmt.Errorf("%s is %s (%s, %s)", p.PayoutNo, p.State, p.WaitReason, p.UnknownReason)
					}
				}
				return nil
			})
			n.stop()
			if len(sent) != payoutKills {
				t.Errorf("%d payouts are stored", len(sent))
			}
			for _, p := range sent {
				shown := map[string]any{"payout_no": p.PayoutNo}
				switch {
				case paid && p.State == core.PayoutSucceeded:
					m.moved(shown, p.Amount.Minor, 1)
				case !paid && p.State == core.PayoutFailed && p.FailureCode == "not_received":
					m.moved(shown, 0, 0)
				default:
					t.Errorf("killed at %s: %s %s", point, p.State, p.FailureCode)
				}
			}
		})
	}
}

// stored reads what the database says, past every API.
func (m *mmspShop) stored() (list []core.Payout) {
	m.t.Helper()
	db, err := postgres.Open(m.t.Context(), postgres.Config{URL: m.w.database, MaxConns: 2, PlatformConns: 1})
	m.w.must(err)
	defer func() { _ = db.Close() }()
	m.w.must(db.InTenant(m.t.Context(), m.m.id, func(tx core.TenantTx) (err error) {
		list, err = tx.Payouts(m.t.Context(), core.PayoutFilter{Page: core.Page{Limit: 200}})
		return err
	}))
	return list
}

// waiting says whether nobody has agreed to the payout yet.
func (m *mmspShop) waiting(payout string) bool {
	m.t.Helper()
	for _, p := range m.stored() {
		if p.ID.Prefixed(core.PrefixPayout) == payout {
			return p.State == core.PayoutPendingApproval
		}
	}
	m.t.Fatalf("payout %s is not stored", payout)
	return false
}

// signedIn is the administrator's browser at a node.
type signedIn struct {
	m    *mmspShop
	n    *node
	csrf string
}

func (m *mmspShop) signedIn(n *node) signedIn {
	m.t.Helper()
	b := signedIn{m: m, n: n}
	_, me := b.do(http.MethodGet, "/v1/session", nil)
	b.csrf = text(me, "csrf_token")
	return b
}

func (b signedIn) do(method, path string, body map[string]any) (int, map[string]any) {
	raw, err := json.Marshal(body)
	b.m.w.must(err)
	if body == nil {
		raw = nil
	}
	req, err := http.NewRequestWithContext(context.Background(), method, "http://"+b.n.address+path, bytes.NewReader(raw))
	b.m.w.must(err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Cookie", "zhanggui="+string(b.m.w.admin.Reveal()))
	req.Header.Set("X-Csrf-Token", b.csrf)
	req.Header.Set("Zhanggui-Tenant", b.m.m.id.Prefixed(core.PrefixTenant))
	client := http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return 0, nil
	}
	defer func() { _ = resp.Body.Close() }()
	var out map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		return 0, nil
	}
	return resp.StatusCode, out
}

// agree is the second person's yes to a payout; 0 when the node died over it.
func (b signedIn) agree(payout string) int {
	b.m.t.Helper()
	status, detail := b.do(http.MethodGet, "/v1/payouts/"+payout, nil)
	if status == 0 {
		return 0
	}
	approvals, _ := detail["approvals"].([]any)
	if len(approvals) != 1 {
		b.m.t.Fatalf("%v", detail)
	}
	approval, _ := approvals[0].(map[string]any)
	status, _ = b.do(http.MethodPost, "/v1/approvals/"+text(approval, "id")+"/decide", map[string]any{"agree": true})
	return status
}
