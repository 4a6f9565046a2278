package web

import (
	"slices"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// TestTheTimelineBeginsWithTheMaking has the first call begin at the moment of the making.
func TestTheTimelineBeginsWithTheMaking(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)
	got := timelineOf(
		[]core.Attempt{{Operation: core.CapCreatePayment, StartedAt: now}, {Operation: core.CapQueryPayment, StartedAt: now.Add(time.Second)}},
		[]core.Event{{Type: "payment.created", CreatedAt: now}, {Type: "payment.unknown", CreatedAt: now}, {Type: "payment.succeeded", CreatedAt: now.Add(time.Second)}},
	)
	var titles []string
	for _, entry := range got {
		titles = append(titles, entry.Title)
	}
	want := []string{"payment.created", string(core.CapCreatePayment), "payment.unknown", string(core.CapQueryPayment), "payment.succeeded"}
	if !slices.Equal(titles, want) {
		t.Errorf("%v, not %v", titles, want)
	}
}
