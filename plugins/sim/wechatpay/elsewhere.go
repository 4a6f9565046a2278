package wechatpay

import (
	"errors"
	"fmt"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/ledger"
)

// ErrElsewhere says that an order cannot have been paid elsewhere.
var ErrElsewhere = errors.New("an order that was paid elsewhere needs a merchant, an out_trade_no of its own and a total")

// Elsewhere is an order that the merchant took by another system than the caller: paid now, in the ledger and the
// day's bill like any other.
type Elsewhere struct {
	OutTradeNo string `json:"out_trade_no"`
	Total      int64  `json:"total"` // fen
}

// PayElsewhere has a merchant take an order by another system.
func (s *Simulator) PayElsewhere(mchID string, e Elsewhere) error {
	merchant, known := s.merchants.find(mchID)
	if !known || !numberForm.MatchString(e.OutTradeNo) || e.Total < 1 {
		return ErrElsewhere
	}
	appID := "wx0000000000000000"
	if len(merchant.AppIDs) > 0 {
		appID = merchant.AppIDs[0]
	}
	now := s.now()
	o, existing := s.book.add(Order{
		MchID: mchID, AppID: appID, OutTradeNo: e.OutTradeNo, Operation: "elsewhere", TradeType: TradeNative, State: StatePaid,
		Description: "elsewhere", OpenID: "oSIM-payer-elsewhere", Total: e.Total, Created: now, Expires: now, Paid: now,
	})
	if existing != nil {
		return fmt.Errorf("%w: %s is taken", ErrElsewhere, e.OutTradeNo)
	}
	defer o.mu.Unlock()
	s.book.trade(o, now)
	s.move(o, ledger.Pay, o.Total, "")
	return nil
}
