package main

import (
	"context"
	"net/http"

	"github.com/zhanggui-pay/zhanggui/plugins/mmsp/internal/wire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// HandleInbound reads a notification, or the browser's return from the gateway.
func (provider) HandleInbound(_ context.Context, call *sdk.Call, req sdk.InboundRequest) (sdk.InboundResult, error) {
	set, err := settingsOf(call)
	if err != nil {
		return sdk.InboundResult{}, err
	}
	switch req.Kind {
	case inboundQuick:
		return notification(call, md5Account(call, set.QuickPath), wire.QuickNotifications, req, quickNoticeResult), nil
	case inboundScan:
		return notification(call, md5Account(call, set.ScanPath), wire.ScanNotifications, req, scanNoticeResult), nil
	case inboundGateway:
		return notification(call, md5Account(call, set.GatewayPath), wire.GatewayNotifications, req, gatewayResult), nil
	case inboundReturn:
		return browserReturn(req), nil
	default:
		return sdk.InboundResult{}, sdk.Errorf(sdk.ErrNotSupported, "MMSP makes no requests of the kind %q.", req.Kind)
	}
}

// taken is the answer that ends the provider's resends: it begins with SUCCESS (quick 5.5.3,
// scan 10.8, gateway 5.2.3). Any other answer brings the notification again.
func taken() sdk.InboundAnswer { return textAnswer(http.StatusOK, "SUCCESS") }

func refused(status int) sdk.InboundAnswer { return textAnswer(status, "FAIL") }

func textAnswer(status int, body string) sdk.InboundAnswer {
	return sdk.InboundAnswer{
		Status: status, Headers: map[string]string{"Content-Type": "text/plain; charset=utf-8"}, Body: []byte(body),
	}
}

// notification verifies a message and makes an event of it. What it states about an order is
// the host's to compare with what it holds. A verified message that settles nothing makes the
// host ask.
func notification(
	call *sdk.Call, account wire.Account, expected wire.Notifications, req sdk.InboundRequest,
	read func(wire.Reply, wire.Echo) sdk.PaymentResult,
) sdk.InboundResult {
	if req.Method != http.MethodPost {
		return sdk.InboundResult{Answer: refused(http.StatusMethodNotAllowed)}
	}
	notice, err := wire.Notification(call, account, expected, req.Body)
	if err != nil {
		return sdk.InboundResult{Answer: refused(http.StatusForbidden), Provider: sdk.ProviderText{Message: err.Error()}}
	}
	unknownOrder := refused(http.StatusNotFound)
	out := sdk.InboundResult{Verified: true, Answer: taken(), Unknown: &unknownOrder, Provider: notice.Text()}
	amount, ok := notice.Amount()
	if notice.OrderNo() == "" || !ok {
		out.Answer = refused(http.StatusBadRequest)
		return out
	}
	result := read(notice, wire.Echo{OrderNo: notice.OrderNo(), Amount: amount})
	if result.Outcome == sdk.OutcomeUnknown {
		out.Ask = []string{notice.OrderNo()}
		return out
	}
	out.Events = []sdk.InboundEvent{{Type: sdk.EventPayment, Payment: &result}}
	return out
}
