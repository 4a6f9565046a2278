package sdk

import "fmt"

// The codes of an Error.
const (
	ErrInvalidRequest    = "invalid_request"    // the request or the settings cannot be used; nothing was sent
	ErrInvalidCredential = "invalid_credential" // a credential is missing or unusable; nothing was sent
	ErrNotSupported      = "not_supported"      // the operation or host service does not exist
	ErrKeysUnavailable   = "keys_unavailable"   // the host cannot read keys now; nothing was sent
	ErrDenied            = "denied"             // outside the call's grant; recorded as a violation
	ErrNotSent           = "not_sent"           // no connection was obtained: the provider saw nothing
	ErrSentMaybe         = "sent_maybe"         // the exchange broke; the provider may have acted
	ErrTooLarge          = "too_large"          // the reply is over the host's limit
	ErrVerification      = "verification"       // a signature does not verify
	ErrInternal          = "internal"
)

// Error is a failure with a code for programs and one sentence for people. Host services
// fail with it; a capability may return it. It never holds a secret.
type Error struct {
	Code    string
	Message string
	Param   string // the field at fault, or empty
}

// Errorf makes an *Error.
func Errorf(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Is makes errors.Is(err, &Error{Code: X}) compare codes.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}
