package main

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// payoutCredentials are the tests' own: the document's keys are damaged (代付 6.5).
func payoutCredentials() map[string]string {
	return map[string]string{
		credPayoutMerchantNo: testMerchant, credPayoutKey: testFile("payout-merchant.key.pem"), credPlatformKey: testFile("payout-platform.pub.pem"),
	}
}

func testFile(name string) string {
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		panic(err)
	}
	return string(raw)
}

func testRSA(name string) *rsa.PrivateKey {
	block, _ := pem.Decode([]byte(testFile(name)))
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if private, ok := key.(*rsa.PrivateKey); ok && err == nil {
		return private
	}
	panic("no RSA key: " + name)
}

func payoutRequest() sdk.PayoutRequest {
	return sdk.PayoutRequest{
		OrderNo: testOrder, Amount: sdk.Fen(10_000), Source: sdk.SourceBalance, PayeeType: sdk.PayeePersonal,
		PayeeName: sdk.SecretString("张三"), PayeeNumber: sdk.SecretString("6225123456781234"), Phone: sdk.SecretString("18826570890"),
		BankName: "招商银行", BranchCode: "104581006015", Province: "广东省", City: "深圳市", Purpose: `工资 <1/2> & "补"`, CreatedAt: testNow,
	}
}

func corporatePayout() sdk.PayoutRequest {
	r := payoutRequest()
	r.PayeeType, r.Source, r.BranchName, r.Channel = sdk.PayeeBusiness, sdk.SourceAdvance, "招商银行深圳分行营业部", "C1"
	r.IDNumber = sdk.SecretString("23210219820916601X")
	r.Extra = map[string]string{extraBusinessType: "004", extraChannelMerchant: "M1"}
	return r
}

func payoutRef() sdk.PayoutRef {
	return sdk.PayoutRef{OrderNo: testOrder, ProviderOrderNo: "2017122500004124", Amount: sdk.Fen(10_000), CreatedAt: testNow}
}

func createPayout(req sdk.PayoutRequest) func(context.Context, sdk.Provider, *sdk.Call) (result, error) {
	return func(ctx context.Context, p sdk.Provider, call *sdk.Call) (result, error) {
		r, err := able[sdk.PayoutCreator](p).CreatePayout(ctx, call, req)
		return result{outcome: r.Outcome}, err
	}
}

func queryPayout(ref sdk.PayoutRef) func(context.Context, sdk.Provider, *sdk.Call) (result, error) {
	return func(ctx context.Context, p sdk.Provider, call *sdk.Call) (result, error) {
		r, err := able[sdk.PayoutQuerier](p).QueryPayout(ctx, call, ref)
		return result{outcome: r.Outcome}, err
	}
}

func listBalances(ctx context.Context, p sdk.Provider, call *sdk.Call) (result, error) {
	r, err := able[sdk.BalanceLister](p).ListBalances(ctx, call)
	return result{outcome: r.Outcome}, err
}

// The messages of good replies.
var (
	payoutBody = fields{
		"MERNO": testMerchant, "ORDERNO": testOrder, "BSORDERNO": "2017122500004124", "PAYSTATE": "2", "DESC": "代付处理中，请稍后发起查询，款项以银行实际到账为准",
		"RSPTIME": "20260101120001", "AMT": "10000", "ACCNAME": "张三", "ACCNO": "6225123456781234",
	}
	payoutQueryBody = payoutBody.with(fields{"PAYSTATE": 1, "AMT": 10_000, "CURTYPE": 1, "DESC": "付款成功", "BUSITYPE": "001", "MEMO": "工资", "BANKNAME": "招商银行"})
	balanceRow      = fields{
		"ACCSTATUS": 1, "BALANCE": 1000, "BALANCEPAY": 20_000, "ADVANCEPAY": 300, "FREEZEBAL": 40, "ISCHARGE": "2", "MERTYPE": "2", "CHLNO": "C1", "CHLMERNO": "M1",
		"LIMIT_DOWN": "100", "LIMIT_TOP": "5000000", "BEGIN_AT": "09:00", "END_AT": "17:30", "HOLIDAYTYPE": 3, "SETTLE_AT": 16, "SETTLE_TYPE": "2",
	}
	balanceBody = fields{"RSPTIME": "20260101120001", "ACCINFO": []fields{balanceRow, balanceRow.with(fields{"CHLNO": "C2", "CHLMERNO": "M2"})}}
)

func payoutOperations() []operation {
	quoted := balanceBody.with(fields{"ACCINFO": encodeJSON(balanceBody["ACCINFO"])})
	return []operation{
		{ID: "PO1", Name: "payout", Capability: sdk.CapCreatePayout, Reply: payoutReply("0000", payoutBody), Call: createPayout(payoutRequest()), Want: inProgress, Golden: opened},
		{ID: "PO1", Name: "payout-corporate", Capability: sdk.CapCreatePayout, Reply: payoutReply("1031", nil), Call: createPayout(corporatePayout()), Want: sdk.OutcomeRefused, Golden: opened},
		{ID: "PO2", Name: "query", Capability: sdk.CapQueryPayout, Reply: payoutReply("0000", payoutQueryBody), Call: queryPayout(payoutRef()), Want: succeeded, Golden: opened},
		{ID: "PO2", Name: "query-nothing", Capability: sdk.CapQueryPayout, Reply: payoutReply("1028", nil), Call: queryPayout(payoutRef()), Want: notFound, Golden: opened},
		{ID: "PO3", Name: "balances", Capability: sdk.CapListBalances, Reply: payoutReply("0000", balanceBody), Call: listBalances, Want: succeeded, Golden: opened},
		{ID: "PO3", Name: "balances-quoted", Capability: sdk.CapListBalances, Reply: payoutReply("0000", quoted), Call: listBalances, Want: succeeded, Golden: opened},
	}
}

// payoutReply is a reply: its message in blocks of 117 bytes under the merchant's key, or none.
func payoutReply(code string, message fields) string {
	outer := fields{"RETCODE": code, "RETMSG": "说明"}
	if message != nil {
		outer["ENCRYPT"] = sealedFor("payout-merchant.key.pem", message.json())
	}
	return outer.json()
}

func sealedFor(key, message string) string {
	public := &testRSA(key).PublicKey
	var out []byte
	for rest := []byte(message); len(rest) > 0; {
		n := min(public.Size()-11, len(rest))
		out, rest = append(out, sealBlock(public, rest[:n])...), rest[n:]
	}
	return base64.StdEncoding.EncodeToString(out)
}

// sealBlock is PKCS #1 v1.5 by plain arithmetic, with a padding that is always the same.
func sealBlock(key *rsa.PublicKey, data []byte) []byte {
	block := []byte(strings.Repeat("Z", key.Size()))
	block[0], block[1], block[len(block)-len(data)-1] = 0, 2, 0
	copy(block[len(block)-len(data):], data)
	n := new(big.Int).SetBytes(block)
	return n.Exp(n, big.NewInt(int64(key.E)), key.N).FillBytes(block)
}

// opened shows a request as the platform reads it: the padding of its blocks is random, so the
// message stands in their place, on a line of its own.
func opened(t *testing.T, message string) string {
	t.Helper()
	head, body, found := strings.Cut(message, "\n\n")
	if !found {
		return message // a reply
	}
	var sent struct{ ENCRYPT, SIGN string }
	if err := json.Unmarshal([]byte(body), &sent); err != nil {
		t.Fatalf("the body %q: %v", body, err)
	}
	return head + "\n\n" + strings.Replace(body, sent.ENCRYPT, "", 1) + "\n" + platformOpens(t, sent.ENCRYPT)
}

// platformOpens decrypts block by block and joins the bytes.
func platformOpens(t *testing.T, sealed string) string {
	t.Helper()
	key := testRSA("payout-platform.key.pem")
	raw, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil || len(raw)%key.Size() != 0 {
		t.Fatalf("ENCRYPT has %d bytes, %v", len(raw), err)
	}
	var plain []byte
	for ; len(raw) > 0; raw = raw[key.Size():] {
		block, err := rsa.DecryptPKCS1v15(nil, key, raw[:key.Size()]) //nolint:staticcheck // the provider's way
		if err != nil || len(block) > key.Size()-11 {
			t.Fatalf("a block of %d bytes, %v", len(block), err)
		}
		plain = append(plain, block...)
	}
	return string(plain)
}
