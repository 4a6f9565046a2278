package sdk

import providerpb "github.com/zhanggui-pay/zhanggui/plugins/sdk/proto"

func orderToWire(o OrderRef) *providerpb.OrderRef {
	return &providerpb.OrderRef{
		OrderNo: o.OrderNo, ProviderOrderNo: o.ProviderOrderNo, Method: string(o.Method), Channel: o.Channel,
		Amount: moneyToWire(o.Amount), CreatedAt: timeToWire(o.CreatedAt),
	}
}

func orderFromWire(o *providerpb.OrderRef) OrderRef {
	return OrderRef{
		OrderNo: o.GetOrderNo(), ProviderOrderNo: o.GetProviderOrderNo(), Method: Method(o.GetMethod()), Channel: o.GetChannel(),
		Amount: moneyFromWire(o.GetAmount()), CreatedAt: timeFromWire(o.GetCreatedAt()),
	}
}

func paymentRequestToWire(r PaymentRequest) *providerpb.PaymentRequest {
	return &providerpb.PaymentRequest{
		OrderNo: r.OrderNo, Method: string(r.Method), Channel: r.Channel, Amount: moneyToWire(r.Amount),
		Subject: r.Subject, Description: r.Description, PayerCode: secretToWire(r.PayerCode), Operator: r.Operator,
		StoreCode: r.StoreCode, TerminalNo: r.TerminalNo, ReturnUrl: r.ReturnURL, ClientIp: r.ClientIP,
		CreatedAt: timeToWire(r.CreatedAt), ExpiresAt: timeToWire(r.ExpiresAt), Extra: stringsMap(r.Extra), PayerId: r.PayerID, Card: cardToWire(r.Card),
	}
}

func paymentRequestFromWire(r *providerpb.PaymentRequest) PaymentRequest {
	return PaymentRequest{
		OrderNo: r.GetOrderNo(), Method: Method(r.GetMethod()), Channel: r.GetChannel(), Amount: moneyFromWire(r.GetAmount()),
		Subject: r.GetSubject(), Description: r.GetDescription(), PayerCode: secretFromWire(r.GetPayerCode()), Operator: r.GetOperator(),
		StoreCode: r.GetStoreCode(), TerminalNo: r.GetTerminalNo(), ReturnURL: r.GetReturnUrl(), ClientIP: r.GetClientIp(),
		CreatedAt: timeFromWire(r.GetCreatedAt()), ExpiresAt: timeFromWire(r.GetExpiresAt()), Extra: stringsMap(r.GetExtra()), PayerID: r.GetPayerId(), Card: cardFromWire(r.GetCard()),
	}
}

func paymentResultToWire(r PaymentResult) *providerpb.PaymentResult {
	return &providerpb.PaymentResult{
		Outcome: string(r.Outcome), OrderNo: valid(r.OrderNo), Amount: moneyToWire(r.Amount), ProviderOrderNo: valid(r.ProviderOrderNo),
		ChannelTradeNo: valid(r.ChannelTradeNo), Channel: valid(r.Channel), PayerId: valid(r.PayerID), PaidAt: timeToWire(r.PaidAt),
		NextAction: actionToWire(r.NextAction), BoundCard: optional(r.BoundCard, boundCardToWire), Refunded: r.Refunded,
		Provider: providerToWire(r.Provider), KeyRefused: r.KeyRefused,
	}
}

func paymentResultFromWire(r *providerpb.PaymentResult) PaymentResult {
	return PaymentResult{
		Outcome: Outcome(r.GetOutcome()), OrderNo: r.GetOrderNo(), Amount: moneyFromWire(r.GetAmount()), ProviderOrderNo: r.GetProviderOrderNo(),
		ChannelTradeNo: r.GetChannelTradeNo(), Channel: r.GetChannel(), PayerID: r.GetPayerId(), PaidAt: timeFromWire(r.GetPaidAt()),
		NextAction: actionFromWire(r.GetNextAction()), BoundCard: present(r.GetBoundCard(), boundCardFromWire), Refunded: r.GetRefunded(),
		Provider: providerFromWire(r.GetProvider()), KeyRefused: r.GetKeyRefused(),
	}
}

func confirmToWire(r ConfirmRequest) *providerpb.ConfirmRequest {
	return &providerpb.ConfirmRequest{Payment: orderToWire(r.Payment), Code: secretToWire(r.Code), Card: cardToWire(r.Card), Extra: stringsMap(r.Extra)}
}

func confirmFromWire(r *providerpb.ConfirmRequest) ConfirmRequest {
	return ConfirmRequest{
		Payment: orderFromWire(r.GetPayment()), Code: secretFromWire(r.GetCode()), Card: cardFromWire(r.GetCard()), Extra: stringsMap(r.GetExtra()),
	}
}

func listRequestToWire(r ListRequest) *providerpb.ListRequest {
	return &providerpb.ListRequest{
		Product: r.Product, From: timeToWire(r.From), To: timeToWire(r.To), Limit: int32(r.Limit), //nolint:gosec // rows of a page
		Cursor: r.Cursor, Extra: stringsMap(r.Extra),
	}
}

func listRequestFromWire(r *providerpb.ListRequest) ListRequest {
	return ListRequest{
		Product: r.GetProduct(), From: timeFromWire(r.GetFrom()), To: timeFromWire(r.GetTo()), Limit: int(r.GetLimit()),
		Cursor: r.GetCursor(), Extra: stringsMap(r.GetExtra()),
	}
}

func listResultToWire(r ListResult) *providerpb.ListResult {
	return &providerpb.ListResult{
		Outcome: string(r.Outcome), Payments: list(r.Payments, paymentResultToWire), Next: valid(r.Next), Provider: providerToWire(r.Provider),
	}
}

func listResultFromWire(r *providerpb.ListResult) ListResult {
	return ListResult{
		Outcome: Outcome(r.GetOutcome()), Payments: list(r.GetPayments(), paymentResultFromWire), Next: r.GetNext(), Provider: providerFromWire(r.GetProvider()),
	}
}

func refundRequestToWire(r RefundRequest) *providerpb.RefundRequest {
	return &providerpb.RefundRequest{
		Payment: orderToWire(r.Payment), RefundNo: r.RefundNo, Amount: moneyToWire(r.Amount),
		RefundedBefore: moneyToWire(r.RefundedBefore), Reason: r.Reason, Operator: r.Operator, CreatedAt: timeToWire(r.CreatedAt),
	}
}

func refundRequestFromWire(r *providerpb.RefundRequest) RefundRequest {
	return RefundRequest{
		Payment: orderFromWire(r.GetPayment()), RefundNo: r.GetRefundNo(), Amount: moneyFromWire(r.GetAmount()),
		RefundedBefore: moneyFromWire(r.GetRefundedBefore()), Reason: r.GetReason(), Operator: r.GetOperator(), CreatedAt: timeFromWire(r.GetCreatedAt()),
	}
}

func refundResultToWire(r RefundResult) *providerpb.RefundResult {
	return &providerpb.RefundResult{
		Outcome: string(r.Outcome), OrderNo: valid(r.OrderNo), RefundNo: valid(r.RefundNo), Amount: moneyToWire(r.Amount), ProviderRefundNo: valid(r.ProviderRefundNo),
		RefundedAt: timeToWire(r.RefundedAt), Provider: providerToWire(r.Provider), KeyRefused: r.KeyRefused,
	}
}

func refundResultFromWire(r *providerpb.RefundResult) RefundResult {
	return RefundResult{
		Outcome: Outcome(r.GetOutcome()), OrderNo: r.GetOrderNo(), RefundNo: r.GetRefundNo(), Amount: moneyFromWire(r.GetAmount()), ProviderRefundNo: r.GetProviderRefundNo(),
		RefundedAt: timeFromWire(r.GetRefundedAt()), Provider: providerFromWire(r.GetProvider()), KeyRefused: r.GetKeyRefused(),
	}
}
