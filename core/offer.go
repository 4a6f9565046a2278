package core

// PaymentMethods are the ways to pay that a tenant has.
type PaymentMethods struct {
	Offers []PaymentOffer
	// Unavailable are providers of live accounts whose plugin does not run now: what they
	// offer is not known.
	Unavailable []string
}

// PaymentOffer is one way to pay at one of a tenant's live accounts, as its provider's
// manifest has it.
type PaymentOffer struct {
	AccountID ID
	StoreID   ID // the only store it serves; zero: every store
	Provider  string
	Spec      MethodSpec
	// Cancelable says that an unfinished payment can be taken back.
	Cancelable bool
	// Codes recognise what payers show; none for methods that take no code.
	Codes []PayerCode
}
