package wechatpay

import (
	"encoding/json"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/ledger"
)

// record is one line of the journal: an order's new state with the movement that caused it, a merchant, the platform's
// keys, or a reset.
type record struct {
	Order    *Order          `json:"order,omitempty"`
	Effect   *ledger.Entry   `json:"effect,omitempty"`
	Merchant *MerchantConfig `json:"merchant,omitempty"`
	Platform *savedPlatform  `json:"platform,omitempty"`
	Reset    bool            `json:"reset,omitempty"`
}

// restore replays a journal. Notifications that were waiting to be sent again are not resumed; Notify sends them.
func (s *Simulator) restore(lines []json.RawMessage) {
	for _, line := range lines {
		var r record
		if err := json.Unmarshal(line, &r); err != nil {
			continue // another version's record: what it held is lost, the rest is not
		}
		if r.Reset {
			s.book.reset()
			s.ledger.Reset()
		}
		if r.Effect != nil {
			s.ledger.Append(*r.Effect)
		}
		if r.Order != nil {
			s.book.restore(*r.Order)
		}
		if r.Merchant != nil {
			if merchant, err := r.Merchant.Merchant(); err == nil {
				s.merchants.put(merchant)
			}
		}
		if r.Platform != nil {
			_ = s.platform.restore(*r.Platform) // as above: keys that cannot be read are made anew
		}
	}
}
