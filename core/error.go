package core

import (
	"errors"
	"fmt"
)

// Code is a stable, documented name of an expected failure. Callers and scripts
// switch on it; the sentence beside it is for people. docs/errors.md lists them all.
type Code string

// The codes an API reply can carry. A new code is added here and in docs/errors.md.
const (
	CodeInvalidRequest      Code = "invalid_request"          // the request's form is wrong; Param says where
	CodeInvalidAmount       Code = "invalid_amount"           // not a whole number of fen within the limits
	CodeInvalidPayerCode    Code = "invalid_payer_code"       // the scanned code fits no provider of the tenant
	CodeInvalidCredential   Code = "invalid_credential"       // a key, certificate or merchant number that cannot be used
	CodeUnsupportedEncoding Code = "unsupported_encoding"     // a compressed or non-JSON body
	CodeBodyTooLarge        Code = "body_too_large"           // the body is over the limit of the path
	CodeRequestTimeout      Code = "request_timeout"          // the request did not arrive whole in time
	CodeUnauthenticated     Code = "unauthenticated"          // no session or key, or one that is not valid
	CodeLoginFailed         Code = "login_failed"             // e-mail, password or one-time code is wrong
	CodeLocked              Code = "locked"                   // too many failures; try later
	CodeTOTPRequired        Code = "totp_required"            // the one-time code is wanted as well
	CodeStepUpRequired      Code = "step_up_required"         // confirm with password or one-time code first
	CodeCSRF                Code = "csrf_failed"              // the request did not come from our console
	CodeForbidden           Code = "forbidden"                // the role does not allow it
	CodeNotFound            Code = "not_found"                // no such thing, or not yours
	CodeMethodNotAllowed    Code = "method_not_allowed"       // the path exists, not with this method
	CodeTenantRequired      Code = "tenant_required"          // a platform user must name the tenant
	CodeTenantSuspended     Code = "tenant_suspended"         // the tenant may not take new payments
	CodeConflict            Code = "conflict"                 // the thing changed meanwhile, or exists already
	CodeOrderNoUsed         Code = "merchant_order_no_used"   // the tenant's own order number was used before
	CodeIdempotencyMismatch Code = "idempotency_mismatch"     // the key was used with another body
	CodeIdempotencyInFlight Code = "idempotency_in_flight"    // the first request with this key is still running
	CodeIdempotencyRequired Code = "idempotency_required"     // a POST that moves money needs an Idempotency-Key
	CodeInvalidState        Code = "invalid_state"            // the state does not allow it
	CodeRefundExceeds       Code = "refund_exceeds_remaining" // more than what is left of the payment
	CodeRefundInFlight      Code = "refund_in_flight"         // the provider takes one refund of an order at a time
	CodeNoAccount           Code = "no_provider_account"      // no live account serves the method, store and code
	CodeAccountNotLive      Code = "account_not_live"         // the account exists and is not live
	CodeNotSupported        Code = "not_supported"            // the provider does not offer the operation
	CodeProviderUnavailable Code = "provider_unavailable"     // the plugin or its provider cannot be called; nothing was sent
	CodeProviderRefused     Code = "provider_refused"         // the provider refused the message
	CodePluginPending       Code = "plugin_not_enabled"       // the plugin is found and not approved
	CodePluginRefused       Code = "plugin_refused"           // a plugin's file or version cannot go live; the sentence says why
	CodeKeysUnavailable     Code = "keys_unavailable"         // Vault is sealed or unreachable; nothing was sent
	CodeDatabaseUnavailable Code = "database_unavailable"     // PostgreSQL is unreachable; nothing was done
	CodeOutcomeUnknown      Code = "outcome_unknown"          // the commit's answer was lost; ask again with the same key
	CodeTooEarly            Code = "too_early"                // the provider wants a wait before this; nothing was sent
	CodeLinkUsed            Code = "link_used"                // the one-time page was opened before, or is no longer of use
	CodeInvalidURL          Code = "invalid_url"              // an address that we do not send to: not https, or not on the public internet
	CodeDeliveryFailed      Code = "delivery_failed"          // a user's receiver or mail server could not be reached or did not take it
	CodeOwnRequest          Code = "own_request"              // the maker may not be the second person
	CodeApprovalExpired     Code = "approval_expired"         // nobody decided in time; nothing was sent
	CodeApprovalNeeded      Code = "approval_needed"          // a second person must agree first; nothing was sent
	CodeFrozen              Code = "frozen"                   // the merchant, account or method is frozen for new money
	CodeLimitExceeded       Code = "limit_exceeded"           // over a single or daily limit; nothing was sent
	CodeInsufficientBalance Code = "insufficient_balance"     // less can be paid out now than this takes, fees included
	CodeOutsideHours        Code = "outside_hours"            // the provider's channel takes no payouts at this hour
	CodeInvalidFile         Code = "invalid_file"             // an uploaded file with rows that cannot be used; nothing was taken in
	CodeRateLimited         Code = "rate_limited"             // too many requests
	CodeShuttingDown        Code = "shutting_down"            // this node is going away; try again
	CodeInternal            Code = "internal"                 // our fault; the log has it under the request id
)

// Error is an expected failure: a code for programs and one sentence for people that
// says what was wrong, where, and what to do. Anything that is not an *Error is
// internal: it is logged once at the edge and never shown.
type Error struct {
	Code    Code
	Message string
	// Param is the name or JSON pointer of the request's field at fault, or empty.
	Param string
	// Args feed the console's translated sentence for Code, or nil. Never a secret.
	Args map[string]string

	cause error
}

// Errorf makes an *Error. It does not wrap: see Wrap.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Wrap keeps cause for the log behind an *Error for people.
func Wrap(cause error, code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), cause: cause}
}

// At returns a copy of e that names the field at fault.
func (e *Error) At(param string) *Error {
	c := *e
	c.Param = param
	return &c
}

// With returns a copy of e with an argument for the translated sentence.
func (e *Error) With(name, value string) *Error {
	c := *e
	c.Args = make(map[string]string, len(e.Args)+1)
	for k, v := range e.Args {
		c.Args[k] = v
	}
	c.Args[name] = value
	return &c
}

func (e *Error) Error() string {
	if e.cause != nil {
		return fmt.Sprintf("%s: %s: %v", e.Code, e.Message, e.cause)
	}
	return fmt.Sprintf("%s: %s", e.Code, e.Message)
}

// Unwrap gives the cause kept for the log.
func (e *Error) Unwrap() error { return e.cause }

// Is makes errors.Is(err, &Error{Code: X}) compare codes.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// CodeOf gives the code of err: that of the first *Error in its chain, CodeInternal
// for any other error, and "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return CodeInternal
}

// NotFound is the one answer for what does not exist and for what belongs to another
// tenant: the two must not be told apart.
func NotFound(what string) *Error {
	return Errorf(CodeNotFound, "There is no such %s, or it is not yours.", what)
}
