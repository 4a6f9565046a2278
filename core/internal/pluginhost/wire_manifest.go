package pluginhost

import (
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/zhanggui-pay/zhanggui/core"

	providerpb "github.com/zhanggui-pay/zhanggui/plugins/sdk/proto"
)

func manifestFromWire(m *providerpb.Manifest) core.Manifest {
	return core.Manifest{
		ID: m.GetId(), Name: textFromWire(m.GetName()), Version: m.GetVersion(), ProtocolVersion: int(m.GetProtocolVersion()),
		Products: list(m.GetProducts(), productFromWire), Settings: m.GetSettings(), Credentials: m.GetCredentials(), Hosts: m.GetHosts(),
		Grants: dictionary[core.Capability](m.GetGrants(), grantFromWire), PayerCodes: list(m.GetPayerCodes(), payerCodeFromWire),
		OrderNumber: core.OrderNumberRule{MaxLength: int(m.GetOrderNumber().GetMaxLength()), DigitsOnly: m.GetOrderNumber().GetDigitsOnly()},
		Poll: core.PollSchedule{
			Fast: list(m.GetPoll().GetFast(), durationFromWire), Window: m.GetPoll().GetWindow().AsDuration(),
			Tail: list(m.GetPoll().GetTail(), durationFromWire), Horizon: m.GetPoll().GetHorizon().AsDuration(),
		},
		Cancel: core.CancelRule{
			After: dictionary[core.Method](m.GetCancel().GetAfter(), durationFromWire), NotBefore: m.GetCancel().GetNotBefore().AsDuration(),
			ByClose: list(m.GetCancel().GetByClose(), func(s string) core.Method { return core.Method(s) }), Repeat: m.GetCancel().GetRepeat().AsDuration(),
		},
		ResendAfter: m.GetResendAfter().AsDuration(), CheckInEvery: m.GetCheckInEvery().AsDuration(), Inbound: list(m.GetInbound(), inboundKindFromWire),
		Refund: core.RefundRule{
			OneInFlight: m.GetRefund().GetOneInFlight(), Conclusive: m.GetRefund().GetConclusive(), SettledBy: textFromWire(m.GetRefund().GetSettledBy()),
		},
		ReplyAuthentication: m.GetReplyAuthentication(), Redact: m.GetRedact(),
	}
}

func durationFromWire(d *durationpb.Duration) time.Duration { return d.AsDuration() }

func textFromWire(t *providerpb.Text) core.Text { return core.Text{ZH: t.GetZh(), EN: t.GetEn()} }

func productFromWire(p *providerpb.Product) core.Product {
	return core.Product{
		ID: p.GetId(), Name: textFromWire(p.GetName()),
		Capabilities: list(p.GetCapabilities(), func(c string) core.Capability { return core.Capability(c) }),
		Methods:      list(p.GetMethods(), methodFromWire),
		Payout:       present(p.GetPayout(), payoutSpecFromWire), List: present(p.GetList(), listRuleFromWire),
	}
}

func payoutSpecFromWire(p *providerpb.PayoutSpec) core.PayoutSpec {
	return core.PayoutSpec{
		Sources: list(p.GetSources(), channelFromWire), PayeeTypes: list(p.GetPayeeTypes(), channelFromWire), Needs: p.GetNeeds(),
		Extra: list(p.GetExtra(), inputFromWire), Maximum: moneyFromWire(p.GetMaximum()),
	}
}

func listRuleFromWire(r *providerpb.ListRule) core.ListRule {
	return core.ListRule{MaxRange: r.GetMaxRange().AsDuration(), MaxRows: int(r.GetMaxRows())}
}

func inboundKindFromWire(k *providerpb.InboundKind) core.InboundKind {
	return core.InboundKind{Kind: k.GetKind(), Name: textFromWire(k.GetName()), Browser: k.GetBrowser(), Enter: k.GetEnter()}
}

func inputFromWire(f *providerpb.InputField) core.InputField {
	return core.InputField{
		Name: f.GetName(), Label: textFromWire(f.GetLabel()), Required: f.GetRequired(), MaxLength: int(f.GetMaxLength()),
		Options: list(f.GetOptions(), channelFromWire),
	}
}

func methodFromWire(m *providerpb.MethodSpec) core.MethodSpec {
	return core.MethodSpec{
		Method: core.Method(m.GetMethod()), Name: textFromWire(m.GetName()), Channels: list(m.GetChannels(), channelFromWire), ChannelRequired: m.GetChannelRequired(),
		Needs: m.GetNeeds(), Extra: list(m.GetExtra(), inputFromWire), Browser: m.GetBrowser(),
	}
}

func channelFromWire(c *providerpb.Channel) core.Channel {
	return core.Channel{ID: c.GetId(), Name: textFromWire(c.GetName())}
}

func grantFromWire(g *providerpb.Grant) core.Grant {
	return core.Grant{
		Requests: list(g.GetRequests(), func(r *providerpb.GrantRequest) core.GrantRequest {
			return core.GrantRequest{Method: r.GetMethod(), Path: r.GetPath()}
		}),
		Keys: list(g.GetKeys(), func(k *providerpb.GrantKey) core.GrantKey {
			return core.GrantKey{Name: k.GetName(), Operations: k.GetOperations()}
		}),
		Sends: int(g.GetSends()), Reveal: g.GetReveal(), Rotate: g.GetRotate(),
	}
}

func payerCodeFromWire(p *providerpb.PayerCode) core.PayerCode {
	return core.PayerCode{
		Method: core.Method(p.GetMethod()), Channel: p.GetChannel(), Prefixes: p.GetPrefixes(),
		Lengths: list(p.GetLengths(), func(n int32) int { return int(n) }),
	}
}

// present converts what may be missing.
func present[A, B any](in *A, convert func(*A) B) *B {
	if in == nil {
		return nil
	}
	out := convert(in)
	return &out
}

// list converts a slice; an empty one becomes nil, as the wire does not tell them apart.
func list[A, B any](in []A, convert func(A) B) []B {
	if len(in) == 0 {
		return nil
	}
	out := make([]B, len(in))
	for i, v := range in {
		out[i] = convert(v)
	}
	return out
}

func dictionary[K ~string, A, B any](in map[string]A, convert func(A) B) map[K]B {
	if len(in) == 0 {
		return nil
	}
	out := make(map[K]B, len(in))
	for k, v := range in {
		out[K(k)] = convert(v)
	}
	return out
}
