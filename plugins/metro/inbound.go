package main

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/zhanggui-pay/zhanggui/plugins/metro/internal/wire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// The states of a membership in our answers (seed 000, 四.1).
const (
	memberActive   = `{"vip_status":"ACTIVE"}`
	memberClosed   = `{"vip_status":"CLOSED"}`
	memberUnactive = `{"vip_status":"UNACTIVE"}`
)

// maxMerchant bounds mch_id in a signed string, in bytes.
const maxMerchant = 64

// HandleInbound takes the provider's messages about members (seed 000, 四.1 and 四.2): verify,
// decrypt, then say what happened. An error means that the host could not look; the provider
// may send the message again.
//
// The signature covers no body, so a body that cannot be used, its phone sealed under
// another key, say, is nothing the provider said either.
func (provider) HandleInbound(_ context.Context, call *sdk.Call, req sdk.InboundRequest) (sdk.InboundResult, error) {
	set, err := settingsOf(call)
	if err != nil {
		return sdk.InboundResult{}, err
	}
	event, answer := eventOf(req.Kind, set)
	switch {
	case event == "":
		return refuse(http.StatusNotFound, "No message of this kind is expected."), nil
	case req.Method != http.MethodPost:
		return refuse(http.StatusMethodNotAllowed, "The message must be a POST."), nil
	}
	stamp, err := verify(call, set, req)
	if err != nil {
		return refusal(http.StatusUnauthorized, err)
	}
	member, phone, err := readMember(call, req.Body)
	if err != nil {
		return refusal(http.StatusBadRequest, err)
	}
	happened := sdk.InboundEvent{Type: event, Values: map[string]string{"uid": member.UID}}
	result := sdk.InboundResult{Verified: true, Nonce: stamp.Nonce, Answer: answer}
	if event == sdk.EventMemberClosed {
		unactive := jsonAnswer(http.StatusOK, memberUnactive)
		result.Unknown = &unactive
	} else {
		happened.Secrets = map[string]sdk.Secret{"phone": sdk.NewSecret(phone)}
	}
	result.Events = []sdk.InboundEvent{happened}
	return result, nil
}

// eventOf tells what a kind of message says and how it is answered; the phone's reply has
// no fields in the document (trap M2).
func eventOf(kind string, set settings) (string, sdk.InboundAnswer) {
	switch kind {
	case kindOpen:
		return sdk.EventMemberOpened, jsonAnswer(http.StatusOK, memberActive)
	case kindClose:
		return sdk.EventMemberClosed, jsonAnswer(http.StatusOK, memberClosed)
	case kindPhone:
		return sdk.EventMemberPhone, jsonAnswer(http.StatusOK, set.PhoneReply)
	}
	return "", sdk.InboundAnswer{}
}

// verify checks number, time and signature: the scheme of our own requests, with the
// provider's key (the document describes the merchant's side alone).
func verify(call *sdk.Call, set settings, req sdk.InboundRequest) (wire.Stamp, error) {
	stamp := wire.Stamp{
		Merchant: req.Header(wire.HeaderMerchant), Nonce: req.Header(wire.HeaderNonce), Time: req.Header(wire.HeaderTime),
	}
	seconds, err := strconv.ParseInt(stamp.Time, 10, 64)
	switch {
	case stamp.Merchant == "" || len(stamp.Merchant) > maxMerchant || stamp.Merchant != call.Merchant(credMerchant):
		return stamp, unverified("The message is not for this merchant's mch_id.")
	case len(stamp.Nonce) != wire.NonceLength:
		return stamp, unverified("nonce_str must have %d characters.", wire.NonceLength)
	case err != nil || len(stamp.Time) != wire.TimeLength:
		return stamp, unverified("timestamp must have %d digits.", wire.TimeLength)
	}
	// In whole seconds, as the field is: either clock may be ahead.
	if apart := call.Now().Unix() - seconds; apart > int64(set.Window) || apart < -int64(set.Window) {
		return stamp, unverified("The timestamp is more than %d seconds from now.", set.Window)
	}
	return stamp, set.signing().Verify(call, credProviderKey, stamp, req.Header(wire.HeaderSignature))
}

// readMember opens the body. The phone is required in each message and proves more than the
// signature does: only the provider shares its key.
func readMember(call *sdk.Call, body []byte) (wire.Member, []byte, error) {
	member, err := wire.ParseMember(body)
	if err != nil {
		return member, nil, unverified("The message cannot be read: %v.", err)
	}
	phone, err := call.Block(credPhoneKey, credPhoneIV).Decrypt(member.Phone)
	if err != nil {
		return member, nil, err
	}
	if !wire.IsPhone(phone) {
		return member, nil, unverified("What phone decrypts to is no phone number.")
	}
	return member, phone, nil
}

func unverified(format string, args ...any) *sdk.Error {
	return sdk.Errorf(sdk.ErrVerification, format, args...)
}

// refusal refuses what is not authentic; any other failure is the host's and no verdict.
func refusal(status int, err error) (sdk.InboundResult, error) {
	var known *sdk.Error
	if !wire.NotAuthentic(err) || !errors.As(err, &known) {
		return sdk.InboundResult{}, err
	}
	return refuse(status, known.Message), nil
}

// refuse answers without a word of why: the document has no form for it, and the reason is
// for our log alone.
func refuse(status int, reason string) sdk.InboundResult {
	return sdk.InboundResult{Answer: jsonAnswer(status, "{}"), Provider: sdk.ProviderText{Message: reason}}
}

func jsonAnswer(status int, body string) sdk.InboundAnswer {
	return sdk.InboundAnswer{Status: status, Headers: map[string]string{"Content-Type": "application/json"}, Body: []byte(body)}
}
