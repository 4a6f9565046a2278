package postgres

import (
	"context"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	userSelect = `SELECT id, email, name, password_hash, totp_sealed, totp_enabled, disabled, failures, locked_until,
		last_totp_step, created_at, last_login_at, invited_by, invited_at, invite_expires_at, accepted_at FROM users`
	userInsert = `INSERT INTO users (id, email, name, password_hash, totp_sealed, totp_enabled, disabled,
		invited_by, invited_at, invite_expires_at, accepted_at, created_at, last_login_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`
	userUpdate = `UPDATE users SET email = $2, name = $3, password_hash = $4, totp_sealed = $5, totp_enabled = $6, disabled = $7,
		invited_by = $8, invited_at = $9, invite_expires_at = $10, accepted_at = $11 WHERE id = $1`
	bindRole = `INSERT INTO role_bindings (user_id, tenant_id, role, store_ids) VALUES ($1, $2, $3, $4::uuid[])
		ON CONFLICT (user_id, tenant_id, role) DO UPDATE SET store_ids = EXCLUDED.store_ids`
	unbindRole    = `DELETE FROM role_bindings WHERE user_id = $1 AND tenant_id = $2 AND role = $3`
	loginFailed   = `UPDATE users SET failures = failures + 1, locked_until = greatest(locked_until, $2) WHERE id = $1`
	loginSucceded = `UPDATE users SET failures = 0, locked_until = NULL, last_login_at = $2 WHERE id = $1`
	useTOTPStep   = `UPDATE users SET last_totp_step = $2 WHERE id = $1 AND last_totp_step < $2`
	rolesSelect   = `SELECT b.user_id, b.tenant_id, coalesce(t.name, '') AS tenant_name, b.role, b.store_ids
		FROM role_bindings b LEFT JOIN tenants_directory t ON t.tenant_id = b.tenant_id
		WHERE b.user_id = ANY ($1::uuid[]) ORDER BY b.tenant_id, b.role`
)

type userRow struct {
	ID           core.ID `db:"id"`
	Email        string  `db:"email"`
	Name         string  `db:"name"`
	PasswordHash string  `db:"password_hash"`
	TOTPSealed   []byte  `db:"totp_sealed"`
	TOTPEnabled  bool    `db:"totp_enabled"`
	Disabled     bool    `db:"disabled"`
	Failures     int     `db:"failures"`
	LockedUntil  stamp   `db:"locked_until"`
	LastTOTPStep int64   `db:"last_totp_step"`
	CreatedAt    stamp   `db:"created_at"`
	LastLoginAt  stamp   `db:"last_login_at"`
	InvitedBy    string  `db:"invited_by"`
	InvitedAt    stamp   `db:"invited_at"`
	InviteEnds   stamp   `db:"invite_expires_at"`
	AcceptedAt   stamp   `db:"accepted_at"`
}

func (r *userRow) user() core.User {
	return core.User{
		ID: r.ID, Email: r.Email, Name: r.Name, PasswordHash: r.PasswordHash, TOTPSealed: r.TOTPSealed, TOTPEnabled: r.TOTPEnabled,
		Disabled: r.Disabled, CreatedAt: r.CreatedAt.Time, LastLoginAt: r.LastLoginAt.Time,
		Invitation: core.Invitation{By: r.InvitedBy, At: r.InvitedAt.Time, ExpiresAt: r.InviteEnds.Time, AcceptedAt: r.AcceptedAt.Time},
	}
}

func noUser() error { return core.NotFound("user") }

// InsertUser implements core.DirectoryTx. The user's Roles are written with it.
func (d *directoryTx) InsertUser(ctx context.Context, u core.User) error {
	_, err := d.s.change(ctx, userInsert, append(writtenUser(u), stamp{u.CreatedAt}, stamp{u.LastLoginAt})...)
	for _, b := range u.Roles {
		if err == nil {
			err = d.BindRole(ctx, u.ID, b)
		}
	}
	return err
}

// UpdateUser implements core.DirectoryTx. Roles, counters and the last sign-in have their own methods.
func (d *directoryTx) UpdateUser(ctx context.Context, u core.User) error {
	return d.s.mustChange(ctx, noUser(), userUpdate, writtenUser(u)...)
}

// writtenUser is what userInsert and userUpdate begin with.
func writtenUser(u core.User) []any {
	return []any{
		u.ID, u.Email, u.Name, u.PasswordHash, nullBytes(u.TOTPSealed), u.TOTPEnabled, u.Disabled,
		u.Invitation.By,
		stamp{u.Invitation.At},
		stamp{u.Invitation.ExpiresAt},
		stamp{u.Invitation.AcceptedAt},
	}
}

// User implements core.DirectoryTx, with the user's roles.
func (d *directoryTx) User(ctx context.Context, id core.ID) (core.User, error) {
	state, err := d.oneUser(ctx, "id = $1", id)
	return state.User, err
}

// UserByEmail implements core.DirectoryTx. Letter case does not matter.
func (d *directoryTx) UserByEmail(ctx context.Context, email string) (core.LoginState, error) {
	return d.oneUser(ctx, "lower(email) = lower($1)", email)
}

func (d *directoryTx) oneUser(ctx context.Context, where string, arg any) (core.LoginState, error) {
	var row userRow
	if err := d.s.get(ctx, &row, noUser(), userSelect+" WHERE "+where, arg); err != nil {
		return core.LoginState{}, err
	}
	users, err := d.withRoles(ctx, []userRow{row})
	if err != nil {
		return core.LoginState{}, err
	}
	return core.LoginState{User: users[0], Failures: row.Failures, LockedUntil: row.LockedUntil.Time, LastTOTPStep: row.LastTOTPStep}, nil
}

// Users implements core.DirectoryTx. Every user comes with all of its roles, those in other tenants too.
func (d *directoryTx) Users(ctx context.Context, tenant core.ID) ([]core.User, error) {
	var rows []userRow
	err := d.s.list(ctx, &rows, userSelect+" WHERE id IN (SELECT user_id FROM role_bindings WHERE tenant_id = $1) ORDER BY created_at, id", uid(tenant))
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return d.withRoles(ctx, rows)
}

func (d *directoryTx) withRoles(ctx context.Context, rows []userRow) ([]core.User, error) {
	ids := convert(rows, func(r *userRow) core.ID { return r.ID })
	var bindings []struct {
		UserID     core.ID `db:"user_id"`
		TenantID   core.ID `db:"tenant_id"`
		TenantName string  `db:"tenant_name"`
		Role       string  `db:"role"`
		StoreIDs   idList  `db:"store_ids"`
	}
	if err := d.s.list(ctx, &bindings, rolesSelect, uids(ids)); err != nil {
		return nil, err
	}
	of := map[core.ID][]core.RoleBinding{}
	for _, b := range bindings {
		of[b.UserID] = append(of[b.UserID], core.RoleBinding{TenantID: b.TenantID, TenantName: b.TenantName, Role: core.Role(b.Role), StoreIDs: b.StoreIDs})
	}
	users := convert(rows, (*userRow).user)
	for i := range users {
		users[i].Roles = of[users[i].ID]
	}
	return users, nil
}

// CountUsers implements core.DirectoryTx.
func (d *directoryTx) CountUsers(ctx context.Context) (int, error) {
	var n int
	err := d.s.get(ctx, &n, noUser(), "SELECT count(*) FROM users")
	return n, err
}

// BindRole implements core.DirectoryTx. Binding again replaces the stores.
func (d *directoryTx) BindRole(ctx context.Context, user core.ID, b core.RoleBinding) error {
	_, err := d.s.change(ctx, bindRole, user, uid(b.TenantID), string(b.Role), uids(b.StoreIDs))
	return err
}

// UnbindRole implements core.DirectoryTx. Errors: CodeNotFound when the user has no such role.
func (d *directoryTx) UnbindRole(ctx context.Context, user, tenant core.ID, role core.Role) error {
	return d.s.mustChange(ctx, core.NotFound("role"), unbindRole, user, uid(tenant), string(role))
}

// LoginFailed implements core.DirectoryTx. A zero lockedUntil does not lock, and no failure shortens a lock.
func (d *directoryTx) LoginFailed(ctx context.Context, user core.ID, _, lockedUntil time.Time) error {
	return d.s.mustChange(ctx, noUser(), loginFailed, user, stamp{lockedUntil})
}

// LoginSucceeded implements core.DirectoryTx.
func (d *directoryTx) LoginSucceeded(ctx context.Context, user core.ID, now time.Time) error {
	return d.s.mustChange(ctx, noUser(), loginSucceded, user, stamp{now})
}

// UseTOTPStep implements core.DirectoryTx.
func (d *directoryTx) UseTOTPStep(ctx context.Context, user core.ID, step int64) error {
	return d.s.mustChange(ctx, core.Errorf(core.CodeLoginFailed, "This one-time code was used before. Wait for the next one."), useTOTPStep, user, step)
}

func nullBytes(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}
