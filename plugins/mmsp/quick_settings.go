package main

// quickSettings are what the document leaves open about quick pay.
type quickSettings struct {
	// UnionPayMode says whether a UnionPay order answers with an address or a page (TRADE_MODE).
	UnionPayMode string `json:"unionpay_trade_mode"`
	// UnionPayCard sends the payer's card number with a UnionPay order (trap Q27).
	UnionPayCard bool `json:"unionpay_card_number"`
	// BoundCodeNumber says under which number a bound card's code is asked for (trap Q22).
	BoundCodeNumber string `json:"bound_code_number"`
}

// The values of the settings.
const (
	unionPayURL  = "url"
	unionPayHTML = "html"

	boundCodeSame = "same"
	boundCodeOwn  = "own"
)

func defaultQuickSettings() quickSettings {
	return quickSettings{UnionPayMode: unionPayURL, BoundCodeNumber: boundCodeSame}
}

// boundCodeSuffix makes the code's own number of the payment's.
const boundCodeSuffix = "S"

// boundCodeOrder is the number under which the code for a payment is asked for. Both messages
// call their MERORDERID unique (trap Q22).
func (s quickSettings) boundCodeOrder(orderNo string) string {
	if s.BoundCodeNumber == boundCodeOwn {
		return orderNo + boundCodeSuffix
	}
	return orderNo
}
