package shouqianba

import (
	"errors"
	"fmt"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
)

// What the payer, or the merchant's people, meet when there is nothing to do.
var (
	ErrNoOrder    = errors.New("there is no such order")
	ErrNotWaiting = errors.New("the order is not waiting for its payer")
	ErrNotPaid    = errors.New("the order is not paid")
	ErrNotEnded   = errors.New("the order has not ended without money")
)

// PayOrder is the payer paying a waiting order: scanning the QR code, or entering the password.
func (s *Simulator) PayOrder(terminalSN, clientSN string) error {
	o, err := s.waiting(terminalSN, clientSN)
	if err != nil {
		return err
	}
	defer o.mu.Unlock()
	s.takePayment(o)
	return nil
}

// AbandonOrder is the payer walking away: the order ends as PAY_CANCELED.
func (s *Simulator) AbandonOrder(terminalSN, clientSN string) error {
	o, err := s.waiting(terminalSN, clientSN)
	if err != nil {
		return err
	}
	defer o.mu.Unlock()
	s.failPayment(o)
	return nil
}

// TakeBack is the merchant's own people giving the money of a paid order back by other means than the interface:
// the order ends as CANCELED.
func (s *Simulator) TakeBack(terminalSN, clientSN string) error {
	o := s.book.find(terminalSN, clientSN)
	if o == nil {
		return ErrNoOrder
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.State != StatePaid {
		return fmt.Errorf("%w: it is %s", ErrNotPaid, o.State)
	}
	o.Net = 0
	o.set(StateCanceled, flowSuccess, s.now())
	s.giveBack(o)
	return nil
}

// PayLate is the money of an order that had ended without any coming in after all: the order ends as PAID.
func (s *Simulator) PayLate(terminalSN, clientSN string) error {
	o := s.book.find(terminalSN, clientSN)
	if o == nil {
		return ErrNoOrder
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if (o.State != StatePayCanceled && o.State != StateCanceled) || s.ledger.Net(Key(terminalSN, clientSN)) != 0 {
		return fmt.Errorf("%w: it is %s", ErrNotEnded, o.State)
	}
	s.takePayment(o)
	return nil
}

// waiting returns an unpaid order, locked.
func (s *Simulator) waiting(terminalSN, clientSN string) (*order, error) {
	o := s.book.find(terminalSN, clientSN)
	if o == nil {
		return nil, ErrNoOrder
	}
	o.mu.Lock()
	if o.State != StateCreated {
		defer o.mu.Unlock()
		return nil, fmt.Errorf("%w: it is %s", ErrNotWaiting, o.State)
	}
	return o, nil
}

// checkFault refuses faults that this provider's operations do not have.
func checkFault(rule faults.Rule) error {
	everywhere := map[faults.Kind]bool{
		faults.Delay: true, faults.Refuse: true, faults.LostBefore: true, faults.LostAfter: true, faults.Garbage: true,
		faults.Truncated: true, faults.HTTP500: true, faults.SystemError: true,
	}
	only := map[faults.Kind][]string{
		faults.Pending:     {"pay", "precreate"},
		faults.Fail:        {"pay", "precreate", "refund", "cancel"},
		faults.Uncertain:   {"pay", "refund", "cancel"},
		faults.NotExist:    {"query", "refund", "cancel"},
		faults.WrongAmount: {"pay", "precreate", "refund", "query", "cancel"},
		faults.WrongOrder:  {"pay", "precreate", "refund", "query", "cancel"},
	}
	if !knownOperation(rule.Operation) {
		return fmt.Errorf("shouqianba has no operation %q", rule.Operation)
	}
	if everywhere[rule.Kind] {
		return nil
	}
	operations, known := only[rule.Kind]
	if !known {
		return fmt.Errorf("shouqianba has no fault of kind %q", rule.Kind)
	}
	for _, name := range operations {
		if name == rule.Operation {
			return nil
		}
	}
	return fmt.Errorf("a fault of kind %q needs one of the operations %v, not %q", rule.Kind, operations, rule.Operation)
}

func knownOperation(name string) bool {
	switch name {
	case "", "pay", "precreate", "refund", "query", "cancel", "activate", "checkin":
		return true
	}
	return false
}
