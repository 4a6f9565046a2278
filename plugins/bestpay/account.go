package main

import (
	"cmp"
	"slices"
	"strings"

	"github.com/zhanggui-pay/zhanggui/plugins/bestpay/internal/wire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// The credentials' names.
const (
	credInstitution = "institution_code"
	credMerchant    = "merchant_no"
	credKey         = "merchant_key"
	credPlatform    = "platform_certificate"
)

// defaultOperator stands where nobody is named: the document requires an operator.
const defaultOperator = "system"

// The values of the settings that choose.
const (
	emptySend    = "send"
	codeAsString = "string"
)

// settings are the account's settings, by settings.schema.json.
type settings struct {
	RequestSignature   wire.Scheme `json:"request_signature"`
	ReplySignature     wire.Scheme `json:"reply_signature"`
	EmptyFields        string      `json:"empty_fields"`
	CallbackStatusCode string      `json:"callback_status_code"`
	Operator           string      `json:"operator"`
	OrderNotFound      string      `json:"order_not_found_codes"`
	RefundNotFound     string      `json:"refund_not_found_codes"`
	SignatureRefused   string      `json:"signature_refused_codes"`
}

// account is the merchant on whose behalf a call is made.
type account struct {
	settings

	institution, merchant string
	client                wire.Client
}

// accountOf reads the account that a call is for.
func accountOf(call *sdk.Call) (account, error) {
	a := account{institution: call.Merchant(credInstitution), merchant: call.Merchant(credMerchant)}
	if err := call.Bind(&a.settings); err != nil {
		return account{}, err
	}
	if a.institution == "" || a.merchant == "" {
		return account{}, sdk.Errorf(sdk.ErrInvalidCredential, "The account needs the institution code and the merchant number that BestPay issued: enter both.")
	}
	a.client = wire.Client{
		Keys: wire.Keys{
			Merchant: credKey, MerchantScheme: cmp.Or(a.RequestSignature, wire.SHA256WithRSA),
			Platform: credPlatform, PlatformScheme: cmp.Or(a.ReplySignature, wire.SHA1WithRSA),
		},
		SendEmpty: a.EmptyFields == emptySend,
	}
	return a, nil
}

// fields begin a request: every one names the platform and its merchant.
func (a account) fields() wire.Fields {
	return wire.Fields{"institutionCode": wire.Text(a.institution), "merchantNo": wire.Text(a.merchant)}
}

// operatorOr is who acts: the caller's own person, the account's, or nobody in particular.
func (a account) operatorOr(name string) string {
	return cmp.Or(strings.ToValidUTF8(name, ""), strings.ToValidUTF8(a.Operator, ""), defaultOperator)
}

// keyRefused says that a refusal is about our signature, as far as the settings tell: the
// document lists no error codes.
func (a account) keyRefused(r wire.Reply) bool {
	return !r.Success && listed(a.SignatureRefused, r.Error.Code)
}

// orderNotFound says that BestPay knows no such order, by a code of the call or of the
// trade that the settings list.
func (a account) orderNotFound(r wire.Reply) bool {
	return listed(a.OrderNotFound, r.Error.Code) || listed(a.OrderNotFound, r.Result.ErrorCode)
}

// refundNotFound is orderNotFound for a refund.
func (a account) refundNotFound(r wire.Reply) bool {
	return !r.Success && listed(a.RefundNotFound, r.Error.Code)
}

// listed says whether a comma-separated list holds a code.
func listed(list, code string) bool {
	return code != "" && slices.ContainsFunc(strings.Split(list, ","), func(s string) bool { return strings.TrimSpace(s) == code })
}
