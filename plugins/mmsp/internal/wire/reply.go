package wire

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// errSignature is a message whose signature is missing or does not hold.
var errSignature = errors.New("the signature does not verify")

// The header's RetCode. 39999 stands in a sample only (trap Q3).
const (
	retCodeTaken  = "1"
	retCodeRefuse = "0"
	retCodeSample = "39999"
)

// maxReply bounds a reply in bytes: 1,000 rows of a list are some 300 KiB.
const maxReply = 2 << 20

// incoming is a message as it came, not yet believed.
type incoming struct {
	commandID int
	retCode   string
	errorText string
	merchant  string
	body      Body
	sign      string
}

// readMessage takes a message apart. The header's numbers come bare and quoted.
func readMessage(raw []byte) (incoming, error) {
	if len(raw) > maxReply {
		return incoming{}, fmt.Errorf("%w: it is longer than %d bytes", errForm, maxReply)
	}
	outer, err := ReadObject(raw)
	if err != nil {
		return incoming{}, err
	}
	id, err := strconv.Atoi(outer.Text("CommandID"))
	if err != nil {
		return incoming{}, fmt.Errorf("%w: it has no CommandID", errForm)
	}
	in := incoming{
		commandID: id, retCode: outer.Text("RetCode"), errorText: cmp.Or(outer.Text("ErrorMsg"), outer.Text("ErrMsg")),
		merchant: outer.Text("MERNO"), sign: outer.Text("Sign"),
	}
	in.body, err = readBody([]byte(outer["Body"]))
	return in, err
}

// isFor refuses a message that names another merchant. The header is not signed, so this
// only tells mistakes; the key tells merchants apart.
func (in incoming) isFor(account Account) error {
	if in.merchant != "" && in.merchant != account.Merchant {
		return fmt.Errorf("%w: it is for another merchant", errForm)
	}
	return nil
}

// Reply is what came back. Its Body has been verified, or there is none.
type Reply struct {
	Body Body

	command   Command
	retCode   string
	errorText string
	general   bool // the general refusal 32768, which is never signed (trap Q1)
}

// readReply reads and verifies a reply. A reply that was taken and whose signature does not
// hold is an error: it proves nothing.
func readReply(call *sdk.Call, account Account, command Command, raw []byte) (Reply, error) {
	in, err := readMessage(raw)
	if err != nil {
		return Reply{}, err
	}
	r := Reply{command: command, retCode: in.retCode, errorText: in.errorText, general: in.commandID == replyOffset}
	if !r.general && in.commandID != command.id+replyOffset {
		return Reply{}, fmt.Errorf("%w: the command %d does not answer %d", errForm, in.commandID, command.id)
	}
	if r.retCode == "" {
		return Reply{}, fmt.Errorf("%w: it has no RetCode", errForm)
	}
	if err := in.isFor(account); err != nil {
		return Reply{}, err
	}
	taken := r.retCode == retCodeTaken || account.ZeroIsTaken && r.retCode == retCodeRefuse && len(in.body) > 0
	if r.general || !taken {
		return r, nil
	}
	valid, err := verify(call, account.Key, in.body, in.sign)
	if err != nil {
		return Reply{}, fmt.Errorf("the reply cannot be verified: %w", err)
	}
	if !valid || len(in.body) == 0 {
		return Reply{}, errSignature
	}
	r.Body, r.retCode = in.body, retCodeTaken
	return r, nil
}
