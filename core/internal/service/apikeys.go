package service

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"strings"

	"github.com/zhanggui-pay/zhanggui/core"
)

// An API key is its prefix and 256 random bits in base 32.
const (
	keyPrefix = "zgk_"
	keyLength = len(keyPrefix) + 52
	keyShown  = len(keyPrefix) + 6
)

func newAPIKey() core.Secret {
	var b [32]byte
	_, _ = rand.Read(b[:]) // does not fail on the platforms we run on
	return core.SecretString(keyPrefix + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b[:])))
}

// AuthenticateKey turns an API key into an identity. The key's role is read with it, so a
// revoked key is out at its next request, and so is one that has expired.
func (s *Service) AuthenticateKey(ctx context.Context, key core.Secret, ip string) (core.Identity, error) {
	text := string(key.Reveal())
	if len(text) != keyLength || !strings.HasPrefix(text, keyPrefix) {
		return core.Identity{}, badKey()
	}
	var found core.APIKey
	now := s.Clock()
	err := s.Database.InDirectory(ctx, func(tx core.DirectoryTx) (err error) {
		found, err = tx.APIKeyByHash(ctx, hashToken(key), ip, now)
		return err
	})
	if core.CodeOf(err) == core.CodeNotFound {
		return core.Identity{}, badKey()
	}
	if err != nil {
		return core.Identity{}, err
	}
	if found.Role == "" || found.Role.IsPlatform() || found.TenantID.IsZero() {
		return core.Identity{}, badKey()
	}
	if !found.ExpiresAt.IsZero() && !now.Before(found.ExpiresAt) {
		return core.Identity{}, core.Errorf(core.CodeUnauthenticated, "The API key has expired. Make a new one in the console.")
	}
	return core.Identity{
		Actor: keyActor(found.ID), APIKeyID: found.ID,
		Subject: string(found.Role), TenantID: found.TenantID,
	}, nil
}

func badKey() error {
	return core.Errorf(core.CodeUnauthenticated, "The API key is not valid: it was mistyped, revoked, or belongs to another installation.")
}

// CreateAPIKey makes a key for a tenant's program. The key itself is given once.
func (s *Service) CreateAPIKey(ctx context.Context, in core.APIKeyInput) (core.APIKey, core.Secret, error) {
	id, tenant, err := s.allow(ctx, "apikeys", "create")
	if err != nil {
		return core.APIKey{}, core.Secret{}, err
	}
	// A key reaches the whole merchant: who is bound to stores can neither make nor revoke one.
	if err := wholeTenant(id); err != nil {
		return core.APIKey{}, core.Secret{}, err
	}
	if err := s.stepUp(id); err != nil {
		return core.APIKey{}, core.Secret{}, err
	}
	if err := checkText("name", in.Name, 1, 100); err != nil {
		return core.APIKey{}, core.Secret{}, err
	}
	if !in.ExpiresAt.IsZero() && !in.ExpiresAt.After(s.Clock()) {
		return core.APIKey{}, core.Secret{}, core.Errorf(core.CodeInvalidRequest, "The key would have expired already: give a time to come.").At("expires_at")
	}
	if in.Role.IsPlatform() {
		return core.APIKey{}, core.Secret{}, core.Errorf(core.CodeInvalidRequest, "A key has a role at the merchant, not on the platform.").At("role")
	}
	if err := s.mayGive(ctx, id, []core.RoleBinding{{TenantID: tenant, Role: in.Role}}); err != nil {
		return core.APIKey{}, core.Secret{}, atParam(err, "role")
	}
	secret := newAPIKey()
	key := core.APIKey{
		TenantID: tenant, ID: core.NewID(s.Clock()), Name: in.Name, Prefix: string(secret.Reveal()[:keyShown]), Hash: hashToken(secret),
		Role: in.Role, CreatedBy: id.Actor, CreatedAt: s.Clock(), ExpiresAt: in.ExpiresAt,
	}
	record := map[string]any{"name": key.Name, "role": key.Role, "prefix": key.Prefix}
	if !key.ExpiresAt.IsZero() {
		record["expires_at"] = key.ExpiresAt.UTC()
	}
	entry, err := s.audit(id, tenant, "apikey.create", key.ID.Prefixed(core.PrefixAPIKey), nil, record)
	if err != nil {
		return core.APIKey{}, core.Secret{}, err
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		if err := tx.InsertAPIKey(ctx, key); err != nil {
			return err
		}
		return tx.AppendAudit(ctx, entry)
	})
	if err != nil {
		return core.APIKey{}, core.Secret{}, err
	}
	return key, secret, nil
}

// ListAPIKeys lists the tenant's keys, revoked ones too.
func (s *Service) ListAPIKeys(ctx context.Context) (list []core.APIKey, err error) {
	_, tenant, err := s.allow(ctx, "apikeys", "read")
	if err != nil {
		return nil, err
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		list, err = tx.APIKeys(ctx)
		return err
	})
	return list, err
}

// RevokeAPIKey ends a key for good.
func (s *Service) RevokeAPIKey(ctx context.Context, key core.ID) error {
	id, tenant, err := s.allow(ctx, "apikeys", "revoke")
	if err != nil {
		return err
	}
	if err := wholeTenant(id); err != nil {
		return err
	}
	entry, err := s.audit(id, tenant, "apikey.revoke", key.Prefixed(core.PrefixAPIKey), nil, nil)
	if err != nil {
		return err
	}
	return s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		if err := tx.RevokeAPIKey(ctx, key, s.Clock()); err != nil {
			return err
		}
		return tx.AppendAudit(ctx, entry)
	})
}

func keyActor(key core.ID) string { return "key:" + key.Prefixed(core.PrefixAPIKey) }
