package host

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
)

// followChanges tells this node's consoles what changed on any node.
func (h *Host) followChanges(ctx context.Context) {
	for ctx.Err() == nil {
		if err := h.db.ListenChanges(ctx, func(c core.Change) { h.service.Heard(ctx, c) }); err != nil && ctx.Err() == nil {
			h.parts.Logger.WarnContext(ctx, "consoles are not told of changes", "error", err)
			pause(ctx, listenAgain)
		}
	}
}
