package sdk

import (
	"time"

	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	providerpb "github.com/zhanggui-pay/zhanggui/plugins/sdk/proto"
)

// The conversions between our structs and the wire come in pairs: xToWire, xFromWire. A
// test fills every field and walks it through both, so a forgotten one fails.

func timeToWire(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

func timeFromWire(t *timestamppb.Timestamp) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.AsTime()
}

func durationToWire(d time.Duration) *durationpb.Duration {
	if d == 0 {
		return nil
	}
	return durationpb.New(d)
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

func dictionary[K1, K2 ~string, A, B any](in map[K1]A, convert func(A) B) map[K2]B {
	if len(in) == 0 {
		return nil
	}
	out := make(map[K2]B, len(in))
	for k, v := range in {
		out[K2(k)] = convert(v)
	}
	return out
}

func words[A, B ~string](in []A) []B { return list(in, func(a A) B { return B(a) }) }

func numbers[A, B ~int | ~int32](in []A) []B { return list(in, func(a A) B { return B(a) }) }

func stringsMap(in map[string]string) map[string]string {
	return dictionary[string, string](in, func(s string) string { return s })
}

func secretToWire(s Secret) []byte { return s.value }

func secretFromWire(b []byte) Secret {
	if len(b) == 0 {
		return Secret{}
	}
	return NewSecret(b)
}

func textToWire(t Text) *providerpb.Text { return &providerpb.Text{Zh: t.ZH, En: t.EN} }

func textFromWire(t *providerpb.Text) Text { return Text{ZH: t.GetZh(), EN: t.GetEn()} }

func moneyToWire(m Money) *providerpb.Money {
	if m == (Money{}) {
		return nil
	}
	return &providerpb.Money{Minor: m.Minor, Currency: m.Currency}
}

func moneyFromWire(m *providerpb.Money) Money {
	return Money{Minor: m.GetMinor(), Currency: m.GetCurrency()}
}

func providerToWire(p ProviderText) *providerpb.ProviderText {
	return &providerpb.ProviderText{Code: valid(p.Code), Message: valid(p.Message)}
}

func providerFromWire(p *providerpb.ProviderText) ProviderText {
	return ProviderText{Code: p.GetCode(), Message: p.GetMessage()}
}

func actionToWire(a *NextAction) *providerpb.NextAction {
	if a == nil {
		return nil
	}
	return &providerpb.NextAction{
		Type: a.Type, Url: valid(a.URL), QrContent: valid(a.QRContent), Fields: validMap(a.Fields), Html: valid(a.HTML), ExpiresAt: timeToWire(a.ExpiresAt),
	}
}

func actionFromWire(a *providerpb.NextAction) *NextAction {
	if a == nil {
		return nil
	}
	return &NextAction{
		Type: a.GetType(), URL: a.GetUrl(), QRContent: a.GetQrContent(), Fields: stringsMap(a.GetFields()), HTML: a.GetHtml(), ExpiresAt: timeFromWire(a.GetExpiresAt()),
	}
}

func failureToWire(e *Error) *providerpb.Failure {
	return &providerpb.Failure{Code: e.Code, Message: valid(e.Message), Param: valid(e.Param)}
}

func failureFromWire(f *providerpb.Failure) *Error {
	return &Error{Code: f.GetCode(), Message: f.GetMessage(), Param: f.GetParam()}
}

func callToWire(c CallInfo, token []byte, now time.Time) *providerpb.Call {
	return &providerpb.Call{
		Token: token, AccountId: c.AccountID, Operation: string(c.Operation), OrderNo: c.OrderNo, Settings: c.Settings,
		BaseUrl: c.BaseURL, CallbackUrl: c.CallbackURL, Language: c.Language, Merchants: stringsMap(c.Merchants), KeyVersion: int32(c.KeyVersion), Now: timeToWire(now), //nolint:gosec // versions are small
	}
}

func callFromWire(c *providerpb.Call) CallInfo {
	return CallInfo{
		AccountID: c.GetAccountId(), Operation: Capability(c.GetOperation()), OrderNo: c.GetOrderNo(), Settings: c.GetSettings(),
		BaseURL: c.GetBaseUrl(), CallbackURL: c.GetCallbackUrl(), Language: c.GetLanguage(), Merchants: stringsMap(c.GetMerchants()), KeyVersion: int(c.GetKeyVersion()),
	}
}
