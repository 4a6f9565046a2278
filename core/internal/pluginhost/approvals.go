package pluginhost

import (
	"context"
	"sync"
)

// ApproveAll lets every file run: for development, where plugins are rebuilt all the time.
type ApproveAll struct{}

var _ Approvals = ApproveAll{}

// Approval answers yes.
func (ApproveAll) Approval(context.Context, string, string) (Approval, error) {
	return ApprovalEnabled, nil
}

// ApprovedAs knows nobody by their hash.
func (ApproveAll) ApprovedAs(context.Context, string) (string, error) { return "", nil }

// TrustFirst lets the first binary it sees of a plugin run and no other, until Approve is called.
type TrustFirst struct {
	mu    sync.Mutex
	known map[string]string
}

var _ Approvals = (*TrustFirst)(nil)

// Approval compares with what was seen first.
func (t *TrustFirst) Approval(_ context.Context, id, sha256 string) (Approval, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.known == nil {
		t.known = map[string]string{}
	}
	switch t.known[id] {
	case "":
		t.known[id] = sha256
		return ApprovalEnabled, nil
	case sha256:
		return ApprovalEnabled, nil
	default:
		return ApprovalModified, nil
	}
}

// Approve lets the binary with this SHA-256 run as the plugin, and no other.
func (t *TrustFirst) Approve(id, sha256 string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.known == nil {
		t.known = map[string]string{}
	}
	t.known[id] = sha256
}

// ApprovedAs gives the id of a binary that runs.
func (t *TrustFirst) ApprovedAs(_ context.Context, sha256 string) (string, error) { return "", nil }
