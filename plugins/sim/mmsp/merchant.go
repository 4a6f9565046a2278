package mmsp

import "sync"

// Merchant is a contract with the platform.
type Merchant struct {
	MerNo  string `json:"mer_no"`
	TermNo string `json:"term_no"`
	Key    string `json:"key"` // MD5 key of quick, scan and gateway
	// AgentNo and AgentKey are the agent's, in agent mode (机构模式): every message must then carry the number and
	// is signed with the agent's key, which goes before the merchant's (3.1).
	AgentNo  string `json:"agent_no,omitempty"`
	AgentKey string `json:"agent_key,omitempty"`
	// Payout is the contract on payouts; nil: there is none.
	Payout *PayoutAccount `json:"payout,omitempty"`
}

// signingKey is the MD5 key that signs this merchant's messages, both ways.
func (m *Merchant) signingKey() string {
	if m.AgentNo != "" {
		return m.AgentKey
	}
	return m.Key
}

// merchants finds contracts by their number.
type merchants struct {
	mu       sync.RWMutex
	byNumber map[string]*Merchant // what it points to never changes
}

func newMerchants(list []Merchant) *merchants {
	m := &merchants{byNumber: make(map[string]*Merchant, len(list))}
	for _, one := range list {
		m.put(one)
	}
	return m
}

func (m *merchants) put(one Merchant) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.byNumber[one.MerNo] = &one
}

func (m *merchants) find(number string) *Merchant {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.byNumber[number]
}

// another is a key that is valid, but not for this merchant; "" if no other merchant has one.
func (m *merchants) another(than *Merchant) string {
	m.mu.RLock()
	defer m.mu.RUnlock()
	for _, other := range m.byNumber {
		if key := other.signingKey(); key != "" && key != than.signingKey() {
			return key
		}
	}
	return ""
}
