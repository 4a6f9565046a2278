package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// maxAge is how far a notice's time may be from ours, in seconds.
const maxAge = 5 * 60

// notice is what Acme tells us about an order that was paid.
type notice struct {
	Type  string `json:"type"`
	Order *order `json:"order"`
}

// HandleInbound takes a notice: first its time and its signature, then what it says.
func (provider) HandleInbound(_ context.Context, call *sdk.Call, req sdk.InboundRequest) (sdk.InboundResult, error) {
	if req.Kind != kindNotice || req.Method != http.MethodPost {
		return notAuthentic("A notice is a POST."), nil
	}
	timestamp := req.Header(headerTimestamp)
	if !recent(timestamp, call.Now().Unix()) {
		return notAuthentic("The notice's time is not now."), nil
	}
	err := verify(call, timestamp, req.Header(headerSignature), req.Body)
	if errors.Is(err, &sdk.Error{Code: sdk.ErrVerification}) {
		return notAuthentic("The notice's signature does not hold."), nil
	}
	if err != nil { // the host could not look now: Acme sends it again
		return sdk.InboundResult{}, err
	}
	return read(req.Body), nil
}

// recent says whether a time in seconds is within maxAge of now, before or after.
func recent(timestamp string, now int64) bool {
	sent, err := strconv.ParseInt(timestamp, 10, 64)
	return err == nil && now-sent <= maxAge && sent-now <= maxAge
}

// read is what an authentic notice says. One that is not understood changes nothing and is taken:
// the host asks about its orders anyway.
func read(body []byte) sdk.InboundResult {
	taken := sdk.InboundResult{Verified: true, Answer: answer(http.StatusOK, "OK")}
	var n notice
	if err := json.Unmarshal(body, &n); err != nil || n.Type != "order.paid" || n.Order == nil {
		taken.Provider = sdk.ProviderText{Code: n.Type, Message: "The notice says nothing about an order."}
		return taken
	}
	payment := reply{Code: "OK", Order: n.Order}.payment()
	taken.Events = []sdk.InboundEvent{{Type: sdk.EventPayment, Payment: &payment}}
	// Acme sends it again when it hears this: an order may be ours and not there yet.
	unknown := answer(http.StatusNotFound, "UNKNOWN_ORDER")
	taken.Unknown = &unknown
	return taken
}

func notAuthentic(why string) sdk.InboundResult {
	return sdk.InboundResult{Answer: answer(http.StatusUnauthorized, "REFUSED"), Provider: sdk.ProviderText{Message: why}}
}

func answer(status int, code string) sdk.InboundAnswer {
	return sdk.InboundAnswer{Status: status, Headers: map[string]string{"Content-Type": "application/json"}, Body: []byte(`{"code":"` + code + `"}`)}
}
