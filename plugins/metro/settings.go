package main

import (
	"cmp"
	"encoding/json"

	"github.com/zhanggui-pay/zhanggui/plugins/metro/internal/wire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// The values of sign_form and sign_encoding, the default first.
const (
	signPairs  = "pairs"
	signValues = "values"
	signBase64 = "base64"
	signHex    = "hex"
)

// maxWindow bounds the seconds for which a request's timestamp is good.
const maxWindow = 3600

// settings are the account's settings, by settings.schema.json. All but the store are what
// the document leaves open.
type settings struct {
	StoreID      string `json:"store_id"`
	SignForm     string `json:"sign_form"`
	SignEncoding string `json:"sign_encoding"`
	CodeField    string `json:"code_field"`
	MessageField string `json:"message_field"`
	DataField    string `json:"data_field"`
	SuccessCode  string `json:"success_code"`
	NotFoundCode string `json:"not_found_code"`
	Window       int    `json:"inbound_window_seconds"`
	PhoneReply   string `json:"phone_reply"`
}

// settingsOf reads the account's settings. A form may give an empty text for what is not
// set, so the defaults stand in for that too.
func settingsOf(call *sdk.Call) (settings, error) {
	var s settings
	if err := call.Bind(&s); err != nil {
		return settings{}, err
	}
	s.SignForm, s.SignEncoding = cmp.Or(s.SignForm, signPairs), cmp.Or(s.SignEncoding, signBase64)
	s.CodeField, s.MessageField, s.DataField = cmp.Or(s.CodeField, "code"), cmp.Or(s.MessageField, "msg"), cmp.Or(s.DataField, "data")
	s.SuccessCode, s.PhoneReply = cmp.Or(s.SuccessCode, "0"), cmp.Or(s.PhoneReply, "{}")
	s.Window = cmp.Or(s.Window, 300)
	return s, s.check()
}

func (s settings) check() error {
	switch {
	case s.SignForm != signPairs && s.SignForm != signValues:
		return invalid("sign_form", "The setting sign_form must be %s or %s.", signPairs, signValues)
	case s.SignEncoding != signBase64 && s.SignEncoding != signHex:
		return invalid("sign_encoding", "The setting sign_encoding must be %s or %s.", signBase64, signHex)
	case s.CodeField == s.MessageField || s.CodeField == s.DataField || s.MessageField == s.DataField:
		return invalid("data_field", "The settings code_field, message_field and data_field must name three different fields.")
	case s.SuccessCode == s.NotFoundCode:
		return invalid("not_found_code", "The settings success_code and not_found_code must differ.")
	case s.Window < 1 || s.Window > maxWindow:
		return invalid("inbound_window_seconds", "The setting inbound_window_seconds must be 1 to %d seconds.", maxWindow)
	case !json.Valid([]byte(s.PhoneReply)):
		return invalid("phone_reply", "The setting phone_reply must be JSON, for instance {}.")
	}
	return nil
}

func (s settings) signing() wire.Signing {
	return wire.Signing{ValuesOnly: s.SignForm == signValues, Hex: s.SignEncoding == signHex}
}

func (s settings) envelope() wire.Envelope {
	return wire.Envelope{Code: s.CodeField, Message: s.MessageField, Data: s.DataField, Success: s.SuccessCode}
}
