package core

// PaymentState is where a payment stands.
type PaymentState string

// The states of a payment.
const (
	PaymentRequiresAction PaymentState = "requires_action" // the payer must do something: scan, confirm, enter a code
	PaymentProcessing     PaymentState = "processing"      // sent or about to be; see UnknownSince
	PaymentSucceeded      PaymentState = "succeeded"
	PaymentFailed         PaymentState = "failed"
	PaymentCanceled       PaymentState = "canceled" // taken back at the provider
	PaymentClosed         PaymentState = "closed"   // closed at the provider before it was paid
	PaymentExpired        PaymentState = "expired"  // can no longer be paid as far as we know; still asked, and reopenable
)

// RefundState is where a refund stands.
type RefundState string

// The states of a refund.
const (
	RefundPendingApproval RefundState = "pending_approval"
	RefundProcessing      RefundState = "processing"
	RefundSucceeded       RefundState = "succeeded"
	RefundFailed          RefundState = "failed"
	RefundRejected        RefundState = "rejected"
)

// PayoutState is where a payout stands.
type PayoutState string

// The states of a payout.
const (
	PayoutPendingApproval PayoutState = "pending_approval"
	PayoutProcessing      PayoutState = "processing"
	PayoutInReview        PayoutState = "in_review"
	PayoutSucceeded       PayoutState = "succeeded"
	PayoutFailed          PayoutState = "failed"
	PayoutReturned        PayoutState = "returned"
	PayoutRejected        PayoutState = "rejected"
)

// Transition is one arrow of a state table.
type Transition[S ~string] struct {
	From, To S
	// Correction marks an arrow out of a final state. It needs verified evidence from
	// the provider and raises an alert.
	Correction bool
	// Overrules marks an arrow that exists only where the state stands on people's decision: the
	// provider's verified word takes its place.
	Overrules bool
}

// StateTable lists every allowed transition of one kind of object. What is not listed
// is refused.
type StateTable[S ~string] struct {
	name   string
	arrows map[[2]S]Transition[S]
	final  map[S]bool
}

// PaymentTransitions is the table of payments.
func PaymentTransitions() StateTable[PaymentState] {
	open := []PaymentState{PaymentRequiresAction, PaymentProcessing}
	ends := []PaymentState{PaymentSucceeded, PaymentFailed, PaymentCanceled, PaymentClosed, PaymentExpired}
	t := newStateTable("payment", PaymentSucceeded, PaymentFailed, PaymentCanceled, PaymentClosed, PaymentExpired)
	t.allow(PaymentRequiresAction, PaymentProcessing)
	t.allow(PaymentProcessing, PaymentRequiresAction)
	for _, from := range open {
		t.allow(from, ends...)
	}
	t.allow(PaymentExpired, PaymentCanceled, PaymentClosed, PaymentFailed)
	for _, to := range []PaymentState{PaymentFailed, PaymentCanceled, PaymentClosed} {
		t.overrule(PaymentSucceeded, to)
	}
	for _, from := range []PaymentState{PaymentClosed, PaymentCanceled, PaymentFailed, PaymentExpired} {
		t.correct(from, PaymentSucceeded)
	}
	return t
}

// RefundTransitions is the table of refunds.
func RefundTransitions() StateTable[RefundState] {
	t := newStateTable("refund", RefundSucceeded, RefundFailed, RefundRejected)
	t.allow(RefundPendingApproval, RefundProcessing, RefundRejected)
	t.allow(RefundProcessing, RefundSucceeded, RefundFailed)
	t.overrule(RefundSucceeded, RefundFailed)
	t.overrule(RefundFailed, RefundSucceeded)
	return t
}

// PayoutTransitions is the table of payouts.
func PayoutTransitions() StateTable[PayoutState] {
	t := newStateTable("payout", PayoutSucceeded, PayoutFailed, PayoutReturned, PayoutRejected)
	t.allow(PayoutPendingApproval, PayoutProcessing, PayoutRejected)
	t.allow(PayoutProcessing, PayoutInReview, PayoutSucceeded, PayoutFailed, PayoutReturned)
	t.allow(PayoutInReview, PayoutProcessing, PayoutSucceeded, PayoutFailed, PayoutReturned)
	t.correct(PayoutSucceeded, PayoutReturned)
	t.overrule(PayoutSucceeded, PayoutFailed)
	t.overrule(PayoutFailed, PayoutSucceeded)
	t.overrule(PayoutFailed, PayoutReturned)
	return t
}

// Check refuses a transition that is not in the table. A correction must be asked for as
// one: evidence says that verified evidence is at hand. Errors: CodeInvalidState.
func (t StateTable[S]) Check(from, to S, evidence bool) (Transition[S], error) {
	arrow, ok := t.arrows[[2]S{from, to}]
	if !ok || arrow.Overrules {
		return arrow, Errorf(CodeInvalidState, "A %s that is %s cannot become %s.", t.name, from, to)
	}
	if arrow.Correction && !evidence {
		return arrow, Errorf(CodeInvalidState, "A %s that is %s becomes %s only by a correction with verified evidence.", t.name, from, to)
	}
	return arrow, nil
}

// Overrule is Check for a state that stands on people's decision and the provider's verified
// word against it. Errors: CodeInvalidState.
func (t StateTable[S]) Overrule(from, to S) (Transition[S], error) {
	if arrow, ok := t.arrows[[2]S{from, to}]; ok && (arrow.Overrules || arrow.Correction) {
		return arrow, nil
	}
	return Transition[S]{}, Errorf(CodeInvalidState, "A %s that people decided to be %s cannot become %s.", t.name, from, to)
}

// Final says whether s ends the object's normal life.
func (t StateTable[S]) Final(s S) bool { return t.final[s] }

func newStateTable[S ~string](name string, final ...S) StateTable[S] {
	t := StateTable[S]{name: name, arrows: map[[2]S]Transition[S]{}, final: map[S]bool{}}
	for _, s := range final {
		t.final[s] = true
	}
	return t
}

func (t StateTable[S]) allow(from S, to ...S) {
	for _, s := range to {
		t.arrows[[2]S{from, s}] = Transition[S]{From: from, To: s}
	}
}

func (t StateTable[S]) correct(from, to S) {
	t.arrows[[2]S{from, to}] = Transition[S]{From: from, To: to, Correction: true}
}

func (t StateTable[S]) overrule(from, to S) {
	t.arrows[[2]S{from, to}] = Transition[S]{From: from, To: to, Overrules: true}
}
