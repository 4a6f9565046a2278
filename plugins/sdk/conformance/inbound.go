package conformance

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// inboundOperations are the case's samples, and what a stranger makes of them: nothing that
// was not signed may be verified, and none may make the plugin panic or send.
func (c Case) inboundOperations() []operation {
	out := make([]operation, 0, 2*len(c.Inbound))
	for i, req := range c.Inbound {
		out = append(out, c.inboundOperation(fmt.Sprintf("sample %d", i+1), false, req))
		for name, forged := range forgeries(req, uint64(i), c.Mutations) {
			out = append(out, c.inboundOperation(fmt.Sprintf("sample %d, %s", i+1, name), strings.HasPrefix(name, "unsigned"), forged))
		}
	}
	return out
}

// inboundOperation calls a verified request succeeded and an unverified one unknown. What
// must not be verified and is, is called failed, so that the suite complains.
func (c Case) inboundOperation(name string, forged bool, req sdk.InboundRequest) operation {
	return operation{name: string(sdk.CapInbound) + " " + name, capability: sdk.CapInbound, silent: true, run: func(ctx context.Context, p sdk.Provider, call *sdk.Call) (said, error) {
		return with(p, func(p sdk.InboundHandler) (sdk.InboundResult, error) { return p.HandleInbound(ctx, call, req) },
			func(r sdk.InboundResult) sdk.Outcome {
				switch {
				case r.Verified && forged:
					return sdk.OutcomeFailed
				case !r.Verified && len(r.Events) > 0:
					return sdk.OutcomeFailed
				}
				return sdk.OutcomeUnknown
			})
	}}
}

// forgeries are the request without what makes it genuine, and mutants of its parts.
func forgeries(req sdk.InboundRequest, seed uint64, mutations int) map[string]sdk.InboundRequest {
	bare := req
	bare.Headers, bare.Body, bare.Query = nil, nil, ""
	words := req
	words.Headers, words.Query, words.Body = nil, "", []byte(`{"Body":{"STATUS":"1"},"Sign":"","sign":"","success":true}`)
	out := map[string]sdk.InboundRequest{"unsigned and empty": bare, "unsigned words": words}
	random := rand.New(rand.NewPCG(seed, 2))
	for i := range mutations {
		forged := req
		switch {
		case len(req.Body) > 0 && i%2 == 0:
			forged.Body = []byte(mutant(random, string(req.Body)))
		case len(req.Query) > 0:
			forged.Query = mutant(random, req.Query)
		default:
			forged.Headers = map[string]string{}
			for name, value := range req.Headers {
				if value != "" {
					value = mutant(random, value)
				}
				forged.Headers[name] = value
			}
		}
		out[fmt.Sprintf("mutant %d", i)] = forged
	}
	return out
}
