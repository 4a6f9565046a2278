package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// Exchange signs and sends one message and reads the reply. An error means that there is no
// reply to believe; Failure says what follows from it.
func Exchange(ctx context.Context, call *sdk.Call, account Account, command Command, fields map[string]string) (Reply, error) {
	req, err := request(ctx, call, account, command, fields)
	if err != nil {
		return Reply{}, unsentError{err}
	}
	raw, err := Do(call, req, account.Certificate)
	if err != nil {
		return Reply{}, err
	}
	return readReply(call, account, command, raw)
}

// Do sends a request and reads the body of the reply, which must have the HTTP status 200.
// certificate is the name of the client's certificate, or empty.
func Do(call *sdk.Call, req *http.Request, certificate string) ([]byte, error) {
	resp, err := call.HTTPWith(sdk.HTTPOptions{ClientCertificate: certificate}).Do(req) //nolint:gosec // the host sends it, and only where the grant allows
	if err != nil {
		return nil, sendFailure(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxReply+1))
	if err != nil {
		return nil, fmt.Errorf("read the reply: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the provider answered with HTTP status %d", resp.StatusCode)
	}
	return raw, nil
}

func request(ctx context.Context, call *sdk.Call, account Account, command Command, fields map[string]string) (*http.Request, error) {
	if call.BaseURL == "" {
		return nil, ErrNoAddress()
	}
	sent, err := Sign(call, account, command, fields)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, account.URL, bytes.NewReader(sent))
	if err != nil {
		return nil, sdk.Errorf(sdk.ErrInvalidRequest, "The account's address cannot be used: %v.", err)
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	return req, nil
}

// ErrNoAddress refuses a call of an account without an address: the document prints none.
func ErrNoAddress() error {
	return &sdk.Error{
		Code: sdk.ErrInvalidRequest, Param: "base_url",
		Message: "The account has no address of the provider: ask MMSP's operations for it (12.1) and enter it as the base URL.",
	}
}

// unsentError is a failure before which nothing left.
type unsentError struct{ cause error }

func (e unsentError) Error() string { return e.cause.Error() }

func (e unsentError) Unwrap() error { return e.cause }

// Unsent marks an error as one of a message that never left. Failure believes the mark alone:
// the same codes from a host service while the reply is read say nothing about the message.
func Unsent(err error) error { return unsentError{err} }

// unsentCodes are the host's reasons for which nothing left.
var unsentCodes = []string{
	sdk.ErrNotSent, sdk.ErrDenied, sdk.ErrKeysUnavailable, sdk.ErrInvalidCredential, sdk.ErrInvalidRequest, sdk.ErrNotSupported,
}

func sendFailure(err error) error {
	var host *sdk.Error
	if errors.As(err, &host) && slices.Contains(unsentCodes, host.Code) {
		return Unsent(err)
	}
	return fmt.Errorf("send: %w", err)
}

// Failure says what an error of Exchange means. When nothing left it is the call's error;
// otherwise the provider may have acted and text is the reason of an unknown outcome.
func Failure(err error) (text sdk.ProviderText, unsent error) {
	var before unsentError
	var host *sdk.Error
	known := errors.As(err, &host)
	text = sdk.ProviderText{Message: err.Error()}
	if known {
		text.Message = host.Message
	}
	switch {
	case !errors.As(err, &before):
		return text, nil
	case known:
		return text, host
	default:
		return text, sdk.Errorf(sdk.ErrInternal, "%v", err)
	}
}
