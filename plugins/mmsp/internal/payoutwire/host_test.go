package payoutwire

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/sdktest"
)

const (
	testMerchant = "001440353999853"
	testOrder    = "26010100010000000001"
	testPath     = "/payout"
)

var testParty = Party{URL: "https://provider.invalid" + testPath, Merchant: testMerchant, Private: "private", Platform: "platform"}

// keys are the tests' own: the document's are damaged (seed 003, 代付 6.5).
type keys struct{ merchant, platform *rsa.PrivateKey }

func readKeys(t *testing.T) keys {
	t.Helper()
	return keys{merchant: readKey(t, "payout-merchant.key.pem"), platform: readKey(t, "payout-platform.key.pem")}
}

func readKey(t *testing.T, name string) *rsa.PrivateKey {
	t.Helper()
	block, _ := pem.Decode([]byte(readFile(t, name)))
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	private, ok := key.(*rsa.PrivateKey)
	if !ok {
		t.Fatalf("%s holds a %T", name, key)
	}
	return private
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// exchanged is one exchange with a canned reply.
type exchanged struct {
	host *sdktest.Host
	call *sdk.Call
	body string // what was sent
}

func answering(t *testing.T, status int, reply string) *exchanged {
	t.Helper()
	x := &exchanged{}
	x.host = &sdktest.Host{
		Manifest: sdk.Manifest{Grants: map[sdk.Capability]sdk.Grant{sdk.CapCreatePayout: {
			Sends: 1, Requests: []sdk.GrantRequest{{Method: "POST", Path: testPath}},
			Keys: []sdk.GrantKey{
				{Name: testParty.Private, Operations: []string{sdk.OpSign, sdk.OpDecrypt}},
				{Name: testParty.Platform, Operations: []string{sdk.OpEncrypt}},
			},
		}}},
		Credentials: map[string]string{
			testParty.Private: readFile(t, "payout-merchant.key.pem"), testParty.Platform: readFile(t, "payout-platform.pub.pem"),
		},
		Clock: func() time.Time { return time.Date(2026, 1, 1, 4, 0, 0, 0, time.UTC) },
		Answer: func(req *http.Request) (*http.Response, error) {
			raw, err := io.ReadAll(req.Body)
			x.body = string(raw)
			return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(reply)), Request: req}, err
		},
	}
	x.call = x.host.Call(t.Context(), sdk.CapCreatePayout, "https://provider.invalid", "{}")
	return x
}

func (x *exchanged) post(t *testing.T, fields map[string]string) (Reply, error) {
	t.Helper()
	return Post(t.Context(), x.call, testParty, CommandPayout, fields)
}

// sealed encrypts a message to the merchant in blocks of at most size bytes.
func (k keys) sealed(message string, size int) string {
	var out []byte
	for rest := []byte(message); len(rest) > 0; {
		n := min(size, len(rest))
		out, rest = append(out, encryptBlock(&k.merchant.PublicKey, rest[:n])...), rest[n:]
	}
	return base64.StdEncoding.EncodeToString(out)
}

// encryptBlock is PKCS #1 v1.5 with a fixed padding, by plain arithmetic.
func encryptBlock(key *rsa.PublicKey, data []byte) []byte {
	block := make([]byte, key.Size())
	for i := range block {
		block[i] = 0x5a
	}
	block[0], block[1], block[len(block)-len(data)-1] = 0, 2, 0
	copy(block[len(block)-len(data):], data)
	n := new(big.Int).SetBytes(block)
	return n.Exp(n, big.NewInt(int64(key.E)), key.N).FillBytes(block)
}

// reply is a reply with a message, or without one when it is empty.
func (k keys) reply(code, message string) string {
	outer := map[string]string{"RETCODE": code, "RETMSG": "说明"}
	if message != "" {
		outer["ENCRYPT"] = k.sealed(message, 117)
	}
	raw, err := json.Marshal(outer)
	if err != nil {
		panic(err)
	}
	return string(raw)
}
