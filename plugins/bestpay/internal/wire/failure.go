package wire

import (
	"errors"
	"slices"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// exchangeError is an exchange that ended without a verified reply. sent says that the
// provider may have seen the request: whatever goes wrong after that (a key that cannot be
// read to verify the reply, too) leaves the outcome open.
type exchangeError struct {
	cause error
	sent  bool
}

func (e *exchangeError) Error() string { return e.cause.Error() }

func (e *exchangeError) Unwrap() error { return e.cause }

// unsentCodes are the host's reasons for which nothing left.
var unsentCodes = []string{
	sdk.ErrNotSent, sdk.ErrDenied, sdk.ErrKeysUnavailable, sdk.ErrInvalidCredential, sdk.ErrInvalidRequest, sdk.ErrNotSupported,
}

// maySent says whether a failed request may have reached the provider.
func maySent(err error) bool {
	var host *sdk.Error
	return !errors.As(err, &host) || !slices.Contains(unsentCodes, host.Code)
}

// Failure says what an error of Post means. When nothing left it is the call's error;
// otherwise the provider may have acted and text is the reason of an unknown outcome.
func Failure(err error) (text sdk.ProviderText, unsent error) {
	var exchange *exchangeError
	sent := errors.As(err, &exchange) && exchange.sent
	var host *sdk.Error
	known := errors.As(err, &host)
	text.Message = err.Error()
	if known {
		text.Message = host.Message
	}
	switch {
	case sent:
		return text, nil
	case known:
		return text, host
	default:
		return text, sdk.Errorf(sdk.ErrInternal, "%v", err)
	}
}
