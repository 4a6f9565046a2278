// Package sdk is what a provider plugin imports: the manifest it declares, the
// capabilities it implements, and the host it asks for everything it may not do itself.
//
// A plugin is a confined guest. It has no key, no network, no file, no environment and
// no zone data. It writes straight-line code against a Call: an ordinary *http.Client,
// crypto.Signer, crypto.Decrypter and cipher.AEAD, all served by the host. One call to a
// plugin is at most one exchange with the provider; waiting, polling and repeating belong
// to the host.
//
// A minimal plugin:
//
//	func main() { sdk.Serve(provider{}) }
//
//	func (provider) Manifest() sdk.Manifest { … }
//	func (provider) CreatePayment(ctx context.Context, call *sdk.Call, req sdk.PaymentRequest) (sdk.PaymentResult, error) { … }
//
// What an answer means is an Outcome. Whatever is not proven is OutcomeUnknown: a time-out,
// a 5xx, a reply that does not parse or verify. An error returned by a capability means the
// same, unless nothing was sent.
package sdk
