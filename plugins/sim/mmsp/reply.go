package mmsp

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
)

// write sends a page, or the reply in the document's form.
func (s *Simulator) write(w http.ResponseWriter, req *request, a answer) {
	if a.html != "" {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, a.html)
		return
	}
	raw, err := encode(s.reply(req, a))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	raw = escaped(raw)
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(raw)))
	_, _ = w.Write(raw)
}

// reply puts an answer into the envelope, signed, or into the general refusal, which is not.
func (s *Simulator) reply(req *request, a answer) message {
	text := ""
	m := message{
		CommandID: req.header.command + replyBit, SeqID: req.header.seqID, NodeType: req.header.nodeType, NodeID: req.header.nodeID,
		Version: protocolVersion, RetCode: replySuccess,
		AgentNo: req.header.agentNo, MerNo: req.header.merNo, TermNo: req.header.termNo, Body: json.RawMessage(`""`),
	}
	if s.opts.ErrMsg {
		m.ErrMsg = &text
	} else {
		m.ErrorMsg = &text
	}
	if s.opts.ScanZero && req.op.product == ProductScan {
		m.RetCode = 0
	}
	refusal := a.refusal
	if refusal == nil {
		var err error
		if m.Body, m.Sign, err = a.body.signed(req.merchant.signingKey()); err == nil {
			m.Sign = spoiled(m.Sign, req.decision)
			return m
		}
		m.Body, refusal = json.RawMessage(`""`), cannotEncode()
	}
	m.CommandID, m.RetCode, text = commandRefused, refusal.retCode, refusal.text
	return m
}

// cannotEncode stands for a reply that the simulator could not write; a body of strings and numbers always can be.
func cannotEncode() *refusal { return &refusal{replyFailed, "系统错误"} }

// spoiled applies the fault of a wrong or missing signature.
func spoiled(sign string, d faults.Decision) string {
	switch {
	case !d.Is(FaultBadSignature):
		return sign
	case d.Rule.Result == "missing":
		return ""
	}
	return otherThan(sign)
}

// otherThan is a signature of the right form that differs in one digit.
func otherThan(sign string) string {
	if strings.HasPrefix(sign, "0") {
		return "F" + sign[1:]
	}
	return "0" + sign[1:]
}

// distort applies the faults that change a true reply.
func distort(b body, d faults.Decision) {
	switch {
	case d.Is(faults.WrongAmount):
		if shown, there := b["AMT"]; there {
			b["AMT"] = wrongAmount(shown, d.Rule.Amount)
		}
	case d.Is(faults.WrongOrder):
		for _, name := range []string{"MERORDERID", "ORDERNO", "LIST_ID", "REFUND_MERORDERID", "REFUND_ORDERNO"} {
			if _, there := b[name]; there {
				b[name] = "999999999999999999"
			}
		}
	}
}

// wrongAmount is another amount than the shown one, in the same JSON type.
func wrongAmount(shown any, amount int64) any {
	if amount == 0 {
		right, _ := strconv.ParseInt(fmt.Sprint(shown), 10, 64)
		amount = right + 1
	}
	if _, number := shown.(int64); number {
		return amount
	}
	return fen(amount)
}

// refusalOf answers a Refuse fault: RetCode is the rule's result (default 0), the code stands in brackets.
func refusalOf(rule *faults.Rule) *refusal {
	retCode, err := strconv.Atoi(rule.Result)
	if err != nil {
		retCode = replyStructure
	}
	text := or(rule.Message, "消息结构体错误")
	return &refusal{retCode: retCode, text: bracketed(rule.Code, text)}
}

func or(text, otherwise string) string {
	if text != "" {
		return text
	}
	return otherwise
}

func fen(amount int64) string { return strconv.FormatInt(amount, 10) }
