package main

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/shouqianba/internal/wire"
)

// Activate turns a one-time activation code into a terminal's number and key. It is
// signed with the vendor's key (beyond the document; the provider's public pages).
func (provider) Activate(ctx context.Context, call *sdk.Call, values map[string]sdk.Secret) (sdk.CheckResult, error) {
	set, err := settingsOf(call)
	if err != nil {
		return sdk.CheckResult{}, err
	}
	code := values["code"]
	if code.Empty() || set.AppID == "" || call.Merchant(credVendorSN) == "" {
		return sdk.CheckResult{}, sdk.Errorf(sdk.ErrInvalidRequest, "Activation needs the activation code, the app id and the vendor's number and key.")
	}
	signer := wire.Signer{Number: call.Merchant(credVendorSN), Key: credVendorKey}
	reply, err := wire.Post(ctx, call, signer, pathActivate, map[string]string{
		"app_id": set.AppID, "code": code.Text(), "device_id": set.device(call),
	})
	if err != nil {
		return sdk.CheckResult{Outcome: sdk.OutcomeUnknown, Provider: wire.Unknown(err).Provider}, nil
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
		return sdk.CheckResult{Outcome: sdk.OutcomeUnknown, Provider: wire.Unknown(err).Provider}, nil
	}
	return keepTerminal(call, reply, number)
}

// keepTerminal stores what the gateway issued. number is the terminal the reply must be
// about, or empty when it is a new one.
func keepTerminal(call *sdk.Call, r wire.Reply, number string) (sdk.CheckResult, error) {
	result := sdk.CheckResult{Provider: r.Text(), KeyRefused: r.SignRefused()}
	outcome, ok := r.Layer1()
	if !ok {
		result.Outcome = outcome
		return result, nil
	}
	d := r.Data
	if d.TerminalSN == "" || d.TerminalKey == "" || (number != "" && d.TerminalSN != number) {
		result.Outcome = sdk.OutcomeUnknown
		return result, nil
	}
	err := call.Rotate(map[string]sdk.Secret{
		credTerminalSN: sdk.SecretString(d.TerminalSN), credTerminalKey: sdk.SecretString(d.TerminalKey),
	})
	if err != nil {
		return result, err
	}
	result.Outcome = sdk.OutcomeSucceeded
	result.Values = map[string]string{credTerminalSN: d.TerminalSN}
	return result, nil
}
