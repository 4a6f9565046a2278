package main

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/mmsp/internal/wire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// The lengths of scan's tables (5 to 9), in characters.
const (
	maxGoodsName      = 15
	maxCode           = 32
	maxIP             = 18
	maxPayerID        = 32
	maxAppID          = 32
	maxPreOrderNotify = 50 // trap C4
	maxNotify         = 100
	maxH5Jump         = 100
	maxShownURL       = 1024 // printed with 100; a longer address is as good
	maxPayInfo        = 8192 // printed with 100, and JSON in a string (trap C7)
)

// tradeScan and tradeWindow are TRADETYPE in an order: the payer scans, or pays inside the
// wallet. Elsewhere the same name is the wallet (trap C3).
const (
	tradeScan   = "1"
	tradeWindow = "2"
)

// scanAccount signs for scan.
func scanAccount(call *sdk.Call, set settings) wire.Account {
	a := md5Account(call, set.ScanPath)
	a.ZeroIsTaken = set.ZeroIsTaken
	return a
}

// scanOrder are the fields that every order of scan has, checked.
func (p provider) scanOrder(call *sdk.Call, req sdk.PaymentRequest, notifyLength int) (map[string]string, error) {
	if err := checkNumber("order_no", req.OrderNo, maxScanNumber); err != nil {
		return nil, err
	}
	if err := checkAmount(req.Amount, maxScanAmount); err != nil {
		return nil, err
	}
	goods := strings.TrimSpace(req.Subject)
	if goods == "" {
		return nil, invalid("subject", "Say what is paid for: MMSP requires 1 to %d characters.", maxGoodsName)
	}
	if err := checkText("subject", goods, maxGoodsName); err != nil {
		return nil, err
	}
	if len(req.ClientIP) > maxIP {
		return nil, invalid("client_ip", "The payer's address has %d characters; MMSP takes at most %d, so no long IPv6 address.", len(req.ClientIP), maxIP)
	}
	if err := checkExpiry(call, req.ExpiresAt); err != nil {
		return nil, err
	}
	notify, err := callbackURL(call, inboundScan, notifyLength)
	if err != nil {
		return nil, err
	}
	random, err := p.randomText()
	if err != nil {
		return nil, err
	}
	return map[string]string{
		"AMT":        strconv.FormatInt(req.Amount.Minor, 10),
		"CUR":        sdk.CNY, // 条件 in one table and 必须 in the next (trap C10)
		"GOODSNAME":  goods,
		"IP":         req.ClientIP,
		"MERORDERID": req.OrderNo,
		"NOTIFY_URL": notify,
		"RANDSTR":    random,
		"TIME_END":   wallTime(req.ExpiresAt, time.DateTime),
	}, nil
}

// wallTime writes a time in Beijing: TIME_END is a time of day, not a duration (trap C12).
func wallTime(at time.Time, layout string) string {
	if at.IsZero() {
		return ""
	}
	return at.In(sdk.Beijing()).Format(layout)
}

// settlementFields are IST0 (printed ISTO) and LIMIT_PAY, where the tables have them (trap
// C11). The provider's defaults, T1 and no limit, are not sent.
func (s scanSettings) settlementFields(fields map[string]string) {
	if s.Settlement == "T0" {
		fields["IST0"] = "2"
	}
	s.limitField(fields)
}

func (s scanSettings) limitField(fields map[string]string) {
	if s.NoCreditCards {
		fields["LIMIT_PAY"] = "1"
	}
}

// createScan sends an order and reads its reply.
func (provider) createScan(
	ctx context.Context, call *sdk.Call, set settings, command wire.Command, req sdk.PaymentRequest, fields map[string]string,
	read func(wire.Reply, wire.Echo) sdk.PaymentResult,
) (sdk.PaymentResult, error) {
	reply, err := wire.Exchange(ctx, call, scanAccount(call, set), command, fields)
	if err != nil {
		return noPayment(err)
	}
	// The replies to orders repeat our number and no amount (scan 5 to 9).
	echo := wire.Echo{OrderNo: req.OrderNo, Amount: req.Amount, NoAmount: true}
	if outcome, ok := reply.Taken(wire.MovesMoney); !ok {
		return reply.Payment(outcome, echo), nil
	}
	return read(reply, echo), nil
}
