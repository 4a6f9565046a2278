package sdk_test

import (
	"context"
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/sdktest"
)

func isCode(err error, code string) bool { return errors.Is(err, &sdk.Error{Code: code}) }

// keyed is a call that may do everything with an account's keys.
func keyed() *sdk.Call {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil
	}
	all := []string{sdk.OpSign, sdk.OpVerify, sdk.OpEncrypt, sdk.OpDecrypt, sdk.OpSeal, sdk.OpOpen, sdk.OpDigest}
	host := &sdktest.Host{
		Manifest: sdk.Manifest{
			Credentials: []byte(`{"properties":{"rsa":{"x-type":"rsa_private"},"aes":{"x-type":"aes_key"},"iv":{"x-type":"iv"},"md5":{"x-type":"md5_key"}}}`),
			Grants: map[sdk.Capability]sdk.Grant{sdk.CapCheckIn: {
				Keys:   []sdk.GrantKey{{Name: "rsa", Operations: all}, {Name: "aes", Operations: all}, {Name: "md5", Operations: all}},
				Reveal: []string{"md5"}, Rotate: []string{"md5"},
			}},
		},
		Credentials: map[string]string{
			"rsa": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), "aes": "0123456789abcdef0123456789abcdef", "iv": "fedcba9876543210", "md5": "8934e7d15453e97507ef794cf7b0519d",
		},
		Clock: time.Now,
		Answer: func(*http.Request) (*http.Response, error) {
			return nil, sdk.Errorf(sdk.ErrNotSent, "Nobody is there.")
		},
	}
	return host.Call(context.Background(), sdk.CapCheckIn, "", `{}`)
}

// Signer signs a digest with a private key that the plugin never sees; any library that takes a
// crypto.Signer takes it.
func ExampleCall_Signer() {
	call := keyed()
	digest := sha256.Sum256([]byte("GET\n/v3/certificates\n1767240000\n"))
	signature, err := call.Signer("rsa").Sign(nil, digest[:], crypto.SHA256)
	fmt.Println(len(signature), err)
	fmt.Println(call.Verify("rsa", sdk.PKCS1v15SHA256, digest[:], signature))
	// Output:
	// 256 <nil>
	// <nil>
}

// Verify fails with ErrVerification when a signature does not hold. Any other error means that it
// could not be checked.
func ExampleCall_Verify() {
	call := keyed()
	digest := sha256.Sum256([]byte("what the provider says"))
	err := call.Verify("rsa", sdk.PKCS1v15SHA256, digest[:], make([]byte, 256))
	fmt.Println(isCode(err, sdk.ErrVerification))
	// Output: true
}

func ExampleCall_Decrypter() {
	call := keyed()
	sealed, err := call.Encrypt("rsa", sdk.EncryptOAEPSHA1, []byte("a payee's name"))
	fmt.Println(err)
	plain, err := call.Decrypter("rsa").Decrypt(nil, sealed, &rsa.OAEPOptions{Hash: crypto.SHA1})
	fmt.Println(string(plain), err)
	// Output:
	// <nil>
	// a payee's name <nil>
}

// AEAD opens what the provider sealed with AES-GCM under a shared key.
func ExampleCall_AEAD() {
	call := keyed()
	nonce, additional := []byte("fdasfjihihih"), []byte("transaction")
	sealed := call.AEAD("aes").Seal(nil, nonce, []byte(`{"trade_state":"SUCCESS"}`), additional)
	plain, err := call.AEAD("aes").Open(nil, nonce, sealed, additional)
	fmt.Println(string(plain), err)
	_, err = call.AEAD("aes").Open(nil, nonce, sealed, []byte("refund"))
	fmt.Println(isCode(err, sdk.ErrVerification))
	// Output:
	// {"trade_state":"SUCCESS"} <nil>
	// true
}

// Block is AES-CBC with the key and the IV by name, for older providers.
func ExampleCall_Block() {
	block := keyed().Block("aes", "iv")
	sealed, err := block.Encrypt([]byte("13800138000"))
	fmt.Println(len(sealed), err)
	plain, err := block.Decrypt(sealed)
	fmt.Println(string(plain), err)
	// Output:
	// 16 <nil>
	// 13800138000 <nil>
}

// Digest puts the key where the provider wants it, or keys an HMAC with it. Compare with hmac.Equal.
func ExampleCall_Digest() {
	call := keyed()
	sum, err := call.Digest("md5", sdk.MD5, sdk.String("amount=1&order=2&key="), sdk.Key())
	fmt.Println(hex.EncodeToString(sum), err)
	mac, err := call.Digest("md5", sdk.HMACSHA256, sdk.Bytes([]byte(`{"amount":1}`)))
	given, _ := hex.DecodeString("00")
	fmt.Println(len(mac), err, hmac.Equal(mac, given))
	// Output:
	// c70ed4c3153cfceb953f41def8611dcd <nil>
	// 32 <nil> false
}

// PublicKey is public: any operation that is granted with a key is enough to read it.
func ExampleCall_PublicKey() {
	key, err := keyed().PublicKey("rsa")
	public, ok := key.(*rsa.PublicKey)
	fmt.Println(ok, public.Size(), err)
	// Output: true 256 <nil>
}

// Previous names a credential in the version before: what comes late was signed with the old key.
// A test gives that version's as Host.Previous.
func ExamplePrevious() {
	host := &sdktest.Host{
		Manifest: sdk.Manifest{Grants: map[sdk.Capability]sdk.Grant{
			sdk.CapInbound: {Keys: []sdk.GrantKey{{Name: "key", Operations: []string{sdk.OpDigest}}}},
		}},
		Credentials: map[string]string{"key": "the new key"}, Previous: map[string]string{"key": "the old key"}, Clock: time.Now,
	}
	call := host.Call(context.Background(), sdk.CapInbound, "", `{}`)
	late, _ := hex.DecodeString("633019515316c79e4e29b552224a8d31c8829ee691a4f7df1f43e3b099262582")
	for _, name := range []string{"key", sdk.Previous("key")} {
		mac, err := call.Digest(name, sdk.HMACSHA256, sdk.String("a late notice"))
		fmt.Println(name, err, hmac.Equal(mac, late))
	}
	// Output:
	// key <nil> false
	// key@previous <nil> true
}

// Rotate stores what the provider has issued before it returns; what is not named is kept.
func ExampleCall_Rotate() {
	call := keyed()
	fmt.Println(call.Rotate(map[string]sdk.Secret{"md5": sdk.SecretString("a new key of the provider's")}))
	err := call.Rotate(map[string]sdk.Secret{"rsa": sdk.SecretString("not granted")})
	fmt.Println(isCode(err, sdk.ErrDenied))
	// Output:
	// <nil>
	// true
}

// Reveal is for what nothing else can do. Operators see that it is asked for, in red.
func ExampleCall_Reveal() {
	call := keyed()
	secret, err := call.Reveal("md5")
	fmt.Println(secret, len(secret.Text()), err)
	_, err = call.Reveal("rsa")
	fmt.Println(isCode(err, sdk.ErrDenied))
	// Output:
	// [redacted] 32 <nil>
	// true
}

// Log is for what an operator would want to know. No secrets: the host redacts what it knows, and
// does not know everything.
func ExampleCall_Log() {
	keyed().Log().Warn("the provider announces a new certificate", "serial", "5157F09EFDC096DE")
	// Output:
}

// HTTPWith asks for more room, for a bill, or for less time.
func ExampleCall_HTTPWith() {
	client := keyed().HTTPWith(sdk.HTTPOptions{MaxResponse: 32 << 20, Timeout: 20 * time.Second})
	req, _ := http.NewRequestWithContext(context.Background(), http.MethodGet, "https://provider.example/bill", http.NoBody)
	resp, err := client.Do(req)
	if err == nil {
		_ = resp.Body.Close()
	}
	fmt.Println(isCode(err, sdk.ErrDenied)) // this call is granted no request
	// Output: true
}
