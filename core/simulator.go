package core

import "context"

// FaultKind is a way in which a simulated provider can misbehave at every call.
type FaultKind string

// The faults that every simulated provider has.
const (
	FaultLostAnswer  FaultKind = "lost_answer"  // the order is carried out and the answer lost
	FaultLostRequest FaultKind = "lost_request" // the connection breaks before
	FaultSlow        FaultKind = "slow"
	FaultHTTP500     FaultKind = "http_500" // carried out, and answered with a server error
	FaultGarbage     FaultKind = "garbage"  // carried out, and answered with nonsense
)

// PayerAct is what a simulated payer does about a waiting payment.
type PayerAct string

// The acts.
const (
	PayerPays     PayerAct = "pay"
	PayerAbandons PayerAct = "abandon"
	PayerNotify   PayerAct = "notify" // the provider repeats its notification
)

// SimulatedProvider is a provider that moves no money, with what it does now.
type SimulatedProvider struct {
	Provider string
	Faults   []FaultSwitch
	Payers   []SimulatedPayer
}

// FaultSwitch is one fault, and whether it befalls calls now.
type FaultSwitch struct {
	Kind    FaultKind
	Enabled bool
	Hits    int64 // calls since it was switched on
}

// SimulatedPayer is a payer whose code decides what becomes of a payment.
type SimulatedPayer struct {
	Fate           string
	Name           Text
	Prefix, Suffix string
	Length         int
}

// Simulator lets people see what the product does when a provider misbehaves. Where
// providers are real each method answers CodeNotFound, whoever asks.
type Simulator interface {
	Simulation(ctx context.Context) ([]SimulatedProvider, error)
	// SwitchFault answers what Simulation would. Errors: CodeNotFound: no such provider.
	SwitchFault(ctx context.Context, provider string, kind FaultKind, on bool) ([]SimulatedProvider, error)
	// ActAsPayer reaches payments that the caller may read. Errors: CodeInvalidState: the
	// simulated provider says that this cannot be done now.
	ActAsPayer(ctx context.Context, payment ID, act PayerAct) error
}

// SimulatorControl is the remote control of the simulated providers that this node started
// itself. It knows no callers.
type SimulatorControl interface {
	Simulation(ctx context.Context) ([]SimulatedProvider, error)
	SwitchFault(ctx context.Context, provider string, kind FaultKind, on bool) error
	ActAsPayer(ctx context.Context, provider, orderNo string, act PayerAct) error
}
