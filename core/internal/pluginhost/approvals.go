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

// TrustFirst lets the first file it sees under a name run and no other, until Approve is called.
type TrustFirst struct {
	mu    sync.Mutex
	known map[string]string
}

var _ Approvals = (*TrustFirst)(nil)

// Approval compares with what was seen first.
func (t *TrustFirst) Approval(_ context.Context, file, sha256 string) (Approval, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.known == nil {
		t.known = map[string]string{}
	}
	switch t.known[file] {
	case "":
		t.known[file] = sha256
		return ApprovalEnabled, nil
	case sha256:
		return ApprovalEnabled, nil
	default:
		return ApprovalModified, nil
	}
}

// Approve lets the file with this SHA-256 run under the name, and no other.
func (t *TrustFirst) Approve(file, sha256 string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.known == nil {
		t.known = map[string]string{}
	}
	t.known[file] = sha256
}
