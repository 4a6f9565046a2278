package bestpay

import (
	"errors"
	"fmt"
	"slices"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
)

// faultOperations says which operations have which faults.
func faultOperations() map[faults.Kind][]string {
	all := requestOperations()
	moving := []string{OpBarcode, OpQR, OpRefund}
	numbered := []string{OpBarcode, OpQR, OpRefund, OpRefundQuery, OpCallback}
	return map[faults.Kind][]string{
		faults.Delay:       append(all, OpCallback),
		faults.LostBefore:  append(all, OpCallback),
		FaultBadSignature:  append(all, OpCallback),
		FaultWrongStatus:   append(all, OpCallback),
		faults.Refuse:      all,
		faults.LostAfter:   all,
		faults.Garbage:     all,
		faults.Truncated:   all,
		faults.HTTP500:     all,
		faults.SystemError: all,
		faults.Pending:     moving,
		faults.Fail:        moving,
		faults.Uncertain:   moving,
		faults.NotExist:    {OpConfirm, OpRefund, OpRefundQuery},
		faults.WrongAmount: numbered,
		faults.WrongOrder:  numbered,
		FaultDiscount:      {OpBarcode, OpQR},
	}
}

// checkFault refuses faults that this provider's operations do not have. A fault without an operation hits every
// request, so it must be one that all have; callbacks are hit by faults that name them only.
func checkFault(rule faults.Rule) error {
	operations, known := faultOperations()[rule.Kind]
	switch {
	case !known:
		return fmt.Errorf("bestpay has no fault of kind %q", rule.Kind)
	case rule.Operation == "" && !containsAll(operations, requestOperations()):
		return fmt.Errorf("a fault of kind %q needs one of the operations %v", rule.Kind, operations)
	case rule.Operation != "" && !slices.Contains(operations, rule.Operation):
		return fmt.Errorf("a fault of kind %q needs one of the operations %v, not %q", rule.Kind, operations, rule.Operation)
	}
	return checkResult(rule)
}

func containsAll(list, wanted []string) bool {
	for _, name := range wanted {
		if !slices.Contains(list, name) {
			return false
		}
	}
	return true
}

// checkResult looks at the rule's Result: how a payment ends, or what is wrong with a signature.
func checkResult(rule faults.Rule) error {
	switch rule.Kind {
	case FaultBadSignature:
		if rule.Result != "" && !isFlaw(Forgery(rule.Result)) {
			return fmt.Errorf("the result of a bad signature is one of %v, not %q", flaws(), rule.Result)
		}
	case faults.Fail, faults.Pending:
		closes := rule.Result == StatusClose && rule.Operation != OpRefund
		if rule.Result != "" && rule.Result != StatusFail && !closes {
			return fmt.Errorf("a trade of %s cannot end as %q", rule.Operation, rule.Result)
		}
	case FaultDiscount:
		if rule.Amount <= 0 {
			return errors.New("a discount needs an amount in fen")
		}
	default: // the others do not look at Result
	}
	return nil
}
