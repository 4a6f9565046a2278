package postgres

import (
	"context"
	"strings"
	"time"

	"github.com/lib/pq"

	"github.com/zhanggui-pay/zhanggui/core"
)

var channelTable = &table{"alert_channels", []string{
	"tenant_id", "id", "name", "type", "recipients", "display", "signed", "sealed", "kinds", "least", "language", "disabled",
	"last_at", "last_error", "tested_at", "created_at", "updated_at",
}}

var (
	channelSelect = "SELECT " + strings.Join(channelTable.columns, ", ") + " FROM alert_channels WHERE tenant_id = $1"
	channelInsert = `INSERT INTO alert_channels (tenant_id, id, name, type, recipients, display, signed, sealed, kinds, least, language, disabled, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)`
	// A channel that is switched off is no longer due; what waited for it is told when it is
	// switched on again.
	channelUpdate = `UPDATE alert_channels SET name = $3, recipients = $4, display = $5, signed = $6, sealed = $7, kinds = $8, least = $9, language = $10,
		disabled = $11, updated_at = $12, failures = 0,
		next_check_at = CASE WHEN $11 THEN NULL WHEN EXISTS (SELECT FROM alert_notices n WHERE n.tenant_id = $1 AND n.channel_id = $2
			AND n.told_at IS NULL AND n.gave_up_at IS NULL) THEN $12 ELSE next_check_at END
		WHERE tenant_id = $1 AND id = $2 AND updated_at = $13`
)

type channelRow struct {
	TenantID   core.ID        `db:"tenant_id"`
	ID         core.ID        `db:"id"`
	Name       string         `db:"name"`
	Type       string         `db:"type"`
	Recipients pq.StringArray `db:"recipients"`
	Display    string         `db:"display"`
	Signed     bool           `db:"signed"`
	Sealed     []byte         `db:"sealed"`
	Kinds      pq.StringArray `db:"kinds"`
	Least      string         `db:"least"`
	Language   string         `db:"language"`
	Disabled   bool           `db:"disabled"`
	LastAt     stamp          `db:"last_at"`
	LastError  string         `db:"last_error"`
	TestedAt   stamp          `db:"tested_at"`
	CreatedAt  stamp          `db:"created_at"`
	UpdatedAt  stamp          `db:"updated_at"`
}

func (r *channelRow) channel() core.AlertChannel {
	c := core.AlertChannel{
		TenantID: r.TenantID, ID: r.ID, Name: r.Name, Type: core.AlertChannelType(r.Type), Recipients: r.Recipients, Display: r.Display, Signed: r.Signed,
		Sealed: r.Sealed, Least: core.AlertSeverity(r.Least), Language: r.Language, Disabled: r.Disabled, LastAt: r.LastAt.Time, LastError: r.LastError,
		TestedAt: r.TestedAt.Time, CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time,
	}
	for _, k := range r.Kinds {
		c.Kinds = append(c.Kinds, core.AlertKind(k))
	}
	return c
}

// AlertChannels implements core.AlertChannelStore, oldest first.
func (r alertRoom) AlertChannels(ctx context.Context) ([]core.AlertChannel, error) {
	var rows []channelRow
	err := r.session.list(ctx, &rows, channelSelect+" ORDER BY created_at, id", uid(r.owner))
	return convert(rows, (*channelRow).channel), err
}

// AlertChannel implements core.AlertChannelStore.
func (r alertRoom) AlertChannel(ctx context.Context, id core.ID) (core.AlertChannel, error) {
	var row channelRow
	err := r.session.get(ctx, &row, noChannel(), channelSelect+" AND id = $2", uid(r.owner), id)
	return row.channel(), err
}

func noChannel() *core.Error { return core.NotFound("alert channel") }

// InsertAlertChannel implements core.AlertChannelStore.
func (r alertRoom) InsertAlertChannel(ctx context.Context, c core.AlertChannel) error {
	if c.TenantID != r.owner {
		return wrongTenant("alert channel")
	}
	_, err := r.session.change(ctx, channelInsert, uid(c.TenantID), c.ID, c.Name, string(c.Type), texts(c.Recipients), c.Display, c.Signed, c.Sealed,
		texts(c.Kinds), string(c.Least), c.Language, c.Disabled, stamp{c.CreatedAt})
	return err
}

// UpdateAlertChannel implements core.AlertChannelStore.
func (r alertRoom) UpdateAlertChannel(ctx context.Context, c core.AlertChannel, was time.Time) error {
	changed := core.Errorf(core.CodeConflict, "The channel was changed meanwhile. Load it again.")
	return r.session.mustChange(ctx, changed, channelUpdate, uid(r.owner), c.ID, c.Name, texts(c.Recipients), c.Display, c.Signed, c.Sealed,
		texts(c.Kinds), string(c.Least), c.Language, c.Disabled, stamp{c.UpdatedAt}, stamp{was})
}

// DeleteAlertChannel implements core.AlertChannelStore. What it was not told yet goes with it.
func (r alertRoom) DeleteAlertChannel(ctx context.Context, id core.ID) error {
	return r.session.mustChange(ctx, noChannel(), "DELETE FROM alert_channels WHERE tenant_id = $1 AND id = $2", uid(r.owner), id)
}

// NoteAlertTest implements core.AlertChannelStore.
func (r alertRoom) NoteAlertTest(ctx context.Context, id core.ID, now time.Time) error {
	return r.session.mustChange(ctx, noChannel(), "UPDATE alert_channels SET tested_at = $3 WHERE tenant_id = $1 AND id = $2", uid(r.owner), id, stamp{now})
}
