package sdk_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/sdktest"
)

// tiny is a whole plugin: `func main() { sdk.Serve(tiny{}) }` is what is missing. It can do no more
// than ask what became of an order.
type tiny struct{}

func (tiny) Manifest() sdk.Manifest {
	return sdk.Manifest{
		ID: "tiny", Name: sdk.Text{ZH: "小支付", EN: "Tiny Pay"}, Version: "1.0.0", ProtocolVersion: sdk.ProtocolVersion,
		Products: []sdk.Product{{
			ID: "qr", Name: sdk.Text{ZH: "扫码", EN: "QR"}, Capabilities: []sdk.Capability{sdk.CapQueryPayment},
			Methods: []sdk.MethodSpec{{Method: sdk.MethodQR, Name: sdk.Text{ZH: "收款码", EN: "QR code"}}},
		}},
		Settings: []byte(`{"type":"object","additionalProperties":false,"properties":{}}`),
		Credentials: []byte(`{"type":"object","additionalProperties":false,"properties":{
			"merchant_id":{"type":"string","x-type":"merchant_number","x-label":{"zh":"商户号","en":"Merchant id"}}}}`),
		Hosts: []string{"api.tiny.example"},
		Grants: map[sdk.Capability]sdk.Grant{
			sdk.CapQueryPayment: {Sends: 1, Requests: []sdk.GrantRequest{{Method: "GET", Path: "/m/{merchant_id}/orders/{order_no}"}}},
		},
		OrderNumber: sdk.OrderNumberRule{MaxLength: 32},
		Poll: sdk.PollSchedule{
			Fast: []time.Duration{3 * time.Second}, Window: time.Minute, Tail: []time.Duration{time.Minute, time.Hour}, Horizon: 10 * time.Minute,
		},
		ReplyAuthentication: sdk.ReplyTLSOnly, // the host then insists on https
		Redact:              []string{"payer_phone"},
	}
}

func (tiny) QueryPayment(ctx context.Context, call *sdk.Call, ref sdk.OrderRef) (sdk.PaymentResult, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, call.BaseURL+"/m/"+call.Merchant("merchant_id")+"/orders/"+ref.OrderNo, http.NoBody)
	if err != nil {
		return sdk.PaymentResult{}, sdk.Errorf(sdk.ErrInvalidRequest, "The account's address cannot be used: %v.", err)
	}
	resp, err := call.HTTP().Do(req)
	if err != nil {
		return sdk.PaymentResult{}, err // the host knows whether anything left
	}
	defer func() { _ = resp.Body.Close() }()
	word, err := io.ReadAll(resp.Body)
	if err != nil {
		return sdk.PaymentResult{}, err
	}
	result := sdk.PaymentResult{Outcome: sdk.OutcomeUnknown, Provider: sdk.ProviderText{Code: resp.Status, Message: string(word)}}
	if resp.StatusCode == http.StatusOK && string(word) == "paid "+ref.OrderNo {
		result.Outcome, result.OrderNo = sdk.OutcomeSucceeded, ref.OrderNo
	}
	return result, nil
}

// replying is a host whose provider gives one answer.
func replying(p sdk.Provider, status int, body string) *sdktest.Host {
	return &sdktest.Host{
		Manifest: p.Manifest(), Credentials: map[string]string{"merchant_id": "10000001"},
		Clock: func() time.Time { return time.Date(2026, 1, 1, 12, 0, 0, 0, sdk.Beijing()) },
		Answer: func(req *http.Request) (*http.Response, error) {
			fmt.Println(req.Method, req.URL)
			return &http.Response{StatusCode: status, Status: http.StatusText(status), Body: io.NopCloser(strings.NewReader(body)), Request: req}, nil
		},
	}
}

// A whole plugin, called as the host calls it.
func Example() {
	ref := sdk.OrderRef{OrderNo: "26010100010000000001", Amount: sdk.Fen(1230)}
	for _, said := range []string{"paid 26010100010000000001", "<html>oops</html>"} {
		call := replying(tiny{}, http.StatusOK, said).Call(context.Background(), sdk.CapQueryPayment, "https://api.tiny.example", `{}`)
		result, err := tiny{}.QueryPayment(context.Background(), call, ref)
		fmt.Println(result.Outcome, err)
	}
	// Output:
	// GET https://api.tiny.example/m/10000001/orders/26010100010000000001
	// succeeded <nil>
	// GET https://api.tiny.example/m/10000001/orders/26010100010000000001
	// unknown <nil>
}

func ExampleCapabilities() {
	fmt.Println(sdk.Capabilities(tiny{}))
	// Output: [query_payment]
}

// What is outside the grant is refused, with a code that programs can read.
func ExampleError_Is() {
	call := replying(tiny{}, http.StatusOK, "").Call(context.Background(), sdk.CapQueryPayment, "https://api.tiny.example", `{}`)
	req, _ := http.NewRequestWithContext(context.Background(), http.MethodGet, "https://api.tiny.example/admin", http.NoBody)
	resp, err := call.HTTP().Do(req)
	if err == nil {
		_ = resp.Body.Close()
	}
	fmt.Println(isCode(err, sdk.ErrDenied), isCode(err, sdk.ErrNotSent))
	// Output: true false
}

func ExampleCall_Bind() {
	call := replying(tiny{}, http.StatusOK, "").Call(context.Background(), sdk.CapQueryPayment, "", `{"shop":"Nanjing Road"}`)
	settings := struct {
		Shop string `json:"shop"`
		Days int    `json:"days"`
	}{Days: 7} // the default: the account's settings hold what people entered
	fmt.Println(call.Bind(&settings), settings.Shop, settings.Days)
	// Output: <nil> Nanjing Road 7
}

// The address for notices of kind "p" travels with an order; it is empty when the host has none.
func ExampleCall_Callback() {
	call := replying(tiny{}, http.StatusOK, "").Call(context.Background(), sdk.CapQueryPayment, "", `{}`)
	fmt.Println(call.Callback("p"))
	// Output: https://pay.example/in/0123456789p
}

// Times of Chinese providers, without zone data: a confined plugin has no files.
func ExampleBeijing() {
	call := replying(tiny{}, http.StatusOK, "").Call(context.Background(), sdk.CapQueryPayment, "", `{}`)
	fmt.Println(call.Now().In(sdk.Beijing()).Format("20060102150405"))
	paid, err := time.ParseInLocation("20060102150405", "20260101120501", sdk.Beijing())
	fmt.Println(paid.UTC(), err)
	// Output:
	// 20260101120000
	// 2026-01-01 04:05:01 +0000 UTC <nil>
}

// Amounts are fen in int64. There is no float.
func ExampleFen() {
	amount := sdk.Fen(1230)
	fmt.Printf("%d fen, %d.%02d yuan, %s\n", amount.Minor, amount.Minor/100, amount.Minor%100, amount.Currency)
	fmt.Println("not stated:", sdk.Money{}.Currency == "")
	// Output:
	// 1230 fen, 12.30 yuan, CNY
	// not stated: true
}

// A secret prints as [redacted], wherever it gets to. Text is the one way out.
func ExampleSecret() {
	code := sdk.SecretString("134567890123456789")
	fmt.Printf("%v %s %#v %d\n", code, code, code, len(code.Text()))
	// Output: [redacted] [redacted] [redacted] 18
}

// What the payer does next: scan, go to a page, or hand the wallet what it takes.
func ExampleNextAction() {
	scan := sdk.NextAction{Type: sdk.ActionShowQR, QRContent: "weixin://wxpay/bizpayurl?pr=1"}
	page := sdk.NextAction{Type: sdk.ActionRedirect, URL: "https://pay.example/h5/1"}
	wallet := sdk.NextAction{Type: sdk.ActionInvokeWallet, Fields: map[string]string{"package": "prepay_id=1", "signType": "RSA"}}
	fmt.Println(scan.Type, page.Type, wallet.Type)
	// Output: show_qr redirect invoke_wallet
}

// Header finds a header in any case, and none where two could be meant.
func ExampleInboundRequest_Header() {
	req := sdk.InboundRequest{Headers: map[string]string{"Wechatpay-Serial": "5157F09EFDC096DE", "a": "1", "A": "2"}}
	fmt.Printf("%q %q %q\n", req.Header("wechatpay-serial"), req.Header("A"), req.Header("Authorization"))
	// Output: "5157F09EFDC096DE" "" ""
}

// Each status of the document in one switch; what is not in it proves nothing.
func ExampleOutcome() {
	outcome := func(status string) sdk.Outcome {
		switch status {
		case "SUCCESS":
			return sdk.OutcomeSucceeded
		case "NOTPAY", "USERPAYING":
			return sdk.OutcomeInProgress
		case "CLOSED":
			return sdk.OutcomeClosed
		default:
			return sdk.OutcomeUnknown
		}
	}
	fmt.Println(outcome("SUCCESS"), outcome("NOTPAY"), outcome("A_STATUS_OF_NEXT_YEAR"))
	// Output: succeeded in_progress unknown
}
