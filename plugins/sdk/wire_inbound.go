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
		Verified: r.Verified, Events: list(r.Events, eventToWire), Status: int32(r.Status), //nolint:gosec // an HTTP status
		Headers: validMap(r.Headers), Body: r.Body, Provider: providerToWire(r.Provider),
	}
}

func inboundResultFromWire(r *providerpb.InboundResult) InboundResult {
	return InboundResult{
		Verified: r.GetVerified(), Events: list(r.GetEvents(), eventFromWire), Status: int(r.GetStatus()),
		Headers: stringsMap(r.GetHeaders()), Body: r.GetBody(), Provider: providerFromWire(r.GetProvider()),
	}
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
