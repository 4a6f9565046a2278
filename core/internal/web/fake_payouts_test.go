package web

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/core"
)

func samplePayout() core.Payout {
	return core.Payout{
		TenantID: num(1), ID: num(31), PayoutNo: "26112312340000000003", MerchantPayoutNo: "P-1", AccountID: num(3), Provider: "demo", BatchID: num(32), BatchRow: 2,
		Amount: core.Fen(12500), Fee: 200, Source: "balance", PayeeType: "personal", PayeeName: "张*", PayeeNumber: "621771****5555", BankName: "招商银行",
		PayeeSealed: []byte("sealed-canary"), State: core.PayoutReturned, UnknownSince: at(), UnknownReason: "no_clear_answer", FailureCode: "returned",
		ApprovedBy: "user:usr_y", NextCheckAt: at(), CreatedBy: "user:usr_x", CreatedAt: at(), UpdatedAt: at(), SentAt: at(), PaidAt: at(), FinishedAt: at(), Version: 4,
	}
}

func sampleBatch() core.PayoutBatch {
	return core.PayoutBatch{
		TenantID: num(1), ID: num(32), AccountID: num(3), Provider: "demo", FileName: "工资.csv", FileHash: []byte("hash-canary"), Encoding: "GB18030", Rows: 2,
		Amount: core.Fen(25000), State: core.BatchInvalid, ErrorCount: 1, CreatedBy: "user:usr_x", CreatedAt: at(), UpdatedAt: at(), Version: 1,
		Errors: []core.PayoutRowError{{Row: 3, Column: "payee.name", Number: "P-2", Code: "too_long", Message: core.Text{ZH: "太长", EN: "Too long"}}},
	}
}

func (f *fake) CreatePayout(ctx context.Context, in core.CreatePayoutInput) (core.PayoutReply, error) {
	f.mu.Lock()
	f.payouts = append(f.payouts, in)
	f.mu.Unlock()
	return core.PayoutReply{Payout: samplePayout(), Replayed: true}, f.called(ctx, "CreatePayout")
}

func (f *fake) Payout(ctx context.Context, _ core.ID) (core.PayoutDetail, error) {
	attempts := sampleAttempts()
	attempts[0].PayoutID = num(31)
	return core.PayoutDetail{Payout: samplePayout(), Account: sampleAccount(), Attempts: attempts, Events: sampleEvents(), Approvals: []core.Approval{sampleApproval()}}, f.called(ctx, "Payout")
}

func (f *fake) ListPayouts(ctx context.Context, _ core.PayoutFilter) ([]core.Payout, error) {
	return []core.Payout{samplePayout()}, f.called(ctx, "ListPayouts")
}

func (f *fake) SyncPayout(ctx context.Context, _ core.ID) (core.Payout, error) {
	return samplePayout(), f.called(ctx, "SyncPayout")
}

func (f *fake) CreatePayoutBatch(ctx context.Context, in core.CreatePayoutBatchInput) (core.PayoutBatchReply, error) {
	f.mu.Lock()
	f.files = append(f.files, in)
	f.mu.Unlock()
	return core.PayoutBatchReply{Batch: sampleBatch()}, f.called(ctx, "CreatePayoutBatch")
}

func (f *fake) CheckPayoutBatch(ctx context.Context, in core.CreatePayoutBatchInput) (core.PayoutBatchCheck, error) {
	f.mu.Lock()
	f.files = append(f.files, in)
	f.mu.Unlock()
	return core.PayoutBatchCheck{Encoding: "UTF-8", Rows: 2, Amount: core.Fen(0), Fee: 0, Needed: 1, ErrorCount: 1, Errors: sampleBatch().Errors}, f.called(ctx, "CheckPayoutBatch")
}

func (f *fake) PayoutBatch(ctx context.Context, _ core.ID) (core.PayoutBatchDetail, error) {
	totals := core.PayoutTotals{Count: map[core.PayoutState]int{core.PayoutSucceeded: 2}, Sum: map[core.PayoutState]int64{core.PayoutSucceeded: 25000}}
	return core.PayoutBatchDetail{Batch: sampleBatch(), Totals: totals, Approvals: []core.Approval{sampleApproval()}}, f.called(ctx, "PayoutBatch")
}

func (f *fake) ListPayoutBatches(ctx context.Context, _ core.PayoutBatchFilter) ([]core.PayoutBatch, error) {
	return []core.PayoutBatch{sampleBatch()}, f.called(ctx, "ListPayoutBatches")
}

func (f *fake) PayoutTemplate(ctx context.Context) ([]byte, error) {
	return []byte("\ufeff金额\r\n"), f.called(ctx, "PayoutTemplate")
}

func (f *fake) PayoutBatchErrors(ctx context.Context, _ core.ID) ([]byte, error) {
	return []byte("\ufeff行号\r\n"), f.called(ctx, "PayoutBatchErrors")
}

// TestThePayeeGoesInAndDoesNotComeOut: it reaches the use case whole, and neither a reply nor
// the log has it.
func TestThePayeeGoesInAndDoesNotComeOut(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	body := `{"amount":12500,"source":"advance","note":"n","extra":{"business_type":"002"},"payee":{"type":"business","name":"欧阳测试","number":"6217715555555555",` +
		`"phone":"13900139000","id_number":"23210219820916601X","bank_name":"招商银行","branch_code":"104581006015"}}`
	got := r.do("POST", "/v1/payouts", body, with(byKey(), "Idempotency-Key", "k"))
	if got.status != http.StatusAccepted || got.header.Get("Idempotency-Replayed") != "true" {
		t.Fatalf("%d %s", got.status, got.body)
	}
	in := r.payouts[0]
	if string(in.Payee.Name.Reveal()) != "欧阳测试" || in.Payee.Type != core.PayeeBusiness || in.Payee.BranchCode != "104581006015" || in.Amount != core.Fen(12500) ||
		in.Payee.Extra["business_type"] != "002" || in.Note != "n" || in.Source != "advance" || in.IdempotencyKey != "k" {
		t.Errorf("%+v", in)
	}
	printed, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"欧阳测试", "6217715555555555", "13900139000", "23210219820916601X", "sealed-canary"} {
		for where, text := range map[string]string{"the reply": string(got.body), "the log": r.log.String(), "the input as JSON": string(printed)} {
			if strings.Contains(text, secret) {
				t.Errorf("%s has %s", where, secret)
			}
		}
	}
	if got := r.do("POST", "/v1/payouts", `{"amount":1,"payee":{"name":"a","number":"1"}}`, byKey()); got.problem(t).Code != "idempotency_required" {
		t.Errorf("without a key: %s", got.body)
	}
}

// TestFilesOfPayoutsMayBeLarge: 2 MiB arrive whole; everything else keeps its limit.
func TestFilesOfPayoutsMayBeLarge(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	file := strings.Repeat("工资,", 2<<20/7)
	body := `{"file_name":"工资.csv","again":true,"file_base64":"` + base64.StdEncoding.EncodeToString([]byte(file)) + `"}`
	if got := r.do("POST", "/v1/payout-batches", body, with(byKey(), "Idempotency-Key", "k")); got.status != http.StatusAccepted {
		t.Fatalf("%d %s", got.status, got.body)
	}
	if in := r.files[0]; string(in.File) != file || in.FileName != "工资.csv" || !in.Again {
		t.Errorf("%d bytes arrived as %q", len(in.File), in.FileName)
	}
	for what, body := range map[string]string{"no Base64": `{"file_base64":"***"}`, "nothing": `{"file_base64":"IA=="}`} {
		got := r.do("POST", "/v1/payout-batches", body, with(byKey(), "Idempotency-Key", "k"))
		if want := map[string]int{"no Base64": 422, "nothing": 202}[what]; got.status != want {
			t.Errorf("%s: %d %s", what, got.status, got.body)
		}
	}
	if got := r.pay(`{"subject":"` + strings.Repeat("x", 1<<20) + `"}`); got.status != 413 || got.problem(t).Code != "body_too_large" {
		t.Errorf("a payment of 1 MiB: %d", got.status)
	}
}
