//go:build e2e

package host_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"
)

// The payee of the drills.
const (
	drillName, drillCard  = "欧阳测试", "6217715555555555"
	drillPhone, drillIDNo = "13900139000", "23210219820916601X"
)

// payoutBody asks for a payout to a card.
func payoutBody(amount int64, fields map[string]any) map[string]any {
	body := map[string]any{"amount": amount, "purpose": "工资", "payee": map[string]any{
		"type": "personal", "name": drillName, "number": drillCard, "phone": drillPhone, "id_number": drillIDNo,
		"bank_name": "招商银行", "branch_code": "104581006015", "province": "广东省", "city": "深圳市",
	}}
	maps.Copy(body, fields)
	return body
}

// asksFor asks for a payout with the merchant's key; nothing is sent by that.
func (m *mmspShop) asksFor(amount int64, fields map[string]any) map[string]any {
	m.t.Helper()
	status, reply := m.post("/v1/payouts", payoutBody(amount, fields))
	if status != http.StatusAccepted || text(reply, "state") != "pending_approval" {
		m.t.Fatalf("a payout of %d: %d %v", amount, status, reply)
	}
	return reply
}

// person is ctx with somebody who may agree and has just confirmed themselves.
func (m *mmspShop) person(actor string) context.Context {
	m.t.Helper()
	id, err := core.IdentityFrom(m.w.asAdmin(m.t.Context(), m.h, m.m.id))
	m.w.must(err)
	id.StepUpAt = m.clock.now()
	if actor != "" {
		id.Actor = actor
	}
	return core.WithIdentity(m.t.Context(), id)
}

// approval is what a payout or batch waits for.
func (m *mmspShop) approval(object core.ID) core.Approval {
	m.t.Helper()
	list, err := m.h.Service().ListApprovals(m.person(""), core.ApprovalFilter{ObjectID: object})
	m.w.must(err)
	if len(list) != 1 {
		m.t.Fatalf("%d approvals of %s", len(list), object)
	}
	return list[0]
}

func (m *mmspShop) idOf(prefix string, reply map[string]any) core.ID {
	m.t.Helper()
	id, err := core.ParsePrefixed(prefix, text(reply, "id"))
	m.w.must(err)
	return id
}

// agrees is the second person's yes.
func (m *mmspShop) agrees(payout map[string]any) error {
	m.t.Helper()
	_, err := m.h.Service().DecideApproval(m.person(""), m.approval(m.idOf(core.PrefixPayout, payout)).ID, true, "")
	return err
}

func (m *mmspShop) payout(payout map[string]any, states ...string) map[string]any {
	m.t.Helper()
	return m.settles("/v1/payouts/"+text(payout, "id"), states...)
}

// moved compares how much the platform's ledger says was paid out, and how often it was asked to.
func (m *mmspShop) moved(payout map[string]any, net int64, requests int) {
	m.t.Helper()
	number := text(payout, "payout_no")
	m.out(core.PayoutRef{OrderNo: number}, net)
	if p, _ := m.sim.Payout(mmspMerchant, number); p.Requests > 1 || p.Requests != requests {
		m.t.Errorf("payout %s: the platform was asked to pay out %d times, want %d", number, p.Requests, requests)
	}
}

// TestPayoutDrill: whatever happens to the one call or its answer, the platform's ledger has
// at most one effect, and the payout ends as the platform says.
func TestPayoutDrill(t *testing.T) {
	t.Parallel()
	m := newMMSPShop(t, mmsp.Options{}, nil)
	for _, tt := range []struct {
		what     string
		fault    *mmsp.Fault
		then     string
		failure  string
		paid     int64
		requests int
		later    time.Duration
	}{
		{what: "nothing happens", then: "succeeded", paid: 5000, requests: 1},
		{what: "the reply is lost after the effect", fault: &mmsp.Fault{Kind: mmsp.FaultLostAfter}, then: "succeeded", paid: 5000, requests: 1},
		{what: "0001, and it moved", fault: &mmsp.Fault{Kind: mmsp.FaultUncertain, Moved: true, Queries: 1, Result: "3"}, then: "succeeded", paid: 5000, requests: 1},
		{what: "0001, and it did not", fault: &mmsp.Fault{Kind: mmsp.FaultUncertain, Queries: 1, Result: "1"}, then: "failed", failure: "provider_failed", requests: 1},
		{what: "a reply for others", fault: &mmsp.Fault{Kind: mmsp.FaultBadSignature}, then: "succeeded", paid: 5000, requests: 1},
		{what: "another payout's reply", fault: &mmsp.Fault{Kind: mmsp.FaultWrongOrder}, then: "succeeded", paid: 5000, requests: 1},
		{what: "another amount's reply", fault: &mmsp.Fault{Kind: mmsp.FaultWrongAmount}, then: "succeeded", paid: 5000, requests: 1},
		{what: "in review", fault: &mmsp.Fault{Kind: mmsp.FaultPending, Queries: 2, Then: mmsp.ThenPaid, Result: "5"}, then: "succeeded", paid: 5000, requests: 1},
		{what: "refused by the bank", fault: &mmsp.Fault{Kind: mmsp.FaultFail, Message: "账户已冻结"}, then: "failed", failure: "provider_failed", requests: 1},
		{what: "refused by the platform", fault: &mmsp.Fault{Kind: mmsp.FaultRefuse, Code: "1031", Message: "余额不足"}, then: "failed", failure: "provider_refused"},
		{what: "lost on its way", fault: &mmsp.Fault{Kind: mmsp.FaultLostBefore}, then: "failed", failure: "not_received", later: 3 * time.Hour},
	} {
		p := m.asksFor(5000, nil)
		m.moved(p, 0, 0)
		if tt.fault != nil {
			tt.fault.Operation, tt.fault.Times = mmsp.OpPayout, 1
			m.fault(*tt.fault)
		}
		m.w.must(m.agrees(p))
		if tt.later > 0 {
			// "No such payout" is no failure before the platform's own horizon.
			if now := object(m.get("/v1/payouts/"+text(p, "id")), "payout"); text(now, "state") != "processing" || now["unknown"] != true {
				t.Errorf("%s: %v %v", tt.what, now["state"], now["unknown"])
			}
			m.clock.advance(tt.later)
		}
		got := m.payout(p, "succeeded", "failed", "returned")
		if text(got, "state") != tt.then || text(got, "failure_code") != tt.failure || got["unknown"] != false {
			t.Errorf("%s: %v, want %s %s", tt.what, got, tt.then, tt.failure)
		}
		m.moved(p, tt.paid, tt.requests)
	}
	m.noViolations()
}

// TestPayoutGivenBack: the bank gives back what was paid out (PAYSTATE 4). Nobody tells us, so
// it is asked about again; the state is corrected and people are told.
func TestPayoutGivenBack(t *testing.T) {
	t.Parallel()
	m := newMMSPShop(t, mmsp.Options{}, nil)
	p := m.asksFor(5000, nil)
	m.w.must(m.agrees(p))
	paid := m.payout(p, "succeeded")
	if text(paid, "next_check_at") == "" {
		t.Errorf("nobody looks whether it comes back: %v", paid)
	}
	m.w.must(m.sim.ReturnPayout(mmspMerchant, text(p, "payout_no")))
	m.clock.advance(11 * time.Minute)
	back := m.payout(p, "returned")
	if text(back, "failure_code") != "returned" {
		t.Errorf("%v", back)
	}
	m.out(core.PayoutRef{OrderNo: text(p, "payout_no")}, 0)
	alerts := m.list("/v1/alerts?kind=payout_returned")
	if len(alerts) != 1 || text(alerts[0], "object") != text(p, "payout_no") || text(alerts[0], "severity") != "critical" {
		t.Errorf("alerts: %v", alerts)
	}
	events := fmt.Sprint(m.list("/v1/events?object_id=" + text(p, "id")))
	for _, kind := range []string{"payout.created", "payout.approved", "payout.sent", "payout.succeeded", "payout.returned", "payout.corrected"} {
		if !strings.Contains(events, kind) {
			t.Errorf("no event %s", kind)
		}
	}
}

// TestPayoutSubmittedTwice: the same key, and the same number under another key.
func TestPayoutSubmittedTwice(t *testing.T) {
	t.Parallel()
	m := newMMSPShop(t, mmsp.Options{}, nil)
	body := payoutBody(5000, map[string]any{"merchant_payout_no": "SALARY-1"})
	var all sync.WaitGroup
	ids := make([]string, 6)
	for i := range ids {
		all.Go(func() {
			status, reply := m.m.post(m.h.Address(), "/v1/payouts", "same-key", body)
			if status == http.StatusAccepted {
				ids[i] = text(reply, "id")
			} else if text(reply, "code") != "idempotency_in_flight" {
				t.Errorf("%d %v", status, reply)
			}
		})
	}
	all.Wait()
	status, reply := m.m.post(m.h.Address(), "/v1/payouts", "same-key", body)
	for _, id := range ids {
		if status != http.StatusAccepted || id != "" && id != text(reply, "id") {
			t.Errorf("one key made %s and %s", id, text(reply, "id"))
		}
	}
	other := payoutBody(5000, map[string]any{"merchant_payout_no": "SALARY-1"})
	payee, _ := other["payee"].(map[string]any)
	payee["name"] = "另一个人"
	for key, want := range map[string]string{"same-key": "idempotency_mismatch", "another-key": "merchant_order_no_used"} {
		if status, got := m.m.post(m.h.Address(), "/v1/payouts", key, other); status < 400 || text(got, "code") != want {
			t.Errorf("%s: %d %v, want %s", key, status, got, want)
		}
	}
	m.w.must(m.agrees(reply))
	m.payout(reply, "succeeded")
	m.moved(reply, 5000, 1)
	if list := m.list("/v1/payouts?number=SALARY-1"); len(list) != 1 {
		t.Errorf("%d payouts of one number", len(list))
	}
	if found := fmt.Sprint(m.get("/v1/search?number=" + text(reply, "payout_no"))["payouts"]); !strings.Contains(found, text(reply, "id")) {
		t.Errorf("not found by its number: %s", found)
	}
}

// TestNobodyAgreesToTheirOwnProgram: who made the API key that asks is no second person.
func TestNobodyAgreesToTheirOwnProgram(t *testing.T) {
	t.Parallel()
	m := newMMSPShop(t, mmsp.Options{}, nil)
	s := m.h.Service()
	_, key, err := s.CreateAPIKey(m.person(""), core.APIKeyInput{Name: "own", Role: core.RoleTenantOwner})
	m.w.must(err)
	program, err := s.AuthenticateKey(t.Context(), key, "192.0.2.1")
	m.w.must(err)
	reply, err := s.CreatePayout(core.WithIdentity(t.Context(), program), core.CreatePayoutInput{IdempotencyKey: "own-program", Amount: core.Fen(100), Payee: core.Payee{
		Type: "personal", Name: core.SecretString(drillName), Number: core.SecretString(drillCard), Phone: core.SecretString(drillPhone), BankName: "招商银行", Province: "广东省", City: "深圳市",
	}})
	m.w.must(err)
	a := m.approval(reply.Payout.ID)
	if _, err := s.DecideApproval(m.person(""), a.ID, true, ""); core.CodeOf(err) != core.CodeOwnRequest {
		t.Errorf("the key's maker: %v", err)
	}
	if _, err := s.DecideApproval(m.person("user:usr_another"), a.ID, true, ""); err != nil {
		t.Errorf("another person: %v", err)
	}
}

// TestPayoutApprovalRace: many agree at the same instant while the sweeper runs; the maker
// may not, an API key may not, and nobody may after the time is over.
func TestPayoutApprovalRace(t *testing.T) {
	t.Parallel()
	m := newMMSPShop(t, mmsp.Options{}, nil)
	large := m.asksFor(4_900_000, nil) // under the tier that needs two
	pair := m.asksFor(30_000, nil)
	for _, p := range []map[string]any{large, pair} {
		a := m.approval(m.idOf(core.PrefixPayout, p))
		var all sync.WaitGroup
		for i := range 8 {
			ctx := m.person(fmt.Sprintf("user:usr_%d", i%4))
			all.Go(func() {
				_, err := m.h.Service().DecideApproval(ctx, a.ID, true, "")
				switch core.CodeOf(err) {
				case core.CodeInvalidState, core.CodeConflict, core.CodeInsufficientBalance: // late: another has agreed, and may have paid already
				default:
					if err != nil {
						t.Errorf("%v", err)
					}
				}
			})
		}
		all.Wait()
		m.payout(p, "succeeded")
		m.moved(p, fen(p, "amount"), 1)
	}
	reply, err := m.h.Service().CreatePayout(m.person(""), core.CreatePayoutInput{Amount: core.Fen(100), Payee: core.Payee{
		Type: "personal", Name: core.SecretString(drillName), Number: core.SecretString(drillCard), Phone: core.SecretString(drillPhone), BankName: "招商银行", Province: "广东省", City: "深圳市",
	}})
	m.w.must(err)
	a := m.approval(reply.Payout.ID)
	if _, err := m.h.Service().DecideApproval(m.person(""), a.ID, true, ""); core.CodeOf(err) != core.CodeOwnRequest {
		t.Errorf("the maker: %v", err)
	}
	if status, got := m.post("/v1/approvals/"+a.ID.Prefixed(core.PrefixApproval)+"/decide", map[string]any{"agree": true}); status != http.StatusForbidden {
		t.Errorf("an API key: %d %v", status, got)
	}
	m.clock.advance(73 * time.Hour)
	ctx := m.late()
	if _, err := m.h.Service().DecideApproval(ctx, a.ID, true, ""); core.CodeOf(err) != core.CodeApprovalExpired {
		t.Errorf("after its time: %v", err)
	}
	late := map[string]any{"id": reply.Payout.ID.Prefixed(core.PrefixPayout), "payout_no": reply.Payout.PayoutNo}
	if got := m.payout(late, "rejected"); text(got, "failure_code") != "approval_expired" {
		t.Errorf("%v", got)
	}
	m.moved(late, 0, 0)
	m.noViolations()
}

// late is a person whose session is not asked for: it ended long ago.
func (m *mmspShop) late() context.Context {
	now := m.clock.now()
	return core.WithIdentity(m.t.Context(), core.Identity{
		Actor: "user:usr_late", UserID: core.NewID(now), SessionID: core.NewID(now), Subject: string(core.RoleTenantOwner), TenantID: m.m.id, StepUpAt: now,
	})
}

// TestPayoutRoom: what the balance does not allow is refused before anything is sent, also
// when the sum of both sources would do, and hours are looked at when somebody agrees.
func TestPayoutRoom(t *testing.T) {
	t.Parallel()
	m := newMMSPShop(t, mmsp.Options{}, nil)
	for what, tt := range map[string]struct {
		amount      int64
		fields      map[string]any
		code, param string
	}{
		"more than the balance":         {5_000_001, nil, "insufficient_balance", "amount"},
		"more than the advance":         {300_001, map[string]any{"source": "advance"}, "insufficient_balance", "amount"},
		"the sum of both":               {330_000, map[string]any{"source": "balance", "channel": "C2"}, "insufficient_balance", "amount"},
		"more than ten million":         {1_000_000_001, nil, "limit_exceeded", "amount"},
		"an unknown channel":            {100, map[string]any{"channel": "C9"}, "invalid_request", "channel"},
		"both sources":                  {100, map[string]any{"source": "balance,advance"}, "invalid_request", "source"},
		"a name of 21 characters":       {100, map[string]any{"payee": map[string]any{"name": strings.Repeat("张", 21), "number": drillCard, "phone": drillPhone, "bank_name": "招商银行", "province": "广东省", "city": "深圳市"}}, "invalid_request", "payee.name"},
		"a wrong check digit":           {100, map[string]any{"payee": map[string]any{"name": drillName, "number": "6217715555555554", "phone": drillPhone, "bank_name": "招商银行", "province": "广东省", "city": "深圳市"}}, "invalid_request", "payee.number"},
		"a payee without what is asked": {100, map[string]any{"payee": map[string]any{"name": drillName, "number": drillCard}}, "invalid_request", "payee.phone"},
	} {
		if status, reply := m.post("/v1/payouts", payoutBody(tt.amount, tt.fields)); status < 400 || status >= 500 || text(reply, "code") != tt.code || text(reply, "param") != tt.param || text(reply, "detail") == "" {
			t.Errorf("%s: %d %v, want %s at %s", what, status, reply, tt.code, tt.param)
		}
	}
	if list := m.list("/v1/payouts"); len(list) != 0 {
		t.Errorf("%d of them are kept", len(list))
	}
	if n := m.sim.Calls(mmsp.OpPayout); n != 0 {
		t.Errorf("the platform heard of %d payouts", n)
	}
}

// gb18030 is a file as Chinese spreadsheets write it.
func gb18030(t *testing.T, text string) string {
	t.Helper()
	raw, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(raw)
}

const batchHeading = "商户付款单号,金额（元）,收款人姓名,收款账号,手机号,开户银行,开户省份,开户城市\r\n"

func batchRow(no, amount, name string) string {
	return no + "," + amount + "," + name + `,="` + drillCard + `",` + drillPhone + ",招商银行,广东省,深圳市\r\n"
}

// TestPayoutFile: a file with one bad row and a formula in a name is not taken in at all, and
// says why in a file that runs nothing; a whole one waits for one approval, and each of its
// payouts is sent once.
func TestPayoutFile(t *testing.T) {
	t.Parallel()
	m := newMMSPShop(t, mmsp.Options{}, nil)
	bad := batchHeading + batchRow("=B1", "1.00", drillName) + batchRow("B2", "1.005", drillName) + batchRow("B3", "2", `"=HYPERLINK(""http://x"")"`)
	status, reply := m.post("/v1/payout-batches", map[string]any{"file_name": "工资.csv", "file_base64": gb18030(t, bad)})
	args := object(reply, "args")
	if status != http.StatusUnprocessableEntity || text(reply, "code") != "invalid_file" || text(args, "errors") != "3" || text(args, "batch_id") == "" {
		t.Fatalf("%d %v", status, reply)
	}
	detail := m.get("/v1/payout-batches/" + text(args, "batch_id"))
	if b := object(detail, "batch"); text(b, "state") != "invalid" || text(b, "encoding") != "GB18030" {
		t.Errorf("%v", b)
	}
	resp, file := m.send(http.MethodGet, "http://"+m.h.Address()+"/v1/payout-batches/"+text(args, "batch_id")+"/errors.csv", map[string]string{"Authorization": "Bearer " + m.m.apiKey}, "")
	if resp.StatusCode != http.StatusOK || !strings.HasPrefix(file, "\ufeff行号,") || !strings.Contains(file, "\r\n2,商户付款单号,'=B1,") || !strings.Contains(file, "\r\n3,金额（元）,B2,invalid_amount") || strings.Contains(file, "HYPERLINK") {
		t.Errorf("%d %s", resp.StatusCode, file)
	}
	if list := m.list("/v1/payouts"); len(list) != 0 {
		t.Errorf("%d payouts of it were taken in", len(list))
	}

	good := batchHeading
	const rows = 12
	for i := range rows {
		good += batchRow(fmt.Sprintf("C%d", i), fmt.Sprintf("%d.5", i+1), drillName)
	}
	whole := map[string]any{"file_name": "工资.csv", "file_base64": gb18030(t, good)}
	status, batch := m.post("/v1/payout-batches", whole)
	if status != http.StatusAccepted || text(batch, "state") != "pending_approval" || fen(batch, "rows") != rows || fen(batch, "amount") != 8400 {
		t.Fatalf("%d %v", status, batch)
	}
	if status, again := m.post("/v1/payout-batches", whole); status != http.StatusConflict || text(object(again, "args"), "batch_id") != text(batch, "id") {
		t.Errorf("the same file: %d %v", status, again)
	}
	whole["again"] = true
	if status, again := m.post("/v1/payout-batches", whole); status != http.StatusUnprocessableEntity || text(object(again, "args"), "errors") != fmt.Sprint(rows) {
		t.Errorf("the same numbers: %d %v", status, again)
	}
	if n := m.sim.Calls(mmsp.OpPayout); n != 0 {
		t.Errorf("%d payouts were sent before anybody agreed", n)
	}
	_, err := m.h.Service().DecideApproval(m.person(""), m.approval(m.idOf(core.PrefixPayoutBatch, batch)).ID, true, "")
	m.w.must(err)
	for _, p := range m.list("/v1/payouts?limit=100&batch_id=" + text(batch, "id")) {
		m.moved(m.payout(p, "succeeded"), fen(p, "amount"), 1)
	}
	totals, _ := m.get("/v1/payout-batches/" + text(batch, "id"))["totals"].([]any)
	if got := fmt.Sprint(totals); len(totals) != 1 || !strings.Contains(got, "count:12") || !strings.Contains(got, "state:succeeded") {
		t.Errorf("%s", got)
	}
	m.noViolations()
	m.keepsPayees()
}

// keepsPayees wants a log and a database without payees: they are sealed, and shown masked.
func (m *mmspShop) keepsPayees() {
	m.t.Helper()
	log, err := os.ReadFile(m.w.log)
	m.w.must(err)
	for where, text := range map[string]string{"the log": string(log), "the database": m.dump()} {
		for _, secret := range []string{drillName, drillCard, drillPhone, drillIDNo} {
			if form := findCanary(text, secret); form != "" {
				m.t.Errorf("%s has %s %s", where, secret, form)
			}
		}
		if !strings.Contains(text, "621771****5555") && where == "the database" {
			m.t.Errorf("%s does not even have the masked payee: nothing was searched", where)
		}
	}
}
