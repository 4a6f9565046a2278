package web

import (
	"encoding/hex"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

func tenantOf(t core.Tenant) api.Tenant {
	return api.Tenant{
		ID: id(core.PrefixTenant, t.ID), Name: t.Name, ShortName: t.ShortName, Contact: t.Contact,
		Status: api.TenantStatus(t.Status), Live: t.Live, TestMode: t.TestMode, CreatedAt: utc(t.CreatedAt), UpdatedAt: utc(t.UpdatedAt),
	}
}

func storeOf(s core.Store) api.Store {
	return api.Store{ID: id(core.PrefixStore, s.ID), TenantID: id(core.PrefixTenant, s.TenantID), Name: s.Name, Code: s.Code, CreatedAt: utc(s.CreatedAt)}
}

func terminalOf(t core.Terminal) api.Terminal {
	return api.Terminal{
		ID: id(core.PrefixTerminal, t.ID), TenantID: id(core.PrefixTenant, t.TenantID), StoreID: id(core.PrefixStore, t.StoreID),
		Name: t.Name, Code: t.Code, CreatedAt: utc(t.CreatedAt),
	}
}

func accountOf(a core.ProviderAccount) api.Account {
	return api.Account{
		ID: id(core.PrefixAccount, a.ID), TenantID: id(core.PrefixTenant, a.TenantID), Provider: a.Provider, Name: a.Name,
		Status: api.AccountStatus(a.Status), StoreID: id(core.PrefixStore, a.StoreID), Default: a.Default, BaseURL: a.BaseURL, CallbackURL: a.CallbackURL,
		Settings: object(a.Settings), KeyVersion: int64(a.KeyVersion), Credentials: each(a.Credentials, credentialOf),
		CheckedAt: utc(a.CheckedAt), CheckError: a.CheckError, CreatedAt: utc(a.CreatedAt), UpdatedAt: utc(a.UpdatedAt),
		CheckedInAt: utc(a.CheckedInAt), CheckInFailure: a.CheckInFailure,
	}
}

func credentialOf(c core.CredentialInfo) api.CredentialInfo {
	return api.CredentialInfo{
		Name: c.Name, Type: string(c.Type), Display: c.Display, Fingerprint: c.Fingerprint,
		SetBy: c.SetBy, SetAt: utc(c.SetAt), KeyVersion: int64(c.KeyVersion),
	}
}

func accountTestOf(t core.AccountTest) api.AccountTest {
	return api.AccountTest{Ok: t.OK, Account: accountOf(t.Account), Steps: each(t.Steps, func(s core.AccountTestStep) api.AccountTestStep {
		return api.AccountTestStep{Name: s.Name, Ok: s.OK, Message: textOf(s.Message), ProviderCode: s.Provider.Code, ProviderMessage: s.Provider.Message}
	})}
}

func userOf(u core.User) api.User {
	return api.User{
		ID: id(core.PrefixUser, u.ID), Email: u.Email, Name: u.Name, TotpEnabled: u.TOTPEnabled, Disabled: u.Disabled,
		CreatedAt: utc(u.CreatedAt), LastLoginAt: utc(u.LastLoginAt), Invitation: invitationOf(u.Invitation), Roles: each(u.Roles, bindingOf),
	}
}

func invitationOf(i core.Invitation) api.Invitation {
	return api.Invitation{By: i.By, At: utc(i.At), ExpiresAt: utc(i.ExpiresAt), AcceptedAt: utc(i.AcceptedAt)}
}

func bindingOf(b core.RoleBinding) api.RoleBinding {
	return api.RoleBinding{
		TenantID: id(core.PrefixTenant, b.TenantID), TenantName: b.TenantName, Role: api.Role(b.Role),
		StoreIds: each(b.StoreIDs, func(s core.ID) string { return id(core.PrefixStore, s) }),
	}
}

func meOf(m core.Me) api.Me {
	out := api.Me{
		TenantID: id(core.PrefixTenant, m.TenantID), Platform: m.Platform, CsrfToken: m.CSRF, TestMode: m.TestMode, Simulator: m.Simulator,
		Permissions: each(m.Permissions, permissionOf), RecoveryCodesLeft: int32(m.RecoveryCodesLeft), //nolint:gosec // ten at most
	}
	if !m.User.ID.IsZero() {
		out.User = userOf(m.User)
	}
	return out
}

func sessionOf(s core.Session, current core.ID) api.Session {
	return api.Session{
		ID: id(core.PrefixSession, s.ID), Current: s.ID == current, CreatedAt: utc(s.CreatedAt), SeenAt: utc(s.SeenAt),
		ExpiresAt: utc(s.ExpiresAt), IP: s.IP, UserAgent: s.UserAgent,
	}
}

func apiKeyOf(k core.APIKey) api.APIKey {
	return api.APIKey{
		ID: id(core.PrefixAPIKey, k.ID), TenantID: id(core.PrefixTenant, k.TenantID), Name: k.Name, Prefix: k.Prefix, Role: api.Role(k.Role),
		CreatedBy: k.CreatedBy, CreatedAt: utc(k.CreatedAt), LastUsedAt: utc(k.LastUsedAt), LastUsedIP: k.LastUsedIP,
		ExpiresAt: utc(k.ExpiresAt), RevokedAt: utc(k.RevokedAt),
	}
}

func auditOf(a core.AuditEntry) api.AuditEntry {
	return api.AuditEntry{
		ID: id(core.PrefixAudit, a.ID), TenantID: id(core.PrefixTenant, a.TenantID), Actor: a.Actor, Action: a.Action, Object: a.Object,
		Before: a.Before, After: a.After, IP: a.IP, RequestID: a.RequestID, CreatedAt: utc(a.CreatedAt),
		Sealed: len(a.ChainHash) > 0, ChainIndex: a.ChainIndex, ChainHash: hex.EncodeToString(a.ChainHash),
	}
}

func verdictOf(v core.AuditVerdict) api.AuditVerdict {
	return api.AuditVerdict{
		Ok: v.BrokenAt.IsZero() && v.Reason == "", Rows: v.Rows, Head: hex.EncodeToString(v.Head),
		BrokenAt: id(core.PrefixAudit, v.BrokenAt), Reason: v.Reason,
	}
}
