package sdk

import (
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	providerpb "github.com/zhanggui-pay/zhanggui/plugins/sdk/proto"
)

func manifestToWire(m Manifest) *providerpb.Manifest {
	return &providerpb.Manifest{
		Id: m.ID, Name: textToWire(m.Name), Version: m.Version, ProtocolVersion: int32(m.ProtocolVersion), //nolint:gosec // versions are small
		Products: list(m.Products, productToWire), Settings: m.Settings, Credentials: m.Credentials, Hosts: m.Hosts,
		Grants: dictionary[Capability, string](m.Grants, grantToWire), PayerCodes: list(m.PayerCodes, payerCodeToWire),
		OrderNumber: &providerpb.OrderNumberRule{MaxLength: int32(m.OrderNumber.MaxLength), DigitsOnly: m.OrderNumber.DigitsOnly}, //nolint:gosec // lengths are small
		Poll: &providerpb.PollSchedule{
			Fast: list(m.Poll.Fast, durationpb.New), Window: durationToWire(m.Poll.Window),
			Tail: list(m.Poll.Tail, durationpb.New), Horizon: durationToWire(m.Poll.Horizon),
		},
		Cancel: &providerpb.CancelRule{
			After: dictionary[Method, string](m.Cancel.After, durationpb.New), NotBefore: durationToWire(m.Cancel.NotBefore),
			ByClose: words[Method, string](m.Cancel.ByClose), Repeat: durationToWire(m.Cancel.Repeat),
		},
		ResendAfter: durationToWire(m.ResendAfter), CheckInEvery: durationToWire(m.CheckInEvery), Inbound: list(m.Inbound, inboundKindToWire),
		Refund:              &providerpb.RefundRule{OneInFlight: m.Refund.OneInFlight, Conclusive: m.Refund.Conclusive, SettledBy: textToWire(m.Refund.SettledBy)},
		ReplyAuthentication: m.ReplyAuthentication, Redact: m.Redact,
	}
}

func manifestFromWire(m *providerpb.Manifest) Manifest {
	seconds := func(d *durationpb.Duration) time.Duration { return d.AsDuration() }
	return Manifest{
		ID: m.GetId(), Name: textFromWire(m.GetName()), Version: m.GetVersion(), ProtocolVersion: int(m.GetProtocolVersion()),
		Products: list(m.GetProducts(), productFromWire), Settings: m.GetSettings(), Credentials: m.GetCredentials(), Hosts: m.GetHosts(),
		Grants: dictionary[string, Capability](m.GetGrants(), grantFromWire), PayerCodes: list(m.GetPayerCodes(), payerCodeFromWire),
		OrderNumber: OrderNumberRule{MaxLength: int(m.GetOrderNumber().GetMaxLength()), DigitsOnly: m.GetOrderNumber().GetDigitsOnly()},
		Poll: PollSchedule{
			Fast: list(m.GetPoll().GetFast(), seconds), Window: m.GetPoll().GetWindow().AsDuration(),
			Tail: list(m.GetPoll().GetTail(), seconds), Horizon: m.GetPoll().GetHorizon().AsDuration(),
		},
		Cancel: CancelRule{
			After: dictionary[string, Method](m.GetCancel().GetAfter(), seconds), NotBefore: m.GetCancel().GetNotBefore().AsDuration(),
			ByClose: words[string, Method](m.GetCancel().GetByClose()), Repeat: m.GetCancel().GetRepeat().AsDuration(),
		},
		ResendAfter: m.GetResendAfter().AsDuration(), CheckInEvery: m.GetCheckInEvery().AsDuration(), Inbound: list(m.GetInbound(), inboundKindFromWire),
		Refund: RefundRule{
			OneInFlight: m.GetRefund().GetOneInFlight(), Conclusive: m.GetRefund().GetConclusive(), SettledBy: textFromWire(m.GetRefund().GetSettledBy()),
		},
		ReplyAuthentication: m.GetReplyAuthentication(), Redact: m.GetRedact(),
	}
}

func productToWire(p Product) *providerpb.Product {
	return &providerpb.Product{
		Id: p.ID, Name: textToWire(p.Name), Capabilities: words[Capability, string](p.Capabilities), Methods: list(p.Methods, methodToWire),
		Payout: optional(p.Payout, payoutSpecToWire), List: optional(p.List, listRuleToWire),
	}
}

func productFromWire(p *providerpb.Product) Product {
	return Product{
		ID: p.GetId(), Name: textFromWire(p.GetName()), Capabilities: words[string, Capability](p.GetCapabilities()), Methods: list(p.GetMethods(), methodFromWire),
		Payout: present(p.GetPayout(), payoutSpecFromWire), List: present(p.GetList(), listRuleFromWire),
	}
}

func methodToWire(m MethodSpec) *providerpb.MethodSpec {
	return &providerpb.MethodSpec{
		Method: string(m.Method), Name: textToWire(m.Name), Channels: list(m.Channels, channelToWire), ChannelRequired: m.ChannelRequired,
		Needs: m.Needs, Extra: list(m.Extra, inputToWire), Browser: m.Browser,
	}
}

func methodFromWire(m *providerpb.MethodSpec) MethodSpec {
	return MethodSpec{
		Method: Method(m.GetMethod()), Name: textFromWire(m.GetName()), Channels: list(m.GetChannels(), channelFromWire), ChannelRequired: m.GetChannelRequired(),
		Needs: m.GetNeeds(), Extra: list(m.GetExtra(), inputFromWire), Browser: m.GetBrowser(),
	}
}

func inputToWire(f InputField) *providerpb.InputField {
	return &providerpb.InputField{
		Name: f.Name, Label: textToWire(f.Label), Required: f.Required, MaxLength: int32(f.MaxLength), //nolint:gosec // lengths are small
		Options: list(f.Options, channelToWire),
	}
}

func inputFromWire(f *providerpb.InputField) InputField {
	return InputField{
		Name: f.GetName(), Label: textFromWire(f.GetLabel()), Required: f.GetRequired(), MaxLength: int(f.GetMaxLength()),
		Options: list(f.GetOptions(), channelFromWire),
	}
}

func payoutSpecToWire(p PayoutSpec) *providerpb.PayoutSpec {
	return &providerpb.PayoutSpec{
		Sources: list(p.Sources, channelToWire), PayeeTypes: list(p.PayeeTypes, channelToWire), Needs: p.Needs,
		Extra: list(p.Extra, inputToWire), Maximum: moneyToWire(p.Maximum),
	}
}

func payoutSpecFromWire(p *providerpb.PayoutSpec) PayoutSpec {
	return PayoutSpec{
		Sources: list(p.GetSources(), channelFromWire), PayeeTypes: list(p.GetPayeeTypes(), channelFromWire), Needs: p.GetNeeds(),
		Extra: list(p.GetExtra(), inputFromWire), Maximum: moneyFromWire(p.GetMaximum()),
	}
}

func listRuleToWire(r ListRule) *providerpb.ListRule {
	return &providerpb.ListRule{MaxRange: durationToWire(r.MaxRange), MaxRows: int32(r.MaxRows)} //nolint:gosec // rows of a page
}

func listRuleFromWire(r *providerpb.ListRule) ListRule {
	return ListRule{MaxRange: r.GetMaxRange().AsDuration(), MaxRows: int(r.GetMaxRows())}
}

func inboundKindToWire(k InboundKind) *providerpb.InboundKind {
	return &providerpb.InboundKind{Kind: k.Kind, Name: textToWire(k.Name), Browser: k.Browser, Enter: k.Enter}
}

func inboundKindFromWire(k *providerpb.InboundKind) InboundKind {
	return InboundKind{Kind: k.GetKind(), Name: textFromWire(k.GetName()), Browser: k.GetBrowser(), Enter: k.GetEnter()}
}

func channelToWire(c Channel) *providerpb.Channel {
	return &providerpb.Channel{Id: c.ID, Name: textToWire(c.Name)}
}

func channelFromWire(c *providerpb.Channel) Channel {
	return Channel{ID: c.GetId(), Name: textFromWire(c.GetName())}
}

func grantToWire(g Grant) *providerpb.Grant {
	return &providerpb.Grant{
		Requests: list(g.Requests, func(r GrantRequest) *providerpb.GrantRequest {
			return &providerpb.GrantRequest{Method: r.Method, Path: r.Path}
		}),
		Keys: list(g.Keys, func(k GrantKey) *providerpb.GrantKey {
			return &providerpb.GrantKey{Name: k.Name, Operations: k.Operations}
		}),
		Sends: int32(g.Sends), Reveal: g.Reveal, Rotate: g.Rotate, //nolint:gosec // a handful
	}
}

func grantFromWire(g *providerpb.Grant) Grant {
	return Grant{
		Requests: list(g.GetRequests(), func(r *providerpb.GrantRequest) GrantRequest {
			return GrantRequest{Method: r.GetMethod(), Path: r.GetPath()}
		}),
		Keys: list(g.GetKeys(), func(k *providerpb.GrantKey) GrantKey {
			return GrantKey{Name: k.GetName(), Operations: k.GetOperations()}
		}),
		Sends: int(g.GetSends()), Reveal: g.GetReveal(), Rotate: g.GetRotate(),
	}
}

func payerCodeToWire(p PayerCode) *providerpb.PayerCode {
	return &providerpb.PayerCode{Method: string(p.Method), Channel: p.Channel, Prefixes: p.Prefixes, Lengths: numbers[int, int32](p.Lengths)}
}

func payerCodeFromWire(p *providerpb.PayerCode) PayerCode {
	return PayerCode{Method: Method(p.GetMethod()), Channel: p.GetChannel(), Prefixes: p.GetPrefixes(), Lengths: numbers[int32, int](p.GetLengths())}
}
