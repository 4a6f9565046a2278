package postgres

import (
	"context"
	"strings"
	"time"

	"github.com/lib/pq"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	alertSpread = "UPDATE alerts SET next_check_at = NULL, lease_until = NULL, lease_token = NULL WHERE tenant_id = $1 AND id = $2"
	// A channel hears of an alert's end, or that it presses now, only if it heard of its beginning.
	noticeInsert = `WITH news AS (
			INSERT INTO alert_notices (tenant_id, channel_id, alert_id, what, created_at)
			SELECT c.tenant_id, c.id, a.id, CASE WHEN a.resolved_at IS NOT NULL THEN 'resolved' WHEN heard.is THEN 'pressing' ELSE 'opened' END, $3
			FROM alerts a JOIN alert_channels c ON c.tenant_id = a.tenant_id,
				LATERAL (SELECT EXISTS (SELECT FROM alert_notices n WHERE n.tenant_id = a.tenant_id AND n.channel_id = c.id AND n.alert_id = a.id) AS is) heard
			WHERE a.tenant_id = $1 AND a.id = $2 AND NOT c.disabled AND (c.kinds = '{}' OR a.kind = ANY (c.kinds)) AND (c.least = 'warning' OR a.severity = 'critical')
				AND (heard.is OR a.resolved_at IS NULL) AND (NOT heard.is OR a.resolved_at IS NOT NULL OR a.severity = 'critical')
			ON CONFLICT DO NOTHING RETURNING channel_id
		)
		UPDATE alert_channels c SET next_check_at = GREATEST($4, c.tried_at + $5 * interval '1 second')
		WHERE c.tenant_id = $1 AND c.id IN (SELECT channel_id FROM news) AND c.next_check_at IS NULL`
	noticeSelect = ` FROM alert_notices n JOIN alerts a ON a.tenant_id = n.tenant_id AND a.id = n.alert_id
		WHERE n.tenant_id = $1 AND n.channel_id = $2 AND n.told_at IS NULL AND n.gave_up_at IS NULL ORDER BY n.created_at, n.alert_id, n.what LIMIT $3`
	noticeTold = `UPDATE alert_notices n SET told_at = $3 FROM unnest($4::uuid[], $5::text[]) AS t (alert_id, what)
		WHERE n.tenant_id = $1 AND n.channel_id = $2 AND n.alert_id = t.alert_id AND n.what = t.what`
	noticeGiveUp = `UPDATE alert_notices SET gave_up_at = $3 WHERE tenant_id = $1 AND channel_id = $2 AND created_at < $4 AND told_at IS NULL AND gave_up_at IS NULL`
	// Who adds notices and who finishes a message lock the channel before they look at the
	// other's work: else a notice could come between a message's end and the channel's rest.
	channelsLock = "SELECT 1 FROM alert_channels WHERE tenant_id = $1 ORDER BY id FOR NO KEY UPDATE"
	channelLock  = "SELECT 1 FROM alert_channels WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE"
	channelTried = `UPDATE alert_channels SET tried_at = $3, last_error = $4, last_at = CASE WHEN $4 = '' THEN $3 ELSE last_at END,
		failures = CASE WHEN $4 = '' THEN 0 ELSE failures + 1 END WHERE tenant_id = $1 AND id = $2`
	channelRest = `UPDATE alert_channels SET lease_until = NULL, lease_token = NULL, next_check_at = CASE WHEN NOT disabled AND EXISTS (SELECT FROM alert_notices n WHERE n.tenant_id = $1 AND n.channel_id = $2
			AND n.told_at IS NULL AND n.gave_up_at IS NULL) THEN $3::timestamptz END
		WHERE tenant_id = $1 AND id = $2`
)

var noticeColumns = "SELECT n.what, a." + strings.Join(alertTable.columns, ", a.")

type noticeRow struct {
	alertRow

	What string `db:"what"`
}

func (r *noticeRow) notice() core.AlertNotice {
	return core.AlertNotice{Alert: r.alert(), What: core.AlertNews(r.What)}
}

// SpreadAlert implements core.AlertChannelStore. The alert's row is changed first: what
// becomes of it meanwhile waits, and makes it due anew.
func (r alertRoom) SpreadAlert(ctx context.Context, id core.ID, now, from time.Time, apart time.Duration) error {
	if err := r.session.mustChange(ctx, core.NotFound("alert"), alertSpread, uid(r.owner), id); err != nil {
		return err
	}
	var locked []int
	if err := r.session.list(ctx, &locked, channelsLock, uid(r.owner)); err != nil {
		return err
	}
	_, err := r.session.change(ctx, noticeInsert, uid(r.owner), id, stamp{now}, stamp{from}, apart.Seconds())
	return err
}

// AlertNotices implements core.AlertChannelStore.
func (r alertRoom) AlertNotices(ctx context.Context, channel core.ID, limit int) (notices []core.AlertNotice, failures int, err error) {
	err = r.session.get(ctx, &failures, noChannel(), "SELECT failures FROM alert_channels WHERE tenant_id = $1 AND id = $2", uid(r.owner), channel)
	if err != nil {
		return nil, 0, err
	}
	var rows []noticeRow
	err = r.session.list(ctx, &rows, noticeColumns+noticeSelect, uid(r.owner), channel, limit)
	return convert(rows, (*noticeRow).notice), failures, err
}

// FinishAlertMessage implements core.AlertChannelStore. Without notices nothing was sent.
func (r alertRoom) FinishAlertMessage(ctx context.Context, channel core.ID, m core.AlertMessage) error {
	var locked int
	if err := r.session.get(ctx, &locked, noChannel(), channelLock, uid(r.owner), channel); err != nil {
		return err
	}
	if len(m.Notices) > 0 {
		if err := r.noteMessage(ctx, channel, m); err != nil {
			return err
		}
	}
	_, err := r.session.change(ctx, channelRest, uid(r.owner), channel, stamp{m.NextAt})
	return err
}

func (r alertRoom) noteMessage(ctx context.Context, channel core.ID, m core.AlertMessage) error {
	if m.Failure == "" {
		alerts, what := make([]core.ID, len(m.Notices)), make(pq.StringArray, len(m.Notices))
		for i, n := range m.Notices {
			alerts[i], what[i] = n.Alert.ID, string(n.What)
		}
		if _, err := r.session.change(ctx, noticeTold, uid(r.owner), channel, stamp{m.At}, uids(alerts), what); err != nil {
			return err
		}
	}
	if _, err := r.session.change(ctx, noticeGiveUp, uid(r.owner), channel, stamp{m.At}, stamp{m.GiveUpBefore}); err != nil {
		return err
	}
	_, err := r.session.change(ctx, channelTried, uid(r.owner), channel, stamp{m.At}, clean(m.Failure))
	return err
}
