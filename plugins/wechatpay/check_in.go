package main

import (
	"context"
	"crypto/x509"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/wechatpay/internal/wire"
)

// CheckIn asks for the platform certificates, which proves number, keys and the APIv3 key,
// and keeps the list's. A merchant that has gone over to the public key has none, which
// WeChat Pay says with RESOURCE_NOT_EXISTS and was seen to say with SYSTEM_ERROR: where it
// signs that with the public key there is nothing to renew.
func (p provider) CheckIn(ctx context.Context, call *sdk.Call) (sdk.CheckResult, error) {
	a, err := p.accountOf(call)
	if err != nil {
		return sdk.CheckResult{}, err
	}
	reply, listed, err := a.client.Certificates(ctx, pathCertificates)
	switch {
	case err != nil:
		missing, err := wire.Failure(err)
		return sdk.CheckResult{Outcome: sdk.OutcomeUnknown, Provider: missing.Text, KeyRefused: missing.KeyRefused}, err
	case reply.Is(http.StatusNotFound, wire.CodeNoResource):
		return sdk.CheckResult{Outcome: sdk.OutcomeSucceeded, Provider: reply.Text}, nil
	case reply.Refusal():
		return sdk.CheckResult{Outcome: sdk.OutcomeRefused, Provider: reply.Text, KeyRefused: reply.KeyRefused()}, nil
	case reply.Status != http.StatusOK:
		return a.unlisted(call, reply)
	}
	return a.keep(call, listed)
}

// unlisted is the answer when the list could not be had.
func (a account) unlisted(call *sdk.Call, reply wire.Reply) (sdk.CheckResult, error) {
	stored, err := wire.Platform{Call: call, Account: a.client.Account}.Stored()
	if err != nil {
		return sdk.CheckResult{}, err
	}
	result := sdk.CheckResult{Outcome: sdk.OutcomeUnknown, Provider: reply.Text}
	if len(stored) == 0 && reply.Status >= http.StatusInternalServerError {
		result.Outcome = sdk.OutcomeSucceeded
	}
	return result, nil
}

// keep stores the newest certificates of the list where they are not what is stored.
func (a account) keep(call *sdk.Call, listed []wire.Listed) (sdk.CheckResult, error) {
	listed = newest(listed, call.Now())
	if len(listed) == 0 {
		return sdk.CheckResult{Outcome: sdk.OutcomeUnknown, Provider: sdk.ProviderText{Message: "None of the listed certificates is valid."}}, nil
	}
	stored, err := wire.Platform{Call: call, Account: a.client.Account}.Stored()
	if err != nil {
		return sdk.CheckResult{}, err
	}
	if changed := places(listed, stored); len(changed) > 0 {
		if err := call.Rotate(changed); err != nil {
			return sdk.CheckResult{}, err
		}
	}
	serials := make([]string, 0, len(listed))
	for _, one := range listed {
		serials = append(serials, wire.Serial(one.Certificate))
	}
	return sdk.CheckResult{Outcome: sdk.OutcomeSucceeded, Values: map[string]string{"platform_certificates": strings.Join(serials, ", ")}}, nil
}

// newest are the certificates to keep, the newest first: as many as there are places.
func newest(listed []wire.Listed, now time.Time) []wire.Listed {
	listed = slices.DeleteFunc(slices.Clone(listed), func(one wire.Listed) bool { return now.After(one.Certificate.NotAfter) })
	slices.SortStableFunc(listed, func(a, b wire.Listed) int { return b.Certificate.NotBefore.Compare(a.Certificate.NotBefore) })
	return listed[:min(len(listed), len(certificates()))]
}

// places are the credentials to store so that exactly the listed certificates are good. A
// place cannot be emptied: one without a certificate of its own has the first one's.
func places(listed []wire.Listed, stored map[string]*x509.Certificate) map[string]sdk.Secret {
	changed := map[string]sdk.Secret{}
	for i, name := range certificates() {
		one := listed[min(i, len(listed)-1)]
		before := stored[name]
		empty := before == nil && i >= len(listed)
		same := before != nil && before.Equal(one.Certificate)
		if !empty && !same {
			changed[name] = sdk.SecretString(one.PEM)
		}
	}
	return changed
}
