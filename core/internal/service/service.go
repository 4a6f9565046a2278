// Package service holds the use cases: authorize, act, record. It knows interfaces of
// core only; neither SQL nor HTTP nor a plugin's process is visible from here.
package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// Options are what the use cases stand on. All but KeyTest and Hook are required.
type Options struct {
	Database    core.Database
	Providers   core.Providers
	Keyring     core.Keyring
	Sealer      core.Sealer
	Credentials core.CredentialParser
	Authorizer  core.Authorizer
	Outbound    core.Outbound
	Verifier    core.PluginVerifier
	PayoutFiles core.PayoutFiles
	BillReader  core.BillReader
	ExportFiles core.ExportFiles
	Clock       core.Clock
	Logger      *slog.Logger
	// PublicURL is where browsers and providers reach us, without a trailing slash.
	PublicURL string
	// CallTimeout bounds one call to a plugin. Zero means 30 seconds.
	CallTimeout time.Duration
	// AllowTestMode permits accounts with plain-http or private addresses (dev and tests).
	AllowTestMode bool
	// HashKey keys the hashes of idempotent request bodies. Required.
	HashKey core.Secret
	// KeyTest checks an account's keys against each other, without asking the provider. Nil
	// leaves it at what Credentials says of each.
	KeyTest func(values map[string]core.Credential, now time.Time) error
	// Simulator controls simulated providers. Nil where providers are real: only `zhanggui dev` has one.
	Simulator core.SimulatorControl
	// UnknownAfter is how long orders may be in doubt before people are told.
	UnknownAfter UnknownAfter
	// BalanceSchedule says when balances are asked for by themselves; the zero one never.
	BalanceSchedule BalanceSchedule
	// Reconciliation says when days are compared by themselves; the zero one never.
	Reconciliation ReconciliationSchedule
	// Node is this process among those that run, and Retention what is kept for how long; both are only told.
	Node      core.ID
	Retention core.Retention
	// Hook is called at named points of a payment's and a refund's life; the kill tests
	// end the process there. Nil in production.
	Hook func(point string)
}

// Service implements core.Payments, core.Refunds, core.Onboarding, core.People,
// core.Records, core.Inbound, core.Payers, core.Approvals, core.Cases, core.Payouts and core.SpendingLimits.
type Service struct {
	Options
	payments core.StateTable[core.PaymentState]
	refunds  core.StateTable[core.RefundState]
	payouts  core.StateTable[core.PayoutState]
	// callbacks remembers the callback address of accounts; it never changes.
	callbacks sync.Map
	// readings are balances that were just read, by account: they serve the payouts of a file.
	readings sync.Map
	// passwords bounds how many are hashed at once on this node.
	passwords passwordHasher
	// inspection is what this node remembers between two inspections.
	inspection inspection
	// pacers space the questions about single orders, by account.
	pacers sync.Map
	// verifying bounds how many plugins are verified at once on this node.
	verifying chan struct{}
	// channels keeps what this node needs to tell the platform that keys cannot be read.
	channels channelKeeper
	// followers are the consoles that listen to this node.
	followers followers
}

var (
	_ core.Payments       = (*Service)(nil)
	_ core.Refunds        = (*Service)(nil)
	_ core.Onboarding     = (*Service)(nil)
	_ core.People         = (*Service)(nil)
	_ core.Records        = (*Service)(nil)
	_ core.Inbound        = (*Service)(nil)
	_ core.Payers         = (*Service)(nil)
	_ core.Alerts         = (*Service)(nil)
	_ core.Webhooks       = (*Service)(nil)
	_ core.AlertChannels  = (*Service)(nil)
	_ core.SpendingLimits = (*Service)(nil)
	_ core.Balances       = (*Service)(nil)
	_ core.Fees           = (*Service)(nil)
	_ core.Settlement     = (*Service)(nil)
	_ core.Cases          = (*Service)(nil)
	_ core.Reconciliation = (*Service)(nil)
	_ core.Approvals      = (*Service)(nil)
	_ core.Payouts        = (*Service)(nil)
	_ core.BillImports    = (*Service)(nil)
	_ core.Exports        = (*Service)(nil)
	_ core.Plugins        = (*Service)(nil)
	_ core.PluginReports  = (*Service)(nil)
	_ core.Live           = (*Service)(nil)
	_ core.Simulator      = (*Service)(nil)
	_ core.UserSettings   = (*Service)(nil)
	_ core.Systems        = (*Service)(nil)
)

// New checks that nothing is missing.
func New(o Options) (*Service, error) {
	if o.Database == nil || o.Providers == nil || o.Keyring == nil || o.Sealer == nil ||
		o.Credentials == nil || o.Authorizer == nil || o.PayoutFiles == nil || o.ExportFiles == nil || o.BillReader == nil || o.Outbound == nil || o.Verifier == nil || o.Clock == nil || o.Logger == nil || o.HashKey.Empty() {
		return nil, errors.New("service: an option is missing")
	}
	if o.CallTimeout == 0 {
		o.CallTimeout = 30 * time.Second
	}
	if o.Hook == nil {
		o.Hook = func(string) {}
	}
	// The database keeps microseconds. What is answered from memory must be what is read later.
	clock := o.Clock
	o.Clock = func() time.Time { return clock().Truncate(time.Microsecond) }
	return &Service{Options: o, payments: core.PaymentTransitions(), refunds: core.RefundTransitions(), payouts: core.PayoutTransitions(), passwords: newPasswordHasher(), verifying: make(chan struct{}, 1)}, nil
}

// ForCommand is a Service for a command on the server that only needs the database, the
// clock and the public address: login links. Its other use cases must not be called.
func ForCommand(db core.Database, clock core.Clock, publicURL string) *Service {
	return &Service{Options: Options{Database: db, Clock: clock, PublicURL: publicURL}}
}

// allow is the first line of every use case: who asks, in which tenant, and may they.
func (s *Service) allow(ctx context.Context, object, action string) (core.Identity, core.ID, error) {
	id, tenant, err := core.TenantFrom(ctx)
	if err != nil {
		return id, tenant, err
	}
	return id, tenant, s.Authorizer.Authorize(ctx, id, core.Permission{Object: object, Action: action})
}

// allowAnywhere is allow for reads that a platform caller may do over all tenants: tenant
// is zero then.
func (s *Service) allowAnywhere(ctx context.Context, object, action string) (core.Identity, core.ID, error) {
	id, err := core.IdentityFrom(ctx)
	if err != nil {
		return id, core.ID{}, err
	}
	if id.TenantID.IsZero() && !id.Platform {
		return id, core.ID{}, core.Errorf(core.CodeTenantRequired, "Name the merchant with the Zhanggui-Tenant header.").At("Zhanggui-Tenant")
	}
	return id, id.TenantID, s.Authorizer.Authorize(ctx, id, core.Permission{Object: object, Action: action})
}

// audit builds the row that says who did what. before and after must not hold secrets.
func (s *Service) audit(id core.Identity, tenant core.ID, action, object string, before, after any) (core.AuditEntry, error) {
	entry := core.AuditEntry{
		TenantID: tenant, ID: core.NewID(s.Clock()), Actor: id.Actor, Action: action, Object: object,
		IP: id.IP, RequestID: id.RequestID, CreatedAt: s.Clock(),
	}
	var err error
	if entry.Before, err = marshal(before); err != nil {
		return entry, err
	}
	entry.After, err = marshal(after)
	return entry, err
}

// event builds a row of the outbox.
func (s *Service) event(tenant core.ID, kind string, object core.ID, data any) (core.Event, error) {
	body, err := marshal(data)
	return core.Event{TenantID: tenant, ID: core.NewID(s.Clock()), Type: kind, ObjectID: object, Data: body, CreatedAt: s.Clock()}, err
}

func marshal(v any) (json.RawMessage, error) {
	if v == nil {
		return nil, nil
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("service: encode a record: %w", err)
	}
	return b, nil
}
