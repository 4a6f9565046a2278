package wechatpay

import (
	"errors"
	"fmt"
	"slices"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
)

// faultOperations says which operations have which faults.
func faultOperations() map[faults.Kind][]string {
	all := requestOperations()
	notices := []string{OpPaymentNotice, OpRefundNotice}
	views := []string{OpQuery, OpQueryID, OpRefund, OpRefundQuery}
	return map[faults.Kind][]string{
		faults.Delay:       slices.Concat(all, notices),
		faults.LostBefore:  slices.Concat(all, notices),
		FaultBadSignature:  slices.Concat(all, notices),
		faults.Refuse:      all,
		faults.LostAfter:   all,
		faults.Garbage:     all,
		faults.Truncated:   all,
		faults.HTTP500:     all,
		faults.SystemError: all,
		faults.Pending:     append(placing(), OpRefund),
		faults.Fail:        append(placing(), OpRefund),
		faults.Uncertain:   {OpRefund},
		faults.NotExist:    {OpQuery, OpQueryID, OpClose, OpRefund, OpRefundQuery, OpCertificates, OpTradeBill},
		faults.WrongAmount: slices.Concat(views, notices, []string{OpTradeBill}),
		faults.WrongOrder:  slices.Concat(views, notices),
		FaultWrongState:    slices.Concat(views, notices),
		FaultBadCipher:     slices.Concat(notices, []string{OpCertificates}),
		FaultDoubled:       notices,
		FaultCoupon:        placing(),
		FaultWrongHash:     {OpTradeBill},
	}
}

// checkFault refuses faults that this provider's operations do not have. A fault without an operation hits every
// request, so it must be one that all have; notifications are hit by faults that name them only.
func checkFault(rule faults.Rule) error {
	operations, known := faultOperations()[rule.Kind]
	missing := func(name string) bool { return !slices.Contains(operations, name) }
	switch {
	case !known:
		return fmt.Errorf("wechatpay has no fault of kind %q", rule.Kind)
	case rule.Operation == "" && slices.ContainsFunc(requestOperations(), missing):
		return fmt.Errorf("a fault of kind %q needs one of the operations %v", rule.Kind, operations)
	case rule.Operation != "" && missing(rule.Operation):
		return fmt.Errorf("a fault of kind %q needs one of the operations %v, not %q", rule.Kind, operations, rule.Operation)
	}
	return checkResult(rule)
}

// checkResult looks at the rule's Result: how something ends, or what is wrong with a signature or a cipher.
func checkResult(rule faults.Rule) error {
	var allowed []string
	switch {
	case rule.Kind == FaultBadSignature:
		allowed = texts(Flaws())
	case rule.Kind == FaultBadCipher:
		allowed = texts(CipherFlaws())
	case rule.Kind == FaultCoupon && rule.Amount <= 0:
		return errors.New("a coupon needs an amount in fen")
	case rule.Kind != faults.Fail && rule.Kind != faults.Pending: // the others do not look at Result
		return nil
	case rule.Operation == OpRefund:
		allowed = []string{RefundClosed, RefundAbnormal}
	default:
		allowed = []string{StateFailed, StateClosed, StateRevoked}
	}
	if rule.Result != "" && !slices.Contains(allowed, rule.Result) {
		return fmt.Errorf("the result of a fault of kind %q at %q is one of %v, not %q", rule.Kind, rule.Operation, allowed, rule.Result)
	}
	return nil
}

func texts(kinds []Forgery) []string {
	out := make([]string, len(kinds))
	for i, kind := range kinds {
		out[i] = string(kind)
	}
	return out
}
