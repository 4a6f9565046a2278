package bestpay

import "slices"

// Forgery is a way in which a message is not what it claims to be.
type Forgery string

// The forgeries. All but ForgeReplay claim that the payer paid, or that the refund was made.
const (
	// ForgeSignature carries a signature of the right length that fits nothing.
	ForgeSignature Forgery = "signature"
	// ForgeUnsigned has no sign at all.
	ForgeUnsigned Forgery = "unsigned"
	// ForgeKey is signed correctly with a key that is not the platform's.
	ForgeKey Forgery = "key"
	// ForgeAlgorithm is signed by the platform with the other algorithm.
	ForgeAlgorithm Forgery = "algorithm"
	// ForgeTampered was signed by the platform and changed afterwards.
	ForgeTampered Forgery = "tampered"
	// ForgeAmount is signed by the platform and shows one fen more than the order has.
	ForgeAmount Forgery = "amount"
	// ForgeOrder is signed by the platform and names orders that do not exist.
	ForgeOrder Forgery = "order"
	// ForgeMerchant is signed by the platform and names another merchant.
	ForgeMerchant Forgery = "merchant"
	// ForgeReplay is the first callback of the order or refund, byte for byte. The document has neither nonce nor time stamp.
	ForgeReplay Forgery = "replay"
)

// Forgeries are all kinds of forgeries.
func Forgeries() []Forgery {
	return append(flaws(), ForgeTampered, ForgeAmount, ForgeOrder, ForgeMerchant, ForgeReplay)
}

// flaws are the forgeries that lie in the signature alone: what FaultBadSignature can do.
func flaws() []Forgery { return []Forgery{ForgeSignature, ForgeUnsigned, ForgeKey, ForgeAlgorithm} }

func isFlaw(kind Forgery) bool { return slices.Contains(flaws(), kind) }

// seal signs a message and appends the signature; flaw, if it is one, says what is wrong with it.
func (s *Simulator) seal(m message, flaw Forgery) (message, error) {
	if flaw == ForgeUnsigned {
		return m, nil
	}
	keys, algorithm := s.platformKey, s.opts.ReplyAlgorithm
	if flaw == ForgeKey {
		keys = s.forgersKey
	}
	if flaw == ForgeAlgorithm {
		algorithm = algorithm.other()
	}
	key, err := keys()
	if err != nil {
		return nil, err
	}
	text, err := m.text()
	if err != nil {
		return nil, err
	}
	if flaw == ForgeSignature {
		text += "&"
	}
	sign, err := algorithm.sign(key, text)
	if err != nil {
		return nil, err
	}
	return append(slices.Clone(m), member{"sign", sign}), nil
}
