package main

import (
	"context"
	"strings"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/shouqianba/internal/wire"
)

// The longest number and key that are taken from the gateway, as in credentials.schema.json.
const (
	maxTerminalSN  = 32
	maxTerminalKey = 128
)

// Activate turns a one-time activation code into a terminal's number and key. It is
// signed with the vendor's key (beyond the document; the provider's public pages).
func (provider) Activate(ctx context.Context, call *sdk.Call, values map[string]sdk.Secret) (sdk.CheckResult, error) {
	set, err := settingsOf(call)
	if err != nil {
		return sdk.CheckResult{}, err
	}
	code := values["code"]
	switch {
	case code.Empty():
		return sdk.CheckResult{}, invalid("code", "Enter the terminal's activation code.")
	case set.AppID == "":
		return sdk.CheckResult{}, invalid("app_id", "Activation needs the app id in the account's settings.")
	}
	signer := wire.Signer{Number: call.Merchant(credVendorSN), Key: credVendorKey}
	reply, err := wire.Post(ctx, call, signer, pathActivate, map[string]string{
		"app_id": set.AppID, "code": code.Text(), "device_id": set.device(call),
	})
	if err != nil {
		return noTerminal(err)
	}
	return keepTerminal(call, reply, "")
}

// CheckIn renews the terminal's key. The gateway takes the old key until the new one has
// worked once, and the host keeps both.
func (provider) CheckIn(ctx context.Context, call *sdk.Call) (sdk.CheckResult, error) {
	set, err := settingsOf(call)
	if err != nil {
		return sdk.CheckResult{}, err
	}
	number := call.Merchant(credTerminalSN)
	reply, err := wire.Post(ctx, call, terminal(call), pathCheckIn, map[string]string{
		"terminal_sn": number, "device_id": set.device(call),
	})
	if err != nil {
		return noTerminal(err)
	}
	result, err := keepTerminal(call, reply, number)
	// Of an activation it would be the vendor's key, which has no former version to try.
	result.KeyRefused = reply.SignRefused()
	return result, err
}

// keepTerminal stores what the gateway issued. number is the terminal the reply must be
// about, or empty when it is a new one.
func keepTerminal(call *sdk.Call, r wire.Reply, number string) (sdk.CheckResult, error) {
	result := sdk.CheckResult{Outcome: terminalOutcome(r, number), Provider: r.Text()}
	if result.Outcome != sdk.OutcomeSucceeded {
		return result, nil
	}
	err := call.Rotate(map[string]sdk.Secret{
		credTerminalSN: sdk.SecretString(r.Data.TerminalSN), credTerminalKey: sdk.SecretString(r.Data.TerminalKey),
	})
	if err != nil {
		result.Outcome = sdk.OutcomeUnknown
		return result, err
	}
	result.Values = map[string]string{credTerminalSN: r.Data.TerminalSN}
	return result, nil
}

// terminalOutcome: a key that could not be used later must not replace one that works.
func terminalOutcome(r wire.Reply, number string) sdk.Outcome {
	if outcome, ok := r.Layer1(); !ok {
		return outcome
	}
	d := r.Data
	switch {
	case r.Biz == "FAIL":
		return sdk.OutcomeRefused
	case r.Biz != "" && !strings.HasSuffix(r.Biz, "SUCCESS"), number != "" && d.TerminalSN != number,
		!plain(d.TerminalSN, maxTerminalSN), !plain(d.TerminalKey, maxTerminalKey):
		return sdk.OutcomeUnknown
	}
	return sdk.OutcomeSucceeded
}

// plain says that s has 1 to n visible ASCII characters and no space: it stands in a header.
func plain(s string, n int) bool {
	return s != "" && len(s) <= n && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

// noTerminal is noPayment for an activation or a check-in.
func noTerminal(err error) (sdk.CheckResult, error) {
	text, err := wire.Failure(err)
	return sdk.CheckResult{Outcome: sdk.OutcomeUnknown, Provider: text}, err
}
