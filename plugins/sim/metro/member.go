package metro

import (
	"sort"
	"sync"
	"time"
)

// States of a membership, as the merchant answers them (seed 000, 四.1).
const (
	VIPUnactive = "UNACTIVE"
	VIPActive   = "ACTIVE"
	VIPClosed   = "CLOSED"
)

// Member is what the provider knows of a merchant's member: what the merchant last answered, and the phone it last
// took. The phone is a simulated one and kept in plain text.
type Member struct {
	MchID     string    `json:"mch_id"`
	UID       string    `json:"uid"`
	Phone     string    `json:"phone"`
	VIPStatus string    `json:"vip_status"` // "" until the merchant answered an open or unbind
	Changed   time.Time `json:"changed"`
}

// members are known by merchant and uid.
type members struct {
	mu    sync.RWMutex
	known map[[2]string]Member
}

func newMembers() *members { return &members{known: make(map[[2]string]Member)} }

func (ms *members) find(mchID, uid string) (Member, bool) {
	ms.mu.RLock()
	defer ms.mu.RUnlock()
	m, ok := ms.known[[2]string{mchID, uid}]
	return m, ok
}

func (ms *members) put(m Member) {
	ms.mu.Lock()
	defer ms.mu.Unlock()
	ms.known[[2]string{m.MchID, m.UID}] = m
}

// take enters an acknowledged message and returns the member as it now is.
func (ms *members) take(m Message, vipStatus string, at time.Time) Member {
	ms.mu.Lock()
	defer ms.mu.Unlock()
	key := [2]string{m.MchID, m.UID}
	member := ms.known[key]
	member.MchID, member.UID, member.Phone, member.Changed = m.MchID, m.UID, m.Phone, at
	if m.Call != CallPhone {
		member.VIPStatus = vipStatus
	}
	ms.known[key] = member
	return member
}

func (ms *members) reset() {
	ms.mu.Lock()
	defer ms.mu.Unlock()
	ms.known = make(map[[2]string]Member)
}

// Members lists the members of all merchants, by company number and uid.
func (s *Simulator) Members() []Member {
	s.members.mu.RLock()
	out := make([]Member, 0, len(s.members.known))
	for _, m := range s.members.known {
		out = append(out, m)
	}
	s.members.mu.RUnlock()
	sort.Slice(out, func(i, j int) bool {
		if out[i].MchID != out[j].MchID {
			return out[i].MchID < out[j].MchID
		}
		return out[i].UID < out[j].UID
	})
	return out
}

// Member is one member of a merchant.
func (s *Simulator) Member(mchID, uid string) (Member, bool) { return s.members.find(mchID, uid) }
