package rbac

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/casbin/casbin/v2/model"
	"github.com/casbin/casbin/v2/persist"
	"github.com/jmoiron/sqlx"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/policies"
)

// binding is one row of role_bindings, the truth of who has which role.
type binding struct {
	UserID   core.ID   `db:"user_id"`
	TenantID core.ID   `db:"tenant_id"`
	Role     core.Role `db:"role"`
}

// domain is where the binding counts. A platform role bound in a merchant, or the other way
// round, counts nowhere.
func (b binding) domain() (string, bool) {
	if b.TenantID.IsZero() {
		return policies.PlatformDomain, b.Role.IsPlatform()
	}
	return b.TenantID.String(), !b.Role.IsPlatform()
}

func readBindings(ctx context.Context, db *sqlx.DB) ([]binding, error) {
	var out []binding
	// The zero tenant stands for the platform; as an ID it scans to the zero ID.
	err := db.SelectContext(ctx, &out, `SELECT user_id, tenant_id, role FROM zhanggui.role_bindings`)
	if err != nil {
		return nil, fmt.Errorf("rbac: read the role bindings: %w", err)
	}
	return out, nil
}

// adapter hands Casbin the templates and the bindings read last. It is read-only: bindings
// are written with the rest of a user, in one transaction.
type adapter struct {
	templates []policies.Rule
	bindings  []binding
}

var _ persist.Adapter = (*adapter)(nil)

var errReadOnly = errors.New("rbac: role bindings are written by the directory, not through Casbin")

// LoadPolicy fills the model.
func (a *adapter) LoadPolicy(m model.Model) error {
	for _, rule := range a.templates {
		line := []string{"p", rule.Role, rule.Domain, rule.Object, strings.Join(rule.Actions, "|")}
		if err := persist.LoadPolicyArray(line, m); err != nil {
			return fmt.Errorf("rbac: load a template of %s: %w", rule.Role, err)
		}
	}
	for _, b := range a.bindings {
		domain, ok := b.domain()
		if !ok {
			continue
		}
		line := []string{"g", Subject(b.UserID), string(b.Role), domain}
		if err := persist.LoadPolicyArray(line, m); err != nil {
			return fmt.Errorf("rbac: load a binding: %w", err)
		}
	}
	return nil
}

// Subject is the Casbin subject of a user.
func Subject(user core.ID) string { return "user:" + user.Prefixed(core.PrefixUser) }

// SavePolicy is refused.
func (a *adapter) SavePolicy(model.Model) error { return errReadOnly }

// AddPolicy is refused.
func (a *adapter) AddPolicy(string, string, []string) error { return errReadOnly }

// RemovePolicy is refused.
func (a *adapter) RemovePolicy(string, string, []string) error { return errReadOnly }

// RemoveFilteredPolicy is refused.
func (a *adapter) RemoveFilteredPolicy(string, string, int, ...string) error { return errReadOnly }
