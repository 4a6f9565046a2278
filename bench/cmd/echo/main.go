// Command echo is the provider plugin that `make bench` measures a plugin's process with.
// It does what a plugin does for a payment: read the settings, write JSON, have it digested
// with a key, send it, read the answer. Started by the host it is a plugin; started as
//
//	echo URL CALLS
//
// it runs the same code against URL in its own process and prints the median in nanoseconds.
package main

import (
	"bytes"
	"context"
	"crypto/md5" //nolint:gosec // what many providers sign with
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

func main() {
	if len(os.Args) != 3 {
		sdk.Serve(provider{})
		return
	}
	if err := measure(os.Args[1], os.Args[2]); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "echo:", err)
		os.Exit(1)
	}
}

const (
	key  = "key"
	path = "/pay"
)

type provider struct{}

// Manifest grants what one payment needs.
func (provider) Manifest() sdk.Manifest {
	return sdk.Manifest{
		ID: "echo", Name: sdk.Text{ZH: "基准", EN: "Benchmark"}, Version: "1", ProtocolVersion: sdk.ProtocolVersion,
		Products: []sdk.Product{{
			ID: "scan", Name: sdk.Text{ZH: "扫码", EN: "Scan"}, Capabilities: []sdk.Capability{sdk.CapCreatePayment},
			Methods: []sdk.MethodSpec{{Method: sdk.MethodBarcode, Name: sdk.Text{ZH: "扫付款码", EN: "Scan the payer's code"}}},
		}},
		Settings: json.RawMessage(`{"type":"object"}`),
		Credentials: json.RawMessage(`{"type":"object","properties":{"` + key +
			`":{"type":"string","x-type":"md5_key","x-label":{"zh":"密钥","en":"Key"}}}}`),
		Grants: map[sdk.Capability]sdk.Grant{sdk.CapCreatePayment: {
			Sends: 1, Requests: []sdk.GrantRequest{{Method: http.MethodPost, Path: path}},
			Keys: []sdk.GrantKey{{Name: key, Operations: []string{sdk.OpDigest}}},
		}},
		ReplyAuthentication: sdk.ReplyTLSOnly, Redact: []string{"payer_code"},
	}
}

// CreatePayment makes one exchange.
func (provider) CreatePayment(ctx context.Context, call *sdk.Call, req sdk.PaymentRequest) (sdk.PaymentResult, error) {
	var settings struct{ Device string }
	if err := call.Bind(&settings); err != nil {
		return sdk.PaymentResult{}, err
	}
	body, err := json.Marshal(map[string]string{
		"order_no": req.OrderNo, "amount": strconv.FormatInt(req.Amount.Minor, 10), "subject": req.Subject,
		"payer_code": req.PayerCode.Text(), "device": settings.Device,
	})
	if err != nil {
		return sdk.PaymentResult{}, err
	}
	sum, err := call.Digest(key, sdk.MD5, sdk.Bytes(body), sdk.Key())
	if err != nil {
		return sdk.PaymentResult{}, err
	}
	hr, err := http.NewRequestWithContext(ctx, http.MethodPost, call.BaseURL+path, bytes.NewReader(body))
	if err != nil {
		return sdk.PaymentResult{}, err
	}
	hr.Header.Set("Content-Type", "application/json")
	hr.Header.Set("Authorization", hex.EncodeToString(sum))
	resp, err := call.HTTP().Do(hr)
	if err != nil {
		return sdk.PaymentResult{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	var reply struct {
		Status string `json:"status"`
		Number string `json:"number"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&reply); err != nil || reply.Status != "PAID" {
		return sdk.PaymentResult{Outcome: sdk.OutcomeUnknown}, err
	}
	return sdk.PaymentResult{Outcome: sdk.OutcomeSucceeded, ProviderOrderNo: reply.Number}, nil
}

// inProcess is the host for a plugin in the same process: the key and the network without a
// wire, a grant or a record in between.
type inProcess struct {
	sdk.Host // what is not needed here

	client *http.Client
}

// Send implements sdk.Host.
func (h inProcess) Send(req *http.Request, _ sdk.HTTPOptions) (*http.Response, error) {
	return h.client.Do(req) //nolint:gosec // the benchmark's own address
}

// Digest implements sdk.Host.
func (inProcess) Digest(_ context.Context, _ string, _ sdk.DigestAlgorithm, parts []sdk.Part) ([]byte, error) {
	sum := md5.New() //nolint:gosec // see above
	for _, p := range parts {
		if p.IsKey {
			p.Data = []byte("benchmark-key")
		}
		_, _ = sum.Write(p.Data)
	}
	return sum.Sum(nil), nil
}

func measure(url, calls string) error {
	n, err := strconv.Atoi(calls)
	if err != nil || n < 1 {
		return fmt.Errorf("%q is no number of calls", calls)
	}
	host := inProcess{client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 4, DisableCompression: true}}}
	took := make([]time.Duration, 0, n)
	for i := range n + n/10 {
		began := time.Now()
		if err := payOnce(host, url, i); err != nil {
			return err
		}
		if i >= n/10 { // the first ones warm up
			took = append(took, time.Since(began))
		}
	}
	slices.Sort(took)
	_, err = fmt.Fprintln(os.Stdout, took[len(took)/2].Nanoseconds())
	return err
}

func payOnce(host sdk.Host, url string, i int) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	call := sdk.NewCall(ctx, sdk.CallInfo{Operation: sdk.CapCreatePayment, BaseURL: url, Settings: json.RawMessage(`{}`)}, host)
	result, err := provider{}.CreatePayment(ctx, call, sdk.PaymentRequest{
		OrderNo: fmt.Sprintf("%020d", i), Method: sdk.MethodBarcode, Amount: sdk.Fen(100), Subject: "bench", PayerCode: sdk.SecretString("281234567890123456"),
	})
	if err == nil && result.Outcome != sdk.OutcomeSucceeded {
		err = errors.New("the payment did not succeed")
	}
	return err
}
