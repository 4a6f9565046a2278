package service

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
)

// CreateTenant makes a merchant, in onboarding. Only the platform can.
func (s *Service) CreateTenant(ctx context.Context, in core.TenantInput) (core.Tenant, error) {
	id, err := s.allowPlatform(ctx, "tenants", "create")
	if err != nil {
		return core.Tenant{}, err
	}
	if err := checkTenant(in); err != nil {
		return core.Tenant{}, err
	}
	now := s.Clock()
	t := core.Tenant{
		ID: core.NewID(now), Name: in.Name, ShortName: orText(in.ShortName, in.Name), Contact: in.Contact,
		Status: core.TenantOnboarding, TestMode: in.TestMode, CreatedAt: now, UpdatedAt: now,
	}
	t.ShortName = firstRunes(t.ShortName, 40)
	err = s.Database.InDirectory(ctx, func(tx core.DirectoryTx) error {
		if err := tx.InsertTenant(ctx, t); err != nil {
			return err
		}
		return s.auditDirectory(ctx, tx, id, core.ID{}, "tenant.create", tenantName(t.ID), nil, tenantRecord(t))
	})
	if err != nil {
		return core.Tenant{}, err
	}
	return t, nil
}

// allowPlatform is for what no tenant does for itself.
func (s *Service) allowPlatform(ctx context.Context, object, action string) (core.Identity, error) {
	id, err := core.IdentityFrom(ctx)
	if err != nil {
		return id, err
	}
	if !id.Platform {
		return id, core.Errorf(core.CodeForbidden, "Only the platform can do this.")
	}
	id.TenantID = core.ID{}
	return id, s.Authorizer.Authorize(ctx, id, core.Permission{Object: object, Action: action})
}

func tenantName(id core.ID) string { return id.Prefixed(core.PrefixTenant) }

func orText(text, other string) string {
	if text != "" {
		return text
	}
	return other
}

func firstRunes(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most])
	}
	return text
}

func checkTenant(in core.TenantInput) error {
	if err := checkText("name", in.Name, 1, 100); err != nil {
		return err
	}
	if err := checkText("short_name", in.ShortName, 0, 40); err != nil {
		return err
	}
	return checkText("contact", in.Contact, 0, 200)
}

// tenantRecord is what the audit log keeps of a merchant.
func tenantRecord(t core.Tenant) map[string]any {
	return map[string]any{"name": t.Name, "short_name": t.ShortName, "status": t.Status, "test_mode": t.TestMode}
}

// allowTenant is for a tenant named in the request: the platform may name any, others their
// own only. Another tenant answers like one that does not exist.
func (s *Service) allowTenant(ctx context.Context, tenant core.ID, object, action string) (core.Identity, error) {
	id, err := core.IdentityFrom(ctx)
	if err != nil {
		return id, err
	}
	if tenant.IsZero() || !id.Platform && id.TenantID != tenant {
		return id, core.NotFound("merchant")
	}
	id.TenantID = tenant
	return id, s.Authorizer.Authorize(ctx, id, core.Permission{Object: object, Action: action})
}

// Tenant reads a merchant.
func (s *Service) Tenant(ctx context.Context, tenant core.ID) (out core.Tenant, err error) {
	if _, err = s.allowTenant(ctx, tenant, "tenants", "read"); err != nil {
		return out, err
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		out, err = readTenant(ctx, tx)
		return err
	})
	return out, err
}

func readTenant(ctx context.Context, tx core.TenantTx) (core.Tenant, error) {
	t, err := tx.Tenant(ctx)
	if core.CodeOf(err) == core.CodeNotFound {
		return t, core.NotFound("merchant")
	}
	return t, err
}

// ListTenants lists the merchants; a tenant's user sees their own.
func (s *Service) ListTenants(ctx context.Context, f core.TenantFilter) (list []core.Tenant, err error) {
	id, tenant, err := s.allowAnywhere(ctx, "tenants", "read")
	if err != nil {
		return nil, err
	}
	if !id.Platform {
		own, err := s.Tenant(ctx, tenant)
		return []core.Tenant{own}, err
	}
	err = s.Database.AcrossTenants(ctx, func(tx core.PlatformTx) error {
		list, err = tx.Tenants(ctx, f)
		return err
	})
	return list, err
}

// UpdateTenant changes a merchant's details. Test mode is the platform's to change.
func (s *Service) UpdateTenant(ctx context.Context, tenant core.ID, in core.TenantInput) (core.Tenant, error) {
	id, err := s.allowTenant(ctx, tenant, "tenants", "update")
	if err != nil {
		return core.Tenant{}, err
	}
	if err := checkTenant(in); err != nil {
		return core.Tenant{}, err
	}
	everywhere, err := s.allowedEverywhere(ctx, id, "tenants", "update")
	if err != nil {
		return core.Tenant{}, err
	}
	return s.changeTenant(ctx, id, "tenant.update", func(t *core.Tenant) error {
		t.Name, t.ShortName, t.Contact = in.Name, firstRunes(orText(in.ShortName, in.Name), 40), in.Contact
		if everywhere {
			t.TestMode = in.TestMode
		}
		return nil
	}, nil)
}

// changeTenant reads, changes and writes a merchant with its audit row. check may look at
// the rest of the tenant first.
func (s *Service) changeTenant(ctx context.Context, id core.Identity, action string, change func(*core.Tenant) error, check func(core.TenantTx, core.Tenant) error) (core.Tenant, error) {
	var after core.Tenant
	err := s.Database.InTenant(ctx, id.TenantID, func(tx core.TenantTx) error {
		before, err := readTenant(ctx, tx)
		if err != nil {
			return err
		}
		if check != nil {
			if err := check(tx, before); err != nil {
				return err
			}
		}
		after = before
		if err := change(&after); err != nil {
			return err
		}
		after.UpdatedAt = s.Clock()
		if err := tx.UpdateTenant(ctx, after); err != nil {
			return err
		}
		entry, err := s.audit(id, id.TenantID, action, tenantName(id.TenantID), tenantRecord(before), tenantRecord(after))
		if err != nil {
			return err
		}
		return tx.AppendAudit(ctx, entry)
	})
	return after, err
}

// SetTenantStatus takes a merchant live or suspends it. Live needs an account that is live
// and whose last test passed.
func (s *Service) SetTenantStatus(ctx context.Context, tenant core.ID, status core.TenantStatus, reason string) (core.Tenant, error) {
	id, err := s.allowTenant(ctx, tenant, "tenants", "status")
	if err != nil {
		return core.Tenant{}, err
	}
	if err := checkText("reason", reason, 0, 500); err != nil {
		return core.Tenant{}, err
	}
	if status == core.TenantSuspended && reason == "" {
		return core.Tenant{}, core.Errorf(core.CodeInvalidRequest, "Say why the merchant is suspended.").At("reason")
	}
	return s.changeTenant(ctx, id, "tenant.status", func(t *core.Tenant) error {
		t.Status, t.Live = status, t.Live || status == core.TenantLive
		return nil
	}, func(tx core.TenantTx, before core.Tenant) error {
		return s.checkTenantStatus(ctx, tx, id, before, status, reason)
	})
}

func (s *Service) checkTenantStatus(ctx context.Context, tx core.TenantTx, id core.Identity, before core.Tenant, status core.TenantStatus, reason string) error {
	switch {
	case before.Status == status:
		return core.Errorf(core.CodeInvalidState, "The merchant is %s already.", status)
	case status == core.TenantLive:
		if err := checkGoLive(ctx, tx); err != nil {
			return err
		}
	case status != core.TenantSuspended:
		return core.Errorf(core.CodeInvalidRequest, "A merchant becomes live or suspended.").At("status")
	}
	entry, err := s.event(before.ID, "tenant."+string(status), before.ID, map[string]any{"from": before.Status, "to": status, "reason": reason, "by": id.Actor})
	if err != nil {
		return err
	}
	return tx.AppendEvent(ctx, entry)
}

func checkGoLive(ctx context.Context, tx core.TenantTx) error {
	accounts, err := tx.Accounts(ctx)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		if a.Status == core.AccountLive && tested(a) {
			return nil
		}
	}
	return core.Errorf(core.CodeInvalidState, "The merchant needs a provider account that has passed its test and is live. Enter its keys, test it, and take it live first.")
}

// tested says whether the account's last test passed, with the keys it has now.
func tested(a core.ProviderAccount) bool {
	return a.KeyVersion > 0 && !a.CheckedAt.IsZero() && a.CheckError == ""
}
