package service

import (
	"context"
	"maps"
	"strconv"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// How long an order may be in doubt before people are told, where the options say nothing.
const (
	unknownPayment = 30 * time.Minute
	unknownOther   = 2 * time.Hour
	// unknownPressing is from when on it cannot wait for the morning.
	unknownPressing = 24 * time.Hour
	// aloneUpTo is up to how many orders of an account have an alert each; more have one together.
	aloneUpTo = 10
)

// UnknownAfter is how long an order may be in doubt before people are told. Zero: 30 minutes
// for payments, 2 hours for the others.
type UnknownAfter struct{ Payments, Refunds, Payouts time.Duration }

func (u UnknownAfter) before(now time.Time) core.UnknownBefore {
	since := func(d, otherwise time.Duration) time.Time {
		if d <= 0 {
			d = otherwise
		}
		return now.Add(-d)
	}
	return core.UnknownBefore{
		Payments: since(u.Payments, unknownPayment), Refunds: since(u.Refunds, unknownOther), Payouts: since(u.Payouts, unknownOther),
		PerAccount: aloneUpTo + 1, // one more, so that the answer says that there are more
	}
}

// inspectOrders makes the open alerts about orders in doubt be exactly what they should be.
func (s *Service) inspectOrders(ctx context.Context) error {
	now := s.Clock()
	var orders []core.LongUnknown
	err := s.Database.AcrossTenants(ctx, func(tx core.PlatformTx) (err error) {
		orders, err = tx.LongUnknown(ctx, s.UnknownAfter.before(now))
		return err
	})
	if err != nil {
		return err
	}
	open, err := s.openAlertsOf(ctx, core.AlertUnknownOld)
	if err != nil {
		return err
	}
	wanted, are := map[core.ID]map[string]core.Alert{}, map[core.ID]map[string]core.Alert{}
	for _, o := range orders {
		put(wanted, unknownAlert(o, now))
	}
	for _, a := range open {
		put(are, a)
	}
	tenants := maps.Clone(are)
	maps.Copy(tenants, wanted)
	for tenant := range tenants {
		if err := s.matchAlerts(ctx, tenant, wanted[tenant], are[tenant]); err != nil {
			return err
		}
	}
	return nil
}

func put(into map[core.ID]map[string]core.Alert, a core.Alert) {
	if into[a.TenantID] == nil {
		into[a.TenantID] = map[string]core.Alert{}
	}
	into[a.TenantID][a.Key()] = a
}

// unknownAlert is about the order, or about its account when that has many.
func unknownAlert(o core.LongUnknown, now time.Time) core.Alert {
	a := core.Alert{
		TenantID: o.TenantID, Kind: core.AlertUnknownOld, Severity: core.SeverityWarning, ObjectID: o.ID, ObjectKind: o.ObjectKind, Object: o.Number,
		Args: map[string]string{"since": o.Since.UTC().Format(time.RFC3339)},
	}
	if now.Sub(o.Since) >= unknownPressing {
		a.Severity = core.SeverityCritical
	}
	if o.OfAccount > aloneUpTo {
		a.ObjectID, a.ObjectKind, a.Severity = o.AccountID, kindAccount, core.SeverityCritical
		a.Args = map[string]string{"count": strconv.Itoa(o.OfAccount)}
	}
	return a
}

// matchAlerts raises what is wanted and not there as it should be, and ends the rest.
func (s *Service) matchAlerts(ctx context.Context, tenant core.ID, wanted, are map[string]core.Alert) error {
	var raise, end []core.Alert
	for key, a := range wanted {
		if is, ok := are[key]; !ok || is.Severity != a.Severity || is.Args["count"] != a.Args["count"] {
			raise = append(raise, a)
		}
	}
	for key, a := range are {
		if _, ok := wanted[key]; !ok {
			end = append(end, a)
		}
	}
	if len(raise)+len(end) == 0 {
		return nil
	}
	return s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		for _, a := range raise {
			if a.ObjectKind == kindAccount {
				account, err := tx.Account(ctx, a.ObjectID)
				if err != nil {
					return err
				}
				a.Object = account.Name
			}
			if err := s.raise(ctx, tx, a); err != nil {
				return err
			}
		}
		for _, a := range end {
			if err := s.resolve(ctx, tx, a.Kind, a.ObjectID); err != nil {
				return err
			}
		}
		return nil
	})
}
