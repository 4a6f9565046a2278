package sdk

import providerpb "github.com/zhanggui-pay/zhanggui/plugins/sdk/proto"

func inboundRequestToWire(r InboundRequest) *providerpb.InboundRequest {
	return &providerpb.InboundRequest{
		Kind: r.Kind, Method: r.Method, Path: valid(r.Path), Query: valid(r.Query), Headers: validMap(r.Headers), Body: r.Body,
	}
}

func inboundRequestFromWire(r *providerpb.InboundRequest) InboundRequest {
	return InboundRequest{
		Kind: r.GetKind(), Method: r.GetMethod(), Path: r.GetPath(), Query: r.GetQuery(), Headers: stringsMap(r.GetHeaders()), Body: r.GetBody(),
	}
}

func inboundResultToWire(r InboundResult) *providerpb.InboundResult {
	return &providerpb.InboundResult{
		Verified: r.Verified, Nonce: valid(r.Nonce), Events: list(r.Events, eventToWire), Ask: list(r.Ask, valid),
		Answer: answerToWire(r.Answer), Unknown: optional(r.Unknown, answerToWire), Provider: providerToWire(r.Provider),
	}
}

func inboundResultFromWire(r *providerpb.InboundResult) InboundResult {
	return InboundResult{
		Verified: r.GetVerified(), Nonce: r.GetNonce(), Events: list(r.GetEvents(), eventFromWire), Ask: words[string, string](r.GetAsk()),
		Answer: answerFromWire(r.GetAnswer()), Unknown: present(r.GetUnknown(), answerFromWire), Provider: providerFromWire(r.GetProvider()),
	}
}

func answerToWire(a InboundAnswer) *providerpb.InboundAnswer {
	return &providerpb.InboundAnswer{Status: int32(a.Status), Headers: validMap(a.Headers), Body: a.Body} //nolint:gosec // an HTTP status
}

func answerFromWire(a *providerpb.InboundAnswer) InboundAnswer {
	return InboundAnswer{Status: int(a.GetStatus()), Headers: stringsMap(a.GetHeaders()), Body: a.GetBody()}
}

func eventToWire(e InboundEvent) *providerpb.InboundEvent {
	return &providerpb.InboundEvent{
		Type: e.Type, Id: valid(e.ID), Payment: optional(e.Payment, paymentResultToWire), Refund: optional(e.Refund, refundResultToWire),
		Payout: optional(e.Payout, payoutResultToWire), Values: validMap(e.Values), Secrets: dictionary[string, string](e.Secrets, secretToWire),
	}
}

func eventFromWire(e *providerpb.InboundEvent) InboundEvent {
	return InboundEvent{
		Type: e.GetType(), ID: e.GetId(), Payment: present(e.GetPayment(), paymentResultFromWire), Refund: present(e.GetRefund(), refundResultFromWire),
		Payout: present(e.GetPayout(), payoutResultFromWire), Values: stringsMap(e.GetValues()), Secrets: dictionary[string, string](e.GetSecrets(), secretFromWire),
	}
}

func optional[A, B any](in *A, convert func(A) *B) *B {
	if in == nil {
		return nil
	}
	return convert(*in)
}

func present[A, B any](in *A, convert func(*A) B) *B {
	if in == nil {
		return nil
	}
	out := convert(in)
	return &out
}
