package postgres

import (
	"context"
	"encoding/json"

	"github.com/zhanggui-pay/zhanggui/core"
)

var eventTable = &table{"events", []string{"tenant_id", "id", "type", "object_id", "data", "created_at"}}

const eventSelect = "SELECT tenant_id, id, type, object_id, sequence, data, created_at FROM events"

type eventRow struct {
	TenantID  core.ID  `db:"tenant_id"`
	ID        core.ID  `db:"id"`
	Type      string   `db:"type"`
	ObjectID  core.ID  `db:"object_id"`
	Sequence  int64    `db:"sequence"`
	Data      document `db:"data"`
	CreatedAt stamp    `db:"created_at"`
}

func (r *eventRow) event() core.Event {
	return core.Event{
		TenantID: r.TenantID, ID: r.ID, Type: r.Type, ObjectID: r.ObjectID, Sequence: r.Sequence,
		Data: json.RawMessage(r.Data), CreatedAt: r.CreatedAt.Time,
	}
}

// AppendEvent implements core.TenantTx. It is buffered until after the guarded updates, so
// that the sequence is drawn while the object's row is locked.
func (t *tenantTx) AppendEvent(_ context.Context, e core.Event) error {
	if e.TenantID != t.tenant {
		return wrongTenant("event")
	}
	t.s.buffer.add(eventTable, core.ID{}, e.TenantID, e.ID, e.Type, e.ObjectID, rawJSON(e.Data), stamp{e.CreatedAt})
	return nil
}
