package web

import (
	"sort"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

func providerOf(p core.PluginStatus) api.Provider {
	out := api.Provider{
		ID: p.ID, State: api.PluginState(p.State), Reason: p.Reason, File: p.Path, Sha256: p.SHA256, Pid: int64(p.PID),
		Restarts: int64(p.Restarts), LastCrashAt: utc(p.LastCrash), LastLines: list(p.LastLines),
		Confinement: each(p.Confinement, layerOf),
		Calls:       p.Calls, Failures: p.Failures, MeanMillis: p.MeanMillis,
	}
	if p.Manifest != nil {
		out.Manifest = manifestOf(*p.Manifest)
	}
	return out
}

func layerOf(l core.ConfinementLayer) api.ConfinementLayer {
	return api.ConfinementLayer{Name: l.Name, Active: l.Active, Reason: l.Reason}
}

func manifestOf(m core.Manifest) api.Manifest {
	return api.Manifest{
		ID: m.ID, Name: textOf(m.Name), Version: m.Version, ProtocolVersion: int32(m.ProtocolVersion), //nolint:gosec // a small number
		Products: each(m.Products, productOf), SettingsSchema: object(m.Settings), CredentialsSchema: object(m.Credentials),
		Hosts: list(m.Hosts), Grants: grantsOf(m.Grants), PayerCodes: each(m.PayerCodes, payerCodeOf),
		OrderNumber: api.OrderNumberRule{MaxLength: int32(m.OrderNumber.MaxLength), DigitsOnly: m.OrderNumber.DigitsOnly}, //nolint:gosec // a small number
		Poll: api.PollSchedule{
			FastSeconds: each(m.Poll.Fast, seconds), WindowSeconds: seconds(m.Poll.Window),
			TailSeconds: each(m.Poll.Tail, seconds), HorizonSeconds: seconds(m.Poll.Horizon),
		},
		Cancel:              cancelOf(m.Cancel),
		Refund:              api.RefundRule{OneInFlight: m.Refund.OneInFlight, Conclusive: m.Refund.Conclusive, SettledBy: textOf(m.Refund.SettledBy)},
		ReplyAuthentication: m.ReplyAuthentication, ResendSeconds: seconds(m.ResendAfter), CheckInSeconds: seconds(m.CheckInEvery),
		Inbound: each(m.Inbound, inboundKindOf),
	}
}

func productOf(p core.Product) api.Product {
	return api.Product{
		ID: p.ID, Name: textOf(p.Name), Capabilities: texts(p.Capabilities),
		Methods: each(p.Methods, methodSpecOf),
		Payout:  payoutSpecOf(p.Payout),
	}
}

func methodSpecOf(m core.MethodSpec) api.MethodSpec {
	return api.MethodSpec{
		Method: string(m.Method), Name: textOf(m.Name), ChannelRequired: m.ChannelRequired,
		Channels: each(m.Channels, channelOf), Needs: list(m.Needs), Extra: each(m.Extra, inputFieldOf), Browser: m.Browser,
	}
}

func channelOf(c core.Channel) api.Channel { return api.Channel{ID: c.ID, Name: textOf(c.Name)} }

func inputFieldOf(f core.InputField) api.InputField {
	return api.InputField{
		Name: f.Name, Label: textOf(f.Label), Required: f.Required, MaxLength: int32(f.MaxLength), Options: each(f.Options, channelOf), //nolint:gosec // lengths are small
	}
}

func inboundKindOf(k core.InboundKind) api.InboundKind {
	return api.InboundKind{Kind: k.Kind, Name: textOf(k.Name), Browser: k.Browser, Enter: k.Enter}
}

func grantsOf(in map[core.Capability]core.Grant) []api.Grant {
	out := make([]api.Grant, 0, len(in))
	for capability, g := range in {
		out = append(out, api.Grant{
			Capability: string(capability),
			Requests: each(g.Requests, func(r core.GrantRequest) api.GrantRequest {
				return api.GrantRequest{Method: r.Method, Path: r.Path}
			}),
			Keys: each(g.Keys, func(k core.GrantKey) api.GrantKey {
				return api.GrantKey{Name: k.Name, Operations: list(k.Operations)}
			}),
			Sends: int32(g.Sends), Reveal: list(g.Reveal), Rotate: list(g.Rotate), //nolint:gosec // a small number
		})
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Capability < out[j].Capability })
	return out
}

func payerCodeOf(p core.PayerCode) api.PayerCodePattern {
	return api.PayerCodePattern{
		Method: string(p.Method), Channel: p.Channel, Prefixes: list(p.Prefixes),
		Lengths: each(p.Lengths, func(n int) int32 { return int32(n) }), //nolint:gosec // a small number
	}
}

func cancelOf(r core.CancelRule) api.CancelRule {
	after := make(map[string]float64, len(r.After))
	for method, d := range r.After {
		after[string(method)] = seconds(d)
	}
	return api.CancelRule{AfterSeconds: after, RepeatSeconds: seconds(r.Repeat)}
}
