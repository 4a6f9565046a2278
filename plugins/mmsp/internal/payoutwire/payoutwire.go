// Package payoutwire is the protocol of the payout product (seed 003, 代付接口规范): a message
// encrypted to the platform's key and signed with the merchant's, and a reply encrypted to the
// merchant's key that nobody signs.
package payoutwire

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha1" //nolint:gosec // the provider signs with SHA1withRSA (seed 003, 代付 3.1)
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/mmsp/internal/wire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// The commands (seed 003, 代付 6.1.1), in decimal as the section wants them sent.
const (
	CommandPayout  = "4097" // 0x1001
	CommandQuery   = "4098" // 0x1002
	CommandBalance = "4099" // 0x1003
)

// version is the payout's; the MD5 products have another (trap P17).
const version = "1.0"

// TimeLayout is that of REQTIME and RSPTIME, in Beijing time.
const TimeLayout = "20060102150405"

// Party is who pays out, and where.
type Party struct {
	URL      string // the address of the product
	Merchant string // MERNO itself
	Private  string // the merchant's private key, by name: signs requests and opens replies
	Platform string // the platform's public key, by name: requests are encrypted to it
}

// Post sends one command. fields are the command's own: what every message has is added here,
// and an empty field is left out. An error means that there is no reply to believe;
// wire.Failure says what follows from it.
func Post(ctx context.Context, call *sdk.Call, party Party, command string, fields map[string]string) (Reply, error) {
	req, err := request(ctx, call, party, message(call, party, command, fields))
	if err != nil {
		return Reply{}, wire.Unsent(err)
	}
	raw, err := wire.Do(call, req, "")
	if err != nil {
		return Reply{}, err
	}
	return open(call, party, raw)
}

func request(ctx context.Context, call *sdk.Call, party Party, message map[string]string) (*http.Request, error) {
	switch {
	case call.BaseURL == "":
		return nil, wire.ErrNoAddress()
	case party.Merchant == "":
		return nil, sdk.Errorf(sdk.ErrInvalidCredential, "The account has no merchant number for payouts (MERNO): enter it among the account's credentials.")
	}
	body, err := seal(call, party, message)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, party.URL, bytes.NewReader(body))
	if err != nil {
		return nil, sdk.Errorf(sdk.ErrInvalidRequest, "The account's address cannot be used: %v.", err)
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	return req, nil
}

func message(call *sdk.Call, party Party, command string, fields map[string]string) map[string]string {
	sent := map[string]string{
		"CMDID": command, "VERSION": version, "MERNO": party.Merchant, "REQTIME": call.Now().In(sdk.Beijing()).Format(TimeLayout),
	}
	for name, value := range fields {
		if value != "" {
			sent[name] = value
		}
	}
	return sent
}

// envelope is a request as it travels.
type envelope struct {
	Encrypt string `json:"ENCRYPT"`
	Sign    string `json:"SIGN"`
}

// seal signs the message's bytes and encrypts the same bytes (seed 003, 代付 3.1). The host
// cuts them into blocks of the key's size less 11.
func seal(call *sdk.Call, party Party, message map[string]string) ([]byte, error) {
	plain, err := encode(message)
	if err != nil {
		return nil, err
	}
	digest := sha1.Sum(plain) //nolint:gosec // see the import
	signature, err := call.Signer(party.Private).Sign(nil, digest[:], crypto.SHA1)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	sealed, err := call.Encrypt(party.Platform, sdk.EncryptPKCS1v15, plain)
	if err != nil {
		return nil, fmt.Errorf("encrypt: %w", err)
	}
	return encode(envelope{Encrypt: base64.StdEncoding.EncodeToString(sealed), Sign: base64.StdEncoding.EncodeToString(signature)})
}

// encode writes compact JSON in the order of the names, with Chinese, <, > and & as they are.
func encode(v any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// Reply is a reply. It proves no more than the connection it came over: anybody who has the
// merchant's public key can make one (trap P1).
type Reply struct {
	Code    string    // RETCODE
	Message string    // RETMSG, in one of its spellings
	Fields  wire.Body // the decrypted message; nil where there is none
}

// Text is the provider's own code and sentence.
func (r Reply) Text() sdk.ProviderText { return sdk.ProviderText{Code: r.Code, Message: r.Message} }

// errForm is a reply that is not of the documented form: its meaning is unknown.
var errForm = errors.New("the reply is not of the documented form")

// codeDigits is the length of every RETCODE (seed 003, 代付 6.2).
const codeDigits = 4

// open reads a reply. Only RETCODE 0000 comes with a message (trap P13); of any other code the
// code alone decides, so nothing else is opened.
func open(call *sdk.Call, party Party, raw []byte) (Reply, error) {
	outer, err := wire.ReadObject(raw)
	if err != nil {
		return Reply{}, err
	}
	r := Reply{Code: outer.Text("RETCODE"), Message: strings.TrimSpace(outer.Text("RETMSG", "RETMMSG", "REMSG"))}
	if !Digits(r.Code, codeDigits, codeDigits) {
		return Reply{}, fmt.Errorf("%w: it has no RETCODE", errForm)
	}
	sealed := outer.Text("ENCRYPT")
	if r.Code != codeSuccess || sealed == "" {
		return r, nil
	}
	plain, err := decrypt(call, party, sealed)
	if err != nil {
		return Reply{}, err
	}
	if r.Fields, err = wire.ReadObject(plain); err != nil {
		return Reply{}, fmt.Errorf("the decrypted message: %w", err)
	}
	if code := r.Fields.Text("RETCODE"); code != "" && code != r.Code {
		return Reply{}, fmt.Errorf("%w: it has two RETCODEs", errForm)
	}
	return r, nil
}

// decrypt opens all blocks before anything is read: a Chinese character may begin in one and
// end in the next.
func decrypt(call *sdk.Call, party Party, sealed string) ([]byte, error) {
	raw, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil || len(raw) == 0 {
		return nil, fmt.Errorf("%w: ENCRYPT is no Base64", errForm)
	}
	plain, err := call.Decrypter(party.Private).Decrypt(nil, raw, nil)
	if err != nil {
		return nil, fmt.Errorf("decrypt: %w", err)
	}
	return plain, nil
}

// Time reads RSPTIME; anything else is no time.
func Time(text string) time.Time {
	at, err := time.ParseInLocation(TimeLayout, text, sdk.Beijing())
	if err != nil {
		return time.Time{}
	}
	return at
}
