package metro

import (
	"encoding/json"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/ledger"
)

// record is one line of the journal: an order's new state with the movement that caused it, a member, a merchant, or
// a reset.
type record struct {
	Order    *Order        `json:"order,omitempty"`
	Effect   *ledger.Entry `json:"effect,omitempty"`
	Member   *Member       `json:"member,omitempty"`
	Merchant *Merchant     `json:"merchant,omitempty"`
	Reset    bool          `json:"reset,omitempty"`
}

// restore replays a journal.
func (s *Simulator) restore(lines []json.RawMessage) {
	for _, line := range lines {
		var r record
		if err := json.Unmarshal(line, &r); err != nil {
			continue // another version's record: what it held is lost, the rest is not
		}
		if r.Reset {
			s.book.reset()
			s.ledger.Reset()
			s.members.reset()
		}
		if r.Effect != nil {
			s.ledger.Append(*r.Effect)
		}
		if r.Order != nil {
			s.book.restore(*r.Order)
		}
		if r.Member != nil {
			s.members.put(*r.Member)
		}
		if r.Merchant != nil {
			s.merchants.put(*r.Merchant)
		}
	}
}
