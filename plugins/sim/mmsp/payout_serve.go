package mmsp

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
)

// The operations of the payout product, as faults, violations and calls name them.
const (
	OpPayout        = "payout"         // 5.1, CMDID 4097
	OpPayoutQuery   = "payout-query"   // 5.2, CMDID 4098
	OpPayoutBalance = "payout-balance" // 5.3, CMDID 4099
)

// payoutCommand is one command of the payout product, with the row that faults and counts know it by.
type payoutCommand struct {
	*operation
	fields  []payoutField
	check   func(frame.Object) ([]frame.Problem, string)
	run     func(*payoutRequest) payoutReply
	message string // how the document spells RETMSG in this reply
}

// payoutRequest is a message that passed every check.
type payoutRequest struct {
	op       *payoutCommand // nil: a message that was not understood
	fields   frame.Object
	merchant *PayoutAccount
	account  string // MERNO
	decision faults.Decision
}

func (r *payoutRequest) text(name string) string { return r.fields.Text(name) }

// payoutReply is the outer message; what a success says is sealed in ENCRYPT, a refusal has none.
type payoutReply struct {
	code, message string
	sealed        map[string]any
}

func payoutRefusal(code, message string) payoutReply {
	if message == "" {
		message = rcMessages[code]
	}
	return payoutReply{code: code, message: message}
}

// payoutOperations makes the commands and returns their rows.
func (s *Simulator) payoutOperations() []*operation {
	row := func(name string, kinds ...faults.Kind) *operation {
		return &operation{product: ProductPayout, name: name, kinds: kinds}
	}
	s.payouts.commands = map[string]*payoutCommand{
		cmdPayout: {
			operation: row(OpPayout, FaultPending, FaultFail, FaultUncertain, FaultWrongAmount, FaultWrongOrder),
			fields:    payoutFields(), check: corporateAccount, run: s.payout, message: "RETMSG",
		},
		cmdPayoutQuery: {
			operation: row(OpPayoutQuery, FaultNotExist, FaultWrongAmount, FaultWrongOrder),
			fields:    payoutQueryFields(), check: eitherNumber, run: s.payoutQuery, message: "REMSG",
		},
		cmdPayoutBalance: {
			operation: row(OpPayoutBalance), fields: payoutBalanceFields(), run: s.payoutBalance, message: "RETMMSG",
		},
	}
	return []*operation{
		s.payouts.commands[cmdPayout].operation, s.payouts.commands[cmdPayoutQuery].operation,
		s.payouts.commands[cmdPayoutBalance].operation,
	}
}

// servePayout answers one message of the payout product.
func (s *Simulator) servePayout(w http.ResponseWriter, r *http.Request) {
	body, form, problem := read(w, r)
	if problem == nil && form {
		problem = &frame.Problem{Rule: frame.RuleContentType, Message: "提交数据应为JSON格式"}
	}
	if problem != nil {
		s.writePayout(w, nil, s.refusePayout(nil, rcBadRequest, *problem))
		return
	}
	req, refusal := s.admitPayout(body)
	if refusal != nil {
		s.writePayout(w, req, *refusal)
		return
	}
	req.decision = s.faults.Decide(faults.Call{
		Operation: req.op.name, Account: req.account, Order: s.payoutNumber(req), Payer: req.text("ACCNO"),
	})
	s.answerPayout(w, req)
}

// payoutNumber is the merchant's number of the payout a request is about, also if the request names only the platform's.
func (s *Simulator) payoutNumber(req *payoutRequest) string {
	if number := req.text("ORDERNO"); number != "" {
		return number
	}
	s.payouts.mu.Lock()
	defer s.payouts.mu.Unlock()
	if p := s.payouts.byPlatform[payoutKey{req.account, req.text("BSORDERNO")}]; p != nil {
		return p.Number
	}
	return ""
}

// admitPayout opens a message, finds who sent it, and checks all that the document says about it. The order is the one
// in which a platform can know things: the merchant stands inside what is encrypted, so SIGN is verified after opening.
func (s *Simulator) admitPayout(body []byte) (*payoutRequest, *payoutReply) {
	refuse := func(req *payoutRequest, code string, problems ...frame.Problem) (*payoutRequest, *payoutReply) {
		answer := s.refusePayout(req, code, problems...)
		return req, &answer
	}
	outer, duplicates, err := frame.Decode(body)
	if err != nil {
		return refuse(nil, rcBadRequest, frame.Problem{Rule: frame.RuleJSON, Message: err.Error()})
	}
	if problems := frame.CheckFields(outer, duplicates, []frame.Field{
		{Name: "ENCRYPT", Required: true}, {Name: "SIGN", Required: true},
	}); len(problems) > 0 {
		return refuse(nil, rcBadRequest, problems...)
	}
	if s.opts.PlatformKey.PrivateKey == nil {
		return nil, &payoutReply{code: "1003", message: rcMessages["1003"]}
	}
	plain, err := openBlocks(s.opts.PlatformKey.PrivateKey, outer.Text("ENCRYPT"))
	if err != nil {
		return refuse(nil, rcEncryption, frame.Problem{Field: "ENCRYPT", Rule: frame.RuleFormat, Message: err.Error()})
	}
	fields, duplicates, err := frame.Decode(plain)
	if err != nil {
		return refuse(nil, rcBadRequest, frame.Problem{Field: "ENCRYPT", Rule: frame.RuleJSON, Message: err.Error()})
	}
	req := &payoutRequest{op: s.payouts.commands[fields.Text("CMDID")], fields: fields, account: fields.Text("MERNO")}
	if req.op == nil || fields["CMDID"].Type != "string" {
		req.op = nil
		return refuse(req, rcBadRequest, frame.Problem{Field: "CMDID", Rule: rulePresence(fields["CMDID"]), Message: "没有这个命令字"})
	}
	req.op.calls.Add(1)
	if code, problem := s.authenticatePayout(req, plain, outer.Text("SIGN")); problem != nil {
		return refuse(req, code, *problem)
	}
	problems, code := checkPayoutFields(fields, duplicates, req.op.fields)
	if len(problems) == 0 && req.op.check != nil {
		problems, code = req.op.check(fields)
	}
	if len(problems) > 0 {
		return refuse(req, code, problems...)
	}
	return req, nil
}

// rulePresence is the rule that a value which chooses something broke.
func rulePresence(value frame.Value) string {
	switch {
	case value.Type == "" || (value.Type == "string" && value.Text == ""):
		return frame.RuleMissing
	case value.Type != "string":
		return frame.RuleType
	}
	return frame.RuleValue
}

// authenticatePayout finds the merchant and verifies SIGN over the bytes that were encrypted.
func (s *Simulator) authenticatePayout(req *payoutRequest, plain []byte, sign string) (code string, problem *frame.Problem) {
	if req.fields["MERNO"].Type != "string" || req.account == "" {
		return rcBadParameter, &frame.Problem{Field: "MERNO", Rule: rulePresence(req.fields["MERNO"]), Message: "MERNO不可以为空"}
	}
	if m := s.merchants.find(req.account); m != nil {
		req.merchant = m.Payout
	}
	if req.merchant == nil {
		return rcNoMerchant, &frame.Problem{Field: "MERNO", Rule: frame.RuleAccount, Message: rcMessages[rcNoMerchant]}
	}
	if req.merchant.Key.PublicKey == nil {
		return rcNoKey, &frame.Problem{Field: "SIGN", Rule: frame.RuleAccount, Message: rcMessages[rcNoKey]}
	}
	if err := checkSign(req.merchant.Key.PublicKey, plain, sign); err != nil {
		return rcSignature, &frame.Problem{Field: "SIGN", Rule: frame.RuleSignature, Message: err.Error()}
	}
	return rcSuccess, nil
}

// refusePayout records violations and answers with a code of the list.
func (s *Simulator) refusePayout(req *payoutRequest, code string, problems ...frame.Problem) payoutReply {
	name, account, number := "", "", ""
	if req != nil {
		account, number = req.account, req.fields.Text("ORDERNO")
		if req.op != nil {
			name = req.op.name
		}
	}
	messages := make([]string, 0, len(problems))
	for _, problem := range problems {
		s.violate(name, account, number, code, problem)
		messages = append(messages, problem.Message)
	}
	return payoutRefusal(code, rcMessages[code]+": "+strings.Join(messages, "; "))
}

// answerPayout does the operation and what the faults make of it.
func (s *Simulator) answerPayout(w http.ResponseWriter, req *payoutRequest) {
	d := req.decision
	if d.DelayBefore > 0 {
		s.sleep(d.DelayBefore)
	}
	if d.Is(faults.LostBefore) {
		frame.Drop(w)
		return
	}
	if d.Is(faults.Refuse) {
		s.writePayout(w, req, payoutRefusal(or(d.Rule.Code, rcBadParameter), d.Rule.Message))
		return
	}
	if brokenAt(d, faults.Before) {
		s.sendPayout(w, req, faults.Before, payoutReply{})
		return
	}
	answer := req.op.run(req)
	if d.DelayAfter > 0 {
		s.sleep(d.DelayAfter)
	}
	s.distortPayout(&answer, d)
	s.sendPayout(w, req, faults.After, answer)
}

// brokenAt reports whether a fault breaks the reply at that stage.
func brokenAt(d faults.Decision, stage faults.Stage) bool {
	return d.At(faults.Garbage, stage) || d.At(faults.Truncated, stage) || d.At(faults.HTTP500, stage) ||
		d.At(faults.SystemError, stage)
}

func (s *Simulator) sendPayout(w http.ResponseWriter, req *payoutRequest, stage faults.Stage, answer payoutReply) {
	d := req.decision
	switch {
	case d.Is(faults.LostAfter):
		frame.Drop(w)
	case d.At(faults.Garbage, stage):
		frame.Garbage(w)
	case d.At(faults.Truncated, stage):
		frame.Truncate(w, s.payoutWire(req, answer))
	case d.At(faults.HTTP500, stage):
		frame.ProxyError(w, d.Rule.Status)
	case d.At(faults.SystemError, stage):
		s.writePayout(w, req, payoutRefusal(or(d.Rule.Code, rcSystemFault), d.Rule.Message))
	default:
		s.writePayout(w, req, answer)
	}
}

// writePayout seals a reply and sends it. Nothing signs it: the document gives replies no SIGN.
func (s *Simulator) writePayout(w http.ResponseWriter, req *payoutRequest, answer payoutReply) {
	frame.WriteJSON(w, http.StatusOK, s.payoutWire(req, answer))
}

func (s *Simulator) payoutWire(req *payoutRequest, answer payoutReply) map[string]string {
	name := "RETMSG"
	if s.opts.AsPrinted && req != nil && req.op != nil {
		name = req.op.message
	}
	wire := map[string]string{"RETCODE": answer.code, name: answer.message}
	if answer.sealed == nil || req == nil || req.merchant == nil {
		return wire
	}
	sealed, err := s.sealPayout(req, answer.sealed)
	if err != nil {
		return map[string]string{"RETCODE": rcEncryption, name: rcMessages[rcEncryption]}
	}
	wire["ENCRYPT"] = sealed
	return wire
}

// sealPayout encrypts under the merchant's key; a bad-signature fault seals for somebody else, which is all that a
// forger of these unsigned replies could get wrong.
func (s *Simulator) sealPayout(req *payoutRequest, fields map[string]any) (string, error) {
	var plain bytes.Buffer
	encoder := json.NewEncoder(&plain)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(fields); err != nil {
		return "", fmt.Errorf("encode the reply: %w", err)
	}
	key := req.merchant.Key.PublicKey
	if req.decision.Is(FaultBadSignature) {
		key = &s.opts.PlatformKey.PublicKey
	}
	return sealBlocks(key, bytes.TrimSuffix(plain.Bytes(), []byte("\n")))
}
