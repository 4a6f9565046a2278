package wire

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

const testKey = "0123456789abcdef0123456789abcdef"

// keyHost knows keys by name and nothing else; anything else that is asked of it panics.
type keyHost struct {
	sdk.Host

	keys map[string]string
}

func (h keyHost) Digest(_ context.Context, name string, alg sdk.DigestAlgorithm, parts []sdk.Part) ([]byte, error) {
	key, ok := h.keys[name]
	if !ok || alg != sdk.MD5 {
		return nil, sdk.Errorf(sdk.ErrInvalidCredential, "There is no key %s.", name)
	}
	sum := md5.New()
	for _, p := range parts {
		if p.IsKey {
			p.Data = []byte(key)
		}
		sum.Write(p.Data)
	}
	return sum.Sum(nil), nil
}

func keyed(t *testing.T, keys map[string]string) *sdk.Call {
	t.Helper()
	return sdk.NewCall(t.Context(), sdk.CallInfo{BaseURL: "https://mmsp.example"}, keyHost{keys: keys})
}

func account() Account { return Account{Merchant: "001", Terminal: "84", Key: "md5_key"} }

func sum(text string) string {
	digest := md5.Sum([]byte(text + "&key=" + testKey))
	return strings.ToUpper(hex.EncodeToString(digest[:]))
}

// TestSignedText: what is signed of a Body that came in. The right column is what PHP's
// json_encode with JSON_UNESCAPED_UNICODE writes after ksort, which the document describes.
func TestSignedText(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		`{"B":"2","A":"1"}`: `{"A":"1","B":"2"}`,
		`{"REFUND_TIME":"1","REFUNDS":"2","REFUND":"3","a":"4"}`:       `{"REFUND":"3","REFUNDS":"2","REFUND_TIME":"1","a":"4"}`,
		` { "A" : 8 , "B" : "8" } `:                                    `{"A":8,"B":"8"}`,
		`{"A":1.50,"B":1e3,"C":-0,"D":12345678901234567890}`:           `{"A":1.50,"B":1e3,"C":-0,"D":12345678901234567890}`,
		`{"U":"http://a/b","V":"http:\/\/a\/b"}`:                       `{"U":"http:\/\/a\/b","V":"http:\/\/a\/b"}`,
		`{"A":"\u4e2d\u6587 \ud83d\ude00 \u003c\u003e\u0026\u0027\""}`: `{"A":"中文 😀 <>&'\""}`,
		`{"A":"","B":null,"C":true,"D":false}`:                         `{"A":"","B":null,"C":true,"D":false}`,
		`{"L":[ {"Z":"1","A":"/"} , [] , {} ],"A":{"z":1,"a":2}}`:      `{"A":{"z":1,"a":2},"L":[{"Z":"1","A":"\/"},[],{}]}`,
		`{"A":"a\\b\tc\nd\u0001\u007f"}`:                               "{\"A\":\"a\\\\b\\tc\\nd\\u0001\u007f\"}",
		`{"A/B":"1"}`:                                                  `{"A\/B":"1"}`,
	} {
		body, err := readBody([]byte(raw))
		if err != nil || string(body.signedText()) != want {
			t.Errorf("%s: %s, %v; want %s", raw, body.signedText(), err, want)
		}
	}
}

// TestKnownSignature: one value computed with openssl:
// printf '%s' '{"AMT":"1","URL":"http:\/\/a\/中_<&>"}&key=0123456789abcdef0123456789abcdef' | openssl md5
func TestKnownSignature(t *testing.T) {
	t.Parallel()
	const want = "0E298955289090588106E3EF2CAFE323"
	sent, err := Sign(keyed(t, map[string]string{"md5_key": testKey}), account(), ScanQuery, map[string]string{"URL": "http://a/中_<&>", "AMT": "1", "EMPTY": ""})
	if err != nil {
		t.Fatal(err)
	}
	if text := string(sent); !strings.Contains(text, `"Body":{"AMT":"1","URL":"http://a/中_<&>"},"Sign":"`+want+`"`) {
		t.Errorf("%s", text)
	}
}

func TestBodiesOfAnotherForm(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		"{", "[]", "1", `"text"`, "true", `{"A"}`, `{"A":}`, `{"A":1,}`, `{"A":1}{}`, `{"A":1} x`, `{"A":1,"A":1}`, `{"A":{"B":1,"B":2}}`,
		`{"A":1,"\u0041":2}`, "{\"A\":\"\xff\"}", "\xef\xbb\xbf{}", `{"A":01}`, `{"A":+1}`, `{"A":'1'}`, `{1:1}`,
		`{"A":` + strings.Repeat("[", 20) + strings.Repeat("]", 20) + "}", strings.Repeat(`{"A":`, 100_000),
	} {
		if body, err := readBody([]byte(raw)); !errors.Is(err, errForm) || body != nil {
			t.Errorf("%.60q: %v, %v", raw, body, err)
		}
	}
	for _, raw := range []string{"", " ", "null", `""`} {
		if body, err := readBody([]byte(raw)); err != nil || body != nil {
			t.Errorf("%q: %v, %v", raw, body, err)
		}
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	body, err := readBody([]byte(`{"S":"a/\"中","N":8,"Z":null,"E":"","T":true,"O":{"a":1},"L":["x"]}`))
	if err != nil {
		t.Fatal(err)
	}
	for names, want := range map[string]string{"S": `a/"中`, "N": "8", "Z": "", "X": "", "E": "", "T": "true", "O": `{"a":1}`, "L": `["x"]`, "X N": "8", "Z S": `a/"中`, "E S": ""} {
		if got := body.Text(strings.Fields(names)...); got != want {
			t.Errorf("%s: %q, want %q", names, got, want)
		}
	}
}

func TestJSONInAText(t *testing.T) {
	t.Parallel()
	inner, err := json.Marshal(`{"appId":"wx/1","timeStamp":1767240000,"nested":{"u":"a/b"},"none":null}`)
	if err != nil {
		t.Fatal(err)
	}
	body, err := readBody(fmt.Appendf(nil, `{"PAY_INFO":%s}`, inner))
	if err != nil {
		t.Fatal(err)
	}
	got, err := body.JSON("PAY_INFO")
	if err != nil || got["appId"] != "wx/1" || got["timeStamp"] != "1767240000" || got["nested"] != `{"u":"a/b"}` || got["none"] != "" {
		t.Errorf("%v, %v", got, err)
	}
}

func TestAmount(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{"0": 0, "1": 1, "007": 7, "9223372036854775807": 1<<63 - 1} {
		if m, ok := Amount(text); !ok || m != sdk.Fen(want) {
			t.Errorf("%q: %v, %v", text, m, ok)
		}
	}
	for _, text := range []string{"", "-1", "+1", " 1", "1.0", "1e3", "0x1", "9223372036854775808", "99999999999999999999", "000000000000000000001", "１"} {
		if m, ok := Amount(text); ok || m != (sdk.Money{}) {
			t.Errorf("%q: %v", text, m)
		}
	}
}

func TestTime(t *testing.T) {
	t.Parallel()
	want := time.Date(2017, 9, 26, 7, 4, 35, 0, time.UTC)
	for layout, text := range map[string]string{compactTime: "20170926150435", dashedTime: "2017-09-26 15:04:35"} {
		if got := Time(layout, text); !got.Equal(want) {
			t.Errorf("%s: %s", text, got)
		}
		for _, bad := range []string{"", "0", "2017", text + "0", "00000000000000", "0000-00-00 00:00:00"} {
			if got := Time(layout, bad); !got.IsZero() {
				t.Errorf("%q: %s", bad, got)
			}
		}
	}
}

// TestCommands: every number is the document's decimal, and no two are alike in a product.
func TestCommands(t *testing.T) {
	t.Parallel()
	for number, command := range map[int]Command{
		771: QuickPay, 772: QuickConfirm, 773: QuickQuery, 774: QuickBind, 775: QuickUnbind, 776: QuickBindQuery, 777: QuickList, 778: QuickResend,
		779: QuickBoundPay, 780: QuickBoundCode, 781: QuickBindCode, 783: QuickUnionPay,
		2306: ScanWeChatOrder, 2307: ScanWeChatBarcode, 2321: ScanWeChatH5, 2308: ScanAlipayOrder, 2309: ScanAlipayBarcode, 1026: ScanAlipayStatic,
		1027: ScanAlipayDynamic, 1030: ScanAlipayH5, 2325: ScanQQOrder, 2326: ScanQQBarcode, 1031: ScanJDOrder, 1025: ScanUnionPayOrder,
		2310: ScanQuery, 2311: ScanCancel, 2312: ScanRefund, 2313: ScanRefundQuery, 2314: ScanClose,
		2322: GatewayPay, 2323: GatewayQuery, 782: GatewayList,
	} {
		if command.id != number {
			t.Errorf("%d is %d", number, command.id)
		}
	}
}

// TestPreviousKey: a notification may be signed with the key before a change; a reply may not.
func TestPreviousKey(t *testing.T) {
	t.Parallel()
	body := `{"AMT":1,"MERORDERID":"1","STATUS":"1"}`
	message := func(command int) []byte {
		return fmt.Appendf(nil, `{"CommandID":%d,"RetCode":1,"Body":%s,"Sign":%q}`, command, body, sum(body))
	}
	former := keyed(t, map[string]string{"md5_key": "new", sdk.Previous("md5_key"): testKey})
	if r, err := Notification(former, account(), ScanNotifications, message(2324)); err != nil || r.Status() != "1" {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := readReply(former, account(), ScanQuery, message(2310+0x8000)); !errors.Is(err, errSignature) {
		t.Errorf("a reply under the former key: %v", err)
	}
	never := keyed(t, map[string]string{"md5_key": "new"})
	if _, err := Notification(never, account(), ScanNotifications, message(2324)); !errors.Is(err, errSignature) {
		t.Errorf("no former key: %v", err)
	}
	none := keyed(t, nil)
	if _, err := Notification(none, account(), ScanNotifications, message(2324)); !errors.Is(err, &sdk.Error{Code: sdk.ErrInvalidCredential}) {
		t.Errorf("no key: %v", err)
	}
	// After it was sent, a key that cannot be read must not look as if nothing had been sent.
	_, err := readReply(none, account(), ScanQuery, message(2310+0x8000))
	if _, unsent := Failure(err); err == nil || unsent != nil {
		t.Errorf("a reply without a key: %v, %v", err, unsent)
	}
}

func TestEncodeLeavesHTMLAlone(t *testing.T) {
	t.Parallel()
	got, err := encodeFields(map[string]string{"B": "<a href='/x'>&", "A": "中", "E": ""})
	if err != nil || !bytes.Equal(got, []byte(`{"A":"中","B":"<a href='/x'>&"}`)) {
		t.Errorf("%s, %v", got, err)
	}
}
