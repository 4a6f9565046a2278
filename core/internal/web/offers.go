package web

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

// ListPaymentMethods lists the ways to pay that the merchant has.
func (o *operations) ListPaymentMethods(ctx context.Context, _ api.ListPaymentMethodsRequestObject) (api.ListPaymentMethodsResponseObject, error) {
	methods, err := o.opt.Payments.PaymentMethods(ctx)
	if err != nil {
		return nil, err
	}
	return api.ListPaymentMethods200JSONResponse{Items: each(methods.Offers, offerOf), Unavailable: list(methods.Unavailable)}, nil
}

func offerOf(o core.PaymentOffer) api.PaymentMethod {
	return api.PaymentMethod{
		AccountID: id(core.PrefixAccount, o.AccountID), StoreID: id(core.PrefixStore, o.StoreID), Provider: o.Provider,
		Spec: methodSpecOf(o.Spec), Cancelable: o.Cancelable, PayerCodes: each(o.Codes, payerCodeOf),
	}
}
