package web

import (
	"sort"
	"strconv"
	"strings"

	"github.com/zhanggui-pay/zhanggui/core"
)

// errorRow is one line of the table of codes.
type errorRow struct {
	Code        core.Code
	Status      int
	Meaning, Do string
}

// errorRows are all codes in alphabetical order.
func errorRows() []errorRow {
	byCode := statuses()
	rows := make([]errorRow, 0, len(byCode))
	for code, text := range codeTexts() {
		rows = append(rows, errorRow{Code: code, Status: byCode[code], Meaning: text[0], Do: text[1]})
	}
	sort.Slice(rows, func(i, j int) bool { return rows[i].Code < rows[j].Code })
	return rows
}

// ErrorsMarkdown is docs/errors.md, made from the same table as /docs/errors.
func ErrorsMarkdown() string {
	var b strings.Builder
	b.WriteString(`# Error codes

Every refused request is answered with ` + "`application/problem+json`" + `:

` + "```json" + `
{
  "type": "/docs/errors#refund_exceeds_remaining",
  "title": "Unprocessable Entity",
  "status": 422,
  "detail": "The refund is more than what is left of the payment: ¥5.00.",
  "code": "refund_exceeds_remaining",
  "param": "amount",
  "request_id": "req_5f0c1e0c8a7b4d2e9f10a3b4",
  "args": {"remaining": "500"}
}
` + "```" + `

Switch on ` + "`code`" + `: it never changes its meaning. ` + "`detail`" + ` is for people and may be worded differently tomorrow. ` + "`param`" + ` names the
field at fault (a JSON pointer when it is nested). ` + "`request_id`" + ` finds the request in the log.

Codes with status 503, 429 and the code ` + "`idempotency_in_flight`" + ` may be tried again; the header ` + "`Retry-After`" + ` says when. A call that moves
money is repeated with the same ` + "`Idempotency-Key`" + `, never with a new one.

This file is made from the table in core/internal/web; a test keeps the two alike.

| code | status | meaning | what to do |
|---|---|---|---|
`)
	for _, r := range errorRows() {
		b.WriteString("| `" + string(r.Code) + "` | " + strconv.Itoa(r.Status) + " | " + r.Meaning + " | " + r.Do + " |\n")
	}
	return b.String()
}

// codeTexts says of every code what it means and what to do.
func codeTexts() map[core.Code][2]string {
	return map[core.Code][2]string{
		core.CodeInvalidRequest:      {"The request's form is wrong: a field is missing, unknown, written twice, of the wrong type or too long.", "Correct the field that `param` names."},
		core.CodeInvalidAmount:       {"The amount is not a whole number of fen between 1 and 9,999,999,999.", "Send fen as a plain JSON number: 150 for ¥1.50."},
		core.CodeInvalidPayerCode:    {"The scanned code fits no provider account of the merchant.", "Scan again; check that the code is a payment code and that the merchant has an account for that wallet."},
		core.CodeInvalidCredential:   {"A key, certificate or merchant number cannot be used.", "The sentence says what was found in place of what was wanted; enter the right one."},
		core.CodeUnsupportedEncoding: {"The body is compressed or is not JSON.", "Send uncompressed UTF-8 JSON with `Content-Type: application/json`."},
		core.CodeBodyTooLarge:        {"The body is larger than this address takes.", "Send less; keys and certificates fit easily."},
		core.CodeRequestTimeout:      {"The request did not arrive whole in time; nothing was done.", "Send it again."},
		core.CodeUnauthenticated:     {"There is no session or API key, or it is no longer valid.", "Sign in again, or send a valid key as `Authorization: Bearer …`."},
		core.CodeLoginFailed:         {"E-mail, password, one-time code or link is wrong.", "Try again. After several failures the user is locked for a while."},
		core.CodeLocked:              {"There were too many failed sign-ins.", "Wait, then try again; an administrator can invite anew."},
		core.CodeTOTPRequired:        {"The user has enrolled one-time codes and none was sent.", "Send the same request with `code`."},
		core.CodeStepUpRequired:      {"The action needs a fresh confirmation.", "Confirm with `POST /v1/session/step-up`, then repeat."},
		core.CodeCSRF:                {"The request did not come from this console, or lacks the session's token.", "Send `X-CSRF-Token` from `GET /v1/session`; use an API key in programs."},
		core.CodeForbidden:           {"The caller's role does not allow it.", "Ask an administrator for a role that does."},
		core.CodeNotFound:            {"There is no such thing, or it belongs to another merchant.", "Check the id and the merchant in `Zhanggui-Tenant`."},
		core.CodeMethodNotAllowed:    {"The address exists, but not with this method.", "See the `Allow` header and the API reference."},
		core.CodeTenantRequired:      {"The caller can act for several merchants and named none.", "Send `Zhanggui-Tenant: ten_…`."},
		core.CodeTenantSuspended:     {"The merchant may not take new payments.", "Queries and refunds still work; ask the platform."},
		core.CodeConflict:            {"The thing was changed meanwhile, or exists already.", "Read it again and decide anew."},
		core.CodeOrderNoUsed:         {"The merchant's own number was used before.", "Use a new number for a new order; look the old one up by its number."},
		core.CodeIdempotencyMismatch: {"The `Idempotency-Key` was used with another body.", "Use a new key for a new request, the same body for a repeated one."},
		core.CodeIdempotencyInFlight: {"The first request with this key is still running.", "Wait a moment and repeat with the same key."},
		core.CodeIdempotencyRequired: {"A POST that moves money came without `Idempotency-Key`.", "Choose a key per operation and send it."},
		core.CodeInvalidState:        {"The object's state does not allow it.", "Read the object; the sentence says which state it is in."},
		core.CodeRefundExceeds:       {"The refund is more than what is left of the payment.", "Refund at most the payment's `refundable`."},
		core.CodeRefundInFlight:      {"The provider takes one refund of an order at a time and one has no outcome yet.", "Wait for its outcome, or ask for it now with sync."},
		core.CodeNoAccount:           {"No live provider account serves the method, store and code.", "Set an account live, or choose another method or store."},
		core.CodeAccountNotLive:      {"The provider account exists and is not live.", "Enter its keys, test it and set it live."},
		core.CodeNotSupported:        {"The provider does not offer the operation.", "See the provider's capabilities."},
		core.CodeProviderUnavailable: {"The plugin or its provider cannot be called. Nothing was sent.", "Try again later; the providers page says what is wrong."},
		core.CodeProviderRefused:     {"The provider refused the message.", "Its own code and sentence are with the object; correct what it names."},
		core.CodePluginRefused:       {"A plugin's file or version cannot go live; the one that runs goes on.", "The sentence says why. Build or choose another version."},
		core.CodePluginPending:       {"The plugin was found and is not approved.", "Ask the platform's administrator to enable it."},
		core.CodeKeysUnavailable:     {"The key store is sealed or unreachable. Nothing was sent.", "Unseal or reach Vault; see `/readyz`."},
		core.CodeDatabaseUnavailable: {"The database is unreachable. Nothing was done.", "Try again; see `/readyz`."},
		core.CodeOutcomeUnknown:      {"It is not known whether the request took effect.", "Repeat it with the same `Idempotency-Key`; that cannot do it twice."},
		core.CodeTooEarly:            {"The provider wants a wait before this, for instance a minute between two codes. Nothing was sent.", "Wait as long as `args.seconds` says and try again."},
		core.CodeLinkUsed:            {"The one-time page was opened before, or the order no longer waits for a payment.", "Order again."},
		core.CodeInvalidURL:          {"An address that we do not send to: not https, or one that does not lead to the public internet.", "Give an https address that anybody can reach; the sentence says what was found."},
		core.CodeDeliveryFailed:      {"The receiver or mail server that you gave could not be reached, or did not take what we sent.", "The sentence says what happened; mend the receiver and try again."},
		core.CodeOwnRequest:          {"The caller made the request and may not be its second person.", "Ask a colleague with the right to approve."},
		core.CodeApprovalExpired:     {"Nobody decided in time. Nothing was sent.", "Make the request anew."},
		core.CodeApprovalNeeded:      {"A second person must agree first. Nothing was sent.", "Wait for the approval."},
		core.CodeFrozen:              {"The merchant, the account or the method is frozen for new money; refunds and queries still work.", "The sentence gives the reason; ask the platform."},
		core.CodeLimitExceeded:       {"The amount is over a single or daily limit. Nothing was sent.", "Use a smaller amount, or ask the platform to raise the limit named in the sentence."},
		core.CodeInsufficientBalance: {"Less can be paid out now than this takes, fees included. Nothing was sent.", "Wait until more has cleared, or pay out less."},
		core.CodeOutsideHours:        {"The provider's channel takes no payouts at this hour or on this day. Nothing was sent.", "Try again within the hours that the sentence names."},
		core.CodeInvalidFile:         {"An uploaded file has rows that cannot be used. Nothing was taken in.", "Correct the rows that are named and upload the whole file again."},
		core.CodeRateLimited:         {"Too many requests from this caller or address.", "Slow down; `Retry-After` says when."},
		core.CodeShuttingDown:        {"This node is going away.", "Try again; another node will answer."},
		core.CodeInternal:            {"A fault of ours.", "Report the `request_id`; the log has more under it."},
	}
}
