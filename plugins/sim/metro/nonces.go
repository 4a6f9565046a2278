package metro

import (
	"sync"
	"time"
)

// nonces remembers which random strings each merchant has used lately. The zero value is empty.
type nonces struct {
	mu    sync.Mutex
	seen  map[[2]string]time.Time
	swept time.Time
}

// use reports whether the nonce is fresh, and remembers it for at least the given time.
func (n *nonces) use(mchID, nonce string, now time.Time, keep time.Duration) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.seen == nil {
		n.seen = make(map[[2]string]time.Time)
	}
	if now.Sub(n.swept) > keep {
		for key, at := range n.seen {
			if now.Sub(at) > keep {
				delete(n.seen, key)
			}
		}
		n.swept = now
	}
	key := [2]string{mchID, nonce}
	if at, used := n.seen[key]; used && now.Sub(at) <= keep {
		return false
	}
	n.seen[key] = now
	return true
}

func (n *nonces) reset() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.seen = nil
}
