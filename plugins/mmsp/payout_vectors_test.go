package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// TestPayoutVectors compares signatures and opened blocks with those of openssl
// (testdata/payout-vectors.sh), not with our own arithmetic.
func TestPayoutVectors(t *testing.T) {
	t.Parallel()
	vectors := map[string]string{}
	for line := range strings.Lines(testFile("payout-vectors.txt")) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		vectors[name] = value
	}
	compared := 0
	for _, o := range payoutOperations() {
		h, _, err := o.run(t, testPlugin())
		if err != nil {
			t.Fatal(err)
		}
		var sent struct{ SIGN string }
		if err := json.Unmarshal([]byte(h.last(t).body), &sent); err != nil {
			t.Fatal(err)
		}
		request, answer := o.ID+"-"+o.Name+".request.golden", o.ID+"-"+o.Name+".reply.golden"
		if compared++; sent.SIGN == "" || sent.SIGN != vectors[request] {
			t.Errorf("%s is signed %s, openssl says %q", request, sent.SIGN, vectors[request])
		}
		if !strings.Contains(o.Reply, "ENCRYPT") {
			continue
		}
		sum := sha256.Sum256([]byte(payoutMessages()[o.Name]))
		if compared++; hex.EncodeToString(sum[:]) != vectors[answer] {
			t.Errorf("%s opens to another message than openssl's: run testdata/payout-vectors.sh", answer)
		}
	}
	if compared != len(vectors) {
		t.Errorf("%d vectors and %d messages", len(vectors), compared)
	}
}

func payoutMessages() map[string]string {
	return map[string]string{
		"payout": payoutBody.json(), "query": payoutQueryBody.json(), "balances": balanceBody.json(),
		"balances-quoted": balanceBody.with(fields{"ACCINFO": encodeJSON(balanceBody["ACCINFO"])}).json(),
	}
}

// TestBlocksOfOpenSSL: a reply that openssl sealed opens.
func TestBlocksOfOpenSSL(t *testing.T) {
	t.Parallel()
	h := answering(200, testFile("payout-openssl.reply"))
	got, err := testPlugin().QueryPayout(t.Context(), h.call(t.Context(), sdk.CapQueryPayout, ""), payoutRef())
	want := "付款成功，款项已到账，如有疑问请联系客服，收款人张三，招商银行"
	if err != nil || got.Outcome != succeeded || got.Provider.Message != want || got.Amount != sdk.Fen(10_000) {
		t.Errorf("%+v, %v", got, err)
	}
	if files, err := filepath.Glob(filepath.Join("testdata", "payout-openssl.*")); err != nil || len(files) != 2 {
		t.Errorf("%q, %v", files, err)
	}
}
