package payoutwire

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/zhanggui-pay/zhanggui/plugins/mmsp/internal/wire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// opened is a request as the platform opens it: block by block, then the bytes joined.
func (k keys) opened(t require, body string) (plain string, blocks int) {
	t.Helper()
	var sent struct{ ENCRYPT, SIGN string }
	if err := json.Unmarshal([]byte(body), &sent); err != nil {
		t.Fatalf("the body %q: %v", body, err)
	}
	sealed, err := base64.StdEncoding.DecodeString(sent.ENCRYPT)
	if err != nil || len(sealed)%k.platform.Size() != 0 {
		t.Fatalf("ENCRYPT has %d bytes, %v", len(sealed), err)
	}
	var out []byte
	for ; len(sealed) > 0; sealed = sealed[k.platform.Size():] {
		block, err := rsa.DecryptPKCS1v15(nil, k.platform, sealed[:k.platform.Size()]) //nolint:staticcheck // the provider's way
		if err != nil || len(block) > 117 {
			t.Fatalf("a block of %d bytes, %v", len(block), err)
		}
		out = append(out, block...)
		blocks++
	}
	signature, err := base64.StdEncoding.DecodeString(sent.SIGN)
	if err != nil {
		t.Fatalf("SIGN: %v", err)
	}
	digest := sha1.Sum(out)
	if err := rsa.VerifyPKCS1v15(&k.merchant.PublicKey, crypto.SHA1, digest[:], signature); err != nil {
		t.Fatalf("SIGN does not fit: %v", err)
	}
	return string(out), blocks
}

// require is what testing.T and rapid.T share.
type require interface {
	Helper()
	Fatalf(format string, args ...any)
}

func TestPostSealsTheMessage(t *testing.T) {
	t.Parallel()
	k := readKeys(t)
	x := answering(t, 200, k.reply("0000", `{"PAYSTATE":"2"}`))
	if _, err := x.post(t, map[string]string{"ORDERNO": testOrder, "MEMO": `<大> & "热" 1/2`, "CVV2": ""}); err != nil {
		t.Fatal(err)
	}
	plain, blocks := k.opened(t, x.body)
	want := `{"CMDID":"4097","MEMO":"<大> & \"热\" 1/2","MERNO":"001440353999853","ORDERNO":"26010100010000000001","REQTIME":"20260101120000","VERSION":"1.0"}`
	if plain != want || blocks != 2 {
		t.Errorf("%d blocks of %s\nwant %s", blocks, plain, want)
	}
}

// TestAnyTextSurvives: what is sealed opens to the same text, whatever it is.
func TestAnyTextSurvives(t *testing.T) {
	t.Parallel()
	k := readKeys(t)
	texts := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{`"\/<>&'`, "中文付款", "☕😀", "\u2028\n\t"}))
	rapid.Check(t, func(r *rapid.T) {
		want := map[string]string{}
		for name, text := range rapid.MapOfN(rapid.StringMatching(`[A-Z]{3,9}X`), texts, 0, 8).Draw(r, "fields") {
			want[name] = strings.ToValidUTF8(text, "")
		}
		x := answering(t, 200, "")
		if _, err := x.post(t, want); err == nil {
			r.Fatalf("an empty reply was read")
		}
		plain, _ := k.opened(r, x.body)
		var got map[string]string
		if err := json.Unmarshal([]byte(plain), &got); err != nil {
			r.Fatalf("%q: %v", plain, err)
		}
		for name, text := range want {
			if got[name] != text {
				r.Fatalf("%s: %q came out as %q", name, text, got[name])
			}
		}
		// The same way back, in blocks of any size.
		message, err := json.Marshal(want)
		if err != nil {
			r.Fatalf("%v", err)
		}
		sealed, err := json.Marshal(map[string]string{
			"RETCODE": "0000", "ENCRYPT": k.sealed(string(message), rapid.IntRange(1, 117).Draw(r, "block")),
		})
		if err != nil {
			r.Fatalf("%v", err)
		}
		back, err := answering(t, 200, string(sealed)).post(t, nil)
		if err != nil {
			r.Fatalf("%v", err)
		}
		for name, text := range want {
			if got := back.Fields.Text(name); got != text {
				r.Fatalf("%s: %q came back as %q", name, text, got)
			}
		}
	})
}

// TestCharactersAcrossBlocks: the bytes are joined before they are text.
func TestCharactersAcrossBlocks(t *testing.T) {
	t.Parallel()
	k := readKeys(t)
	message := `{ "DESC":"` + strings.Repeat("付款处理中", 20) + `","ACCNAME":"张三","PAYSTATE":2}`
	if utf8.ValidString(message[:117]) {
		t.Fatal("no character stands across the edge")
	}
	r, err := answering(t, 200, k.reply("0000", message)).post(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	if text := r.Fields.Text("DESC"); text != strings.Repeat("付款处理中", 20) || r.Created() != sdk.OutcomeInProgress {
		t.Errorf("%q, %s", text, r.Created())
	}
}

func TestWhatIsNoReply(t *testing.T) {
	t.Parallel()
	k := readKeys(t)
	good := k.reply("0000", `{"PAYSTATE":"1"}`)
	for name, reply := range map[string]string{
		"empty": "", "a page": "<html></html>", "an array": "[]", "no code": `{"RETMSG":"x"}`, "an empty code": `{"RETCODE":""}`, "code null": `{"RETCODE":null}`,
		"two codes": `{"RETCODE":"0000","RETCODE":"1001"}`, "a code of another type": `{"RETCODE":{}}`, "another spelling": `{"Retcode":"0000"}`,
		"cut": good[:len(good)-1], "followed": good + "{}", "Latin-1": "{\"RETCODE\":\"0000\",\"RETMSG\":\"\xd6\xd0\"}",
		"no Base64":         `{"RETCODE":"0000","ENCRYPT":"***"}`,
		"half a block":      `{"RETCODE":"0000","ENCRYPT":"` + base64.StdEncoding.EncodeToString(make([]byte, 64)) + `"}`,
		"another key":       `{"RETCODE":"0000","ENCRYPT":"` + base64.StdEncoding.EncodeToString(encryptBlock(&k.platform.PublicKey, []byte("{}"))) + `"}`,
		"sealed garbage":    k.reply("0000", "PAYSTATE=1"),
		"another code":      k.reply("0000", `{"RETCODE":"0001","PAYSTATE":"1"}`),
		"two states":        k.reply("0000", `{"PAYSTATE":"1","PAYSTATE":"2"}`),
		"sealed in Latin-1": k.reply("0000", "{\"DESC\":\"\xd6\xd0\"}"),
	} {
		r, err := answering(t, 200, reply).post(t, nil)
		if err == nil {
			t.Errorf("%s was read: %+v", name, r)
			continue
		}
		if _, unsent := wire.Failure(err); unsent != nil {
			t.Errorf("%s: the message left, and the error says %v", name, unsent)
		}
	}
	if _, err := answering(t, 500, good).post(t, nil); err == nil {
		t.Error("HTTP status 500 was read")
	}
}

// TestNothingLeaves: what fails before sending is the call's error.
func TestNothingLeaves(t *testing.T) {
	t.Parallel()
	for _, missing := range []string{testParty.Private, testParty.Platform} {
		x := answering(t, 200, "{}")
		x.host.Credentials[missing] = ""
		_, err := x.post(t, nil)
		if _, unsent := wire.Failure(err); !errors.Is(unsent, &sdk.Error{Code: sdk.ErrInvalidCredential}) || x.host.Sends() != 0 {
			t.Errorf("without %s: %v, %d sent", missing, err, x.host.Sends())
		}
	}
	x := answering(t, 200, "{}")
	_, err := Post(t.Context(), x.call, Party{URL: testParty.URL, Private: testParty.Private, Platform: testParty.Platform}, CommandPayout, nil)
	if _, unsent := wire.Failure(err); !errors.Is(unsent, &sdk.Error{Code: sdk.ErrInvalidCredential}) || x.host.Sends() != 0 {
		t.Errorf("without a number: %v", err)
	}
	x = answering(t, 200, "{}")
	x.call = x.host.Call(t.Context(), sdk.CapCreatePayout, "", "{}")
	if _, unsent := wire.Failure(second(x.post(t, nil))); !errors.Is(unsent, &sdk.Error{Code: sdk.ErrInvalidRequest}) || x.host.Sends() != 0 {
		t.Errorf("without an address: %v", unsent)
	}
}

func second(_ Reply, err error) error { return err }

// TestKeysGoneAfterSending: the same host error means the opposite once the message has left.
func TestKeysGoneAfterSending(t *testing.T) {
	t.Parallel()
	x := answering(t, 200, readKeys(t).reply("0000", `{"PAYSTATE":"1"}`))
	grant := x.host.Manifest.Grants[sdk.CapCreatePayout]
	grant.Keys[0].Operations = []string{sdk.OpSign}
	_, err := x.post(t, nil)
	if text, unsent := wire.Failure(err); unsent != nil || !strings.Contains(text.Message, "not granted") {
		t.Errorf("%v: %v", err, unsent)
	}
}

func TestMessageInItsSpellings(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"RETMSG", "RETMMSG", "REMSG"} {
		r, err := answering(t, 200, `{"RETCODE":"1031","`+name+`":" 商户余额不足 "}`).post(t, nil)
		if err != nil || r.Text() != (sdk.ProviderText{Code: "1031", Message: "商户余额不足"}) {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

// TestFailuresAreNotOpened: of a code other than 0000 the code alone decides (trap P13).
func TestFailuresAreNotOpened(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"0001", "1031"} {
		for _, sealed := range []string{`***`, ``, readKeys(t).sealed(`{"PAYSTATE":"1"}`, 117)} {
			r, err := answering(t, 200, `{"RETCODE":"`+code+`","ENCRYPT":"`+sealed+`"}`).post(t, nil)
			if err != nil || r.Code != code || r.Fields != nil {
				t.Errorf("%s, ENCRYPT %.20q: %+v, %v", code, sealed, r, err)
			}
		}
	}
}

// FuzzOpened: no decrypted message panics or succeeds without naming the payout and the amount.
func FuzzOpened(f *testing.F) {
	for _, seed := range []string{
		`{"PAYSTATE":"1","ORDERNO":"` + testOrder + `","AMT":"100","MERNO":"001440353999853","BSORDERNO":"2017122500004124","DESC":"代付成功"}`,
		`{"PAYSTATE":1,"ORDERNO":"1","AMT":100,"CURTYPE":1}`, `{"PAYSTATE":[],"AMT":{}}`, `{"ACCINFO":"[{\"BALANCE\":1}]","RSPTIME":"20260101120000"}`,
		`{"ACCINFO":[{"BALANCE":1,"BALANCEPAY":"2","ADVANCEPAY":3,"MERTYPE":"2","LIMIT_TOP":"50000.00","BEGIN_AT":"0900","SETTLE_AT":16}]}`, `{"ACCINFO":null}`, `[`, ``,
	} {
		f.Add([]byte(seed))
	}
	asked := Payout{Merchant: testMerchant, OrderNo: testOrder, Amount: sdk.Fen(100), AmountNamed: true}
	f.Fuzz(func(t *testing.T, plain []byte) {
		fields, err := wire.ReadObject(plain)
		if err != nil {
			return
		}
		r := Reply{Code: codeSuccess, Fields: fields}
		result := r.Result(r.Queried(), asked)
		if result.Outcome == sdk.OutcomeSucceeded && (result.OrderNo != testOrder || result.Amount != sdk.Fen(100)) {
			t.Errorf("%s succeeded as %+v", plain, result)
		}
		if _, err := r.Balances(BalanceRules{ClassField: "MERTYPE", LimitsInYuan: true}); err == nil && fields["ACCINFO"] == "" {
			t.Errorf("%s has balances", plain)
		}
	})
}
