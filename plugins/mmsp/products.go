package main

import "github.com/zhanggui-pay/zhanggui/plugins/sdk"

// The products.
const (
	productPayout  = "payout"
	productQuick   = "quick"
	productScan    = "scan"
	productGateway = "gateway"
)

// productOf is the product that an order's method belongs to.
func productOf(method sdk.Method) string {
	switch method {
	case sdk.MethodCard, sdk.MethodBoundCard, sdk.MethodUnionPay:
		return productQuick
	case sdk.MethodGatewayForm:
		return productGateway
	default:
		return productScan
	}
}

// notOffered refuses a method that the operation does not exist for.
func notOffered(method sdk.Method, operation string) error {
	return &sdk.Error{
		Code: sdk.ErrNotSupported, Param: "method",
		Message: "MMSP offers no " + operation + " for the method " + string(method) + ".",
	}
}
