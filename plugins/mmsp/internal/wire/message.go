package wire

import (
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// The header's constants (3.1 of each section). Payout has a version of its own (trap P17).
const (
	seqID    = 1
	nodeType = 3
	version  = "1.0.0"
)

// Account is who sends: where to, the numbers of the header, and the names of the keys.
type Account struct {
	URL         string // the address of the product
	Merchant    string
	Terminal    string // required in every message (trap Q7)
	Agent       string // empty: none
	Key         string // the credential that signs: the agent's where there is an agent
	Certificate string // the credential that is the client's certificate, or empty
	// ZeroIsTaken takes RetCode 0 with a Body and a valid signature for 1, as scan's sample
	// of a successful reply prints it.
	ZeroIsTaken bool
}

// message is what is sent. A request carries no RetCode (trap Q5) and neither Attach nor
// Extends (trap Q9).
type message struct {
	CommandID int
	SeqID     int
	NodeType  int
	NodeID    string
	Version   string
	Agent     string `json:"AGENTNO"`
	Merchant  string `json:"MERNO"`
	Terminal  string `json:"TERMNO"`
	Body      json.RawMessage
	Sign      string
}

// Sign writes a signed message. Values are sent as strings, empty ones are left out. An
// error is an *sdk.Error: nothing was sent.
func Sign(call *sdk.Call, account Account, command Command, fields map[string]string) ([]byte, error) {
	if account.Merchant == "" || account.Terminal == "" {
		return nil, sdk.Errorf(sdk.ErrInvalidCredential, "The account lacks the merchant number or the terminal number that every message carries: enter both.")
	}
	body, err := encodeFields(fields)
	if err != nil {
		return nil, sdk.Errorf(sdk.ErrInternal, "The message cannot be written: %v.", err)
	}
	sign, err := digest(call, account.Key, escapeSlashes(body))
	if err != nil {
		return nil, err
	}
	return encode(message{
		CommandID: command.id, SeqID: seqID, NodeType: nodeType, NodeID: command.product.nodeID, Version: version,
		Agent: account.Agent, Merchant: account.Merchant, Terminal: account.Terminal, Body: body, Sign: sign,
	})
}

// digest is the signature: the upper-case hexadecimal MD5 of the Body, "&key=" and the key.
func digest(call *sdk.Call, key string, signed []byte) (string, error) {
	sum, err := call.Digest(key, sdk.MD5, sdk.Bytes(signed), sdk.String("&key="), sdk.Key())
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	return strings.ToUpper(hex.EncodeToString(sum)), nil
}

// verify compares a signature with the Body's own values.
func verify(call *sdk.Call, key string, body Body, sign string) (bool, error) {
	want, err := digest(call, key, body.signedText())
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare([]byte(want), []byte(strings.ToUpper(sign))) == 1, nil
}

// Notification reads and verifies a message that the provider sent by itself. An error is no
// accusation: the message cannot be read, is no notification, or is not the provider's.
func Notification(call *sdk.Call, account Account, expected Notifications, raw []byte) (Reply, error) {
	in, err := readMessage(raw)
	if err != nil {
		return Reply{}, err
	}
	command, ok := expected.find(in.commandID)
	if !ok {
		return Reply{}, fmt.Errorf("%w: the command %d is no notification of this product", errForm, in.commandID)
	}
	if err := in.isFor(account); err != nil {
		return Reply{}, err
	}
	// After a change of keys a notification may still be signed with the former one.
	for _, key := range []string{account.Key, sdk.Previous(account.Key)} {
		valid, err := verify(call, key, in.body, in.sign)
		if err != nil && key == account.Key {
			return Reply{}, err
		}
		if valid && len(in.body) > 0 {
			return Reply{command: command, Body: in.body, retCode: retCodeTaken}, nil
		}
	}
	return Reply{}, errSignature
}
