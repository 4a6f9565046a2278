package postgres

import (
	"context"
	"strings"

	"github.com/zhanggui-pay/zhanggui/core"
)

var memberTable = &table{"members", []string{
	"tenant_id", "id", "account_id", "provider", "uid", "state", "phone_sealed", "phone_display", "created_at", "updated_at",
}}

var (
	memberSelect = "SELECT " + strings.Join(memberTable.columns, ", ") + " FROM members"
	memberInsert = memberTable.insertText() + " ON CONFLICT DO NOTHING"
	memberUpdate = `UPDATE members SET account_id = $3, provider = $4, state = $5, phone_sealed = $6, phone_display = $7, updated_at = $8
		WHERE tenant_id = $1 AND id = $2 AND updated_at = $9`
)

type memberRow struct {
	TenantID     core.ID `db:"tenant_id"`
	ID           core.ID `db:"id"`
	AccountID    core.ID `db:"account_id"`
	Provider     string  `db:"provider"`
	UID          string  `db:"uid"`
	State        string  `db:"state"`
	PhoneSealed  []byte  `db:"phone_sealed"`
	PhoneDisplay string  `db:"phone_display"`
	CreatedAt    stamp   `db:"created_at"`
	UpdatedAt    stamp   `db:"updated_at"`
}

func (r *memberRow) member() core.Member {
	return core.Member{
		TenantID: r.TenantID, ID: r.ID, AccountID: r.AccountID, Provider: r.Provider, UID: r.UID, State: core.MemberState(r.State),
		PhoneSealed: r.PhoneSealed, PhoneDisplay: r.PhoneDisplay, CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time,
	}
}

// InsertMember implements core.TenantTx. Errors: CodeConflict when the uid is there.
func (t *tenantTx) InsertMember(ctx context.Context, m core.Member) error {
	if m.TenantID != t.tenant {
		return wrongTenant("member")
	}
	return t.s.mustChange(ctx, core.Errorf(core.CodeConflict, "The member is there already."), memberInsert,
		m.TenantID, m.ID, m.AccountID, m.Provider, clean(m.UID), string(m.State), m.PhoneSealed, m.PhoneDisplay, stamp{m.CreatedAt}, stamp{m.UpdatedAt})
}

// UpdateMember implements core.TenantTx, guarded by the time of the last change.
func (t *tenantTx) UpdateMember(ctx context.Context, m, was core.Member) error {
	return t.s.mustChange(ctx, core.Errorf(core.CodeConflict, "The member changed meanwhile. Read it again."), memberUpdate,
		t.tenant, m.ID, m.AccountID, m.Provider, string(m.State), m.PhoneSealed, m.PhoneDisplay, stamp{m.UpdatedAt}, stamp{was.UpdatedAt})
}

// MemberByUID implements core.TenantReader.
func (t *tenantTx) MemberByUID(ctx context.Context, uid string) (core.Member, error) {
	var row memberRow
	if err := t.s.get(ctx, &row, core.NotFound("member"), memberSelect+" WHERE tenant_id = $1 AND uid = $2", t.tenant, clean(uid)); err != nil {
		return core.Member{}, err
	}
	return row.member(), nil
}

// Members implements core.TenantReader.
func (t *tenantTx) Members(ctx context.Context, f core.MemberFilter) ([]core.Member, error) {
	c := t.own("x.tenant_id")
	c.text("x.uid", f.UID)
	c.text("x.state", string(f.State))
	var rows []memberRow
	if err := t.s.list(ctx, &rows, c.page(memberSelect+" x", f.Page, "x.created_at", "x.id"), c.args...); err != nil {
		return nil, err
	}
	return convert(rows, (*memberRow).member), nil
}
