package service

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// differenceChange is one difference before and after a step.
type differenceChange struct {
	was, now core.Difference
}

// ListDifferences lists where the two sides disagree, the latest found first.
func (s *Service) ListDifferences(ctx context.Context, f core.DifferenceFilter) (list []core.Difference, err error) {
	f.TenantID, err = s.scope(ctx, objectReconciliation, f.TenantID)
	if err != nil {
		return nil, err
	}
	err = s.read(ctx, f.TenantID, func(tx reader) error {
		list, err = tx.Differences(ctx, f)
		return err
	})
	return list, err
}

// Difference reads a difference with what it is about.
func (s *Service) Difference(ctx context.Context, id core.ID) (d core.DifferenceDetail, err error) {
	_, tenant, err := s.tenantOfBooks(ctx, id, "read", core.BooksFinder.TenantOfDifference)
	if err != nil {
		return d, err
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		if d.Difference, err = tx.Difference(ctx, id); err != nil {
			return err
		}
		return s.readDifferenceDetail(ctx, tx, &d)
	})
	if err == nil {
		d.Askable = s.askable(d)
	}
	return d, err
}

func (s *Service) readDifferenceDetail(ctx context.Context, tx core.TenantTx, d *core.DifferenceDetail) (err error) {
	diff := d.Difference
	if d.Account, err = tx.Account(ctx, diff.AccountID); err != nil {
		return err
	}
	if d.Approvals, err = tx.Approvals(ctx, core.ApprovalFilter{ObjectID: diff.ID, Page: core.Page{Limit: 200}}); err != nil {
		return err
	}
	line, found, err := lineOf(ctx, tx, diff)
	if err != nil {
		return err
	}
	if found {
		d.Line = &line
	}
	object := diff.ObjectID
	if object.IsZero() {
		object = diff.LinkedID
	}
	if err := readOrder(ctx, tx, diff, object, d); err != nil {
		return err
	}
	plan, refusal, err := s.planCorrection(ctx, tx, diff)
	d.Correctable, d.NotCorrectable = plan.to, refusal
	return err
}

// readOrder reads our order, or the one that a surplus is linked to.
func readOrder(ctx context.Context, tx core.TenantTx, diff core.Difference, object core.ID, d *core.DifferenceDetail) error {
	if object.IsZero() {
		return nil
	}
	payment := object
	switch orderKind(diff.Movement) {
	case kindRefund:
		r, err := tx.Refund(ctx, object)
		if err != nil {
			return err
		}
		d.Refund, payment = &r, r.PaymentID
	case kindPayout:
		p, err := tx.Payout(ctx, object)
		d.Payout = &p
		return err
	}
	p, err := tx.Payment(ctx, payment)
	d.Payment = &p
	return err
}

// orderKind is which of our orders move money so.
func orderKind(kind core.MovementKind) string {
	switch kind {
	case core.MovementRefund:
		return kindRefund
	case core.MovementPayout:
		return kindPayout
	case core.MovementPayment, core.MovementReversal, core.MovementFee:
	}
	return kindPayment
}

// lineOf reads the bill's line that shows the difference, if it is still kept.
func lineOf(ctx context.Context, tx core.TenantTx, d core.Difference) (core.StoredLine, bool, error) {
	if d.BillID.IsZero() || d.BillLine == 0 {
		return core.StoredLine{}, false, nil
	}
	lines, err := tx.BillLinesAfter(ctx, d.BillID, d.BillLine-1, 1)
	if err != nil || len(lines) == 0 || lines[0].N != d.BillLine {
		return core.StoredLine{}, false, err
	}
	return lines[0], true, nil
}

// personMayInBooks authorizes what only a signed-in person does with a difference.
func (s *Service) personMayInBooks(ctx context.Context, id core.ID, action string) (core.Identity, core.ID, error) {
	who, tenant, err := s.tenantOfBooks(ctx, id, action, core.BooksFinder.TenantOfDifference)
	if err != nil {
		return who, tenant, err
	}
	_, err = sessionIdentity(ctx)
	return who, tenant, err
}

// AssignDifference gives it to a user who may see it; the zero id takes it from everybody.
func (s *Service) AssignDifference(ctx context.Context, id, user core.ID) (core.Difference, error) {
	who, tenant, err := s.personMayInBooks(ctx, id, "resolve")
	if err != nil {
		return core.Difference{}, err
	}
	owner := ""
	if !user.IsZero() {
		if err := s.maySee(ctx, tenant, user, objectReconciliation); err != nil {
			return core.Difference{}, err
		}
		owner = actorOf(user)
	}
	return s.changeDifference(ctx, who, tenant, id, "assign", func(_ context.Context, _ core.TenantTx, d core.Difference) ([]differenceChange, error) {
		if !d.State.Waits() {
			return nil, differenceEnded(d)
		}
		now := d
		now.Owner = owner
		return []differenceChange{{d, now}}, nil
	})
}

// AcceptDifference ends it with a remark; money and orders stay as they are.
func (s *Service) AcceptDifference(ctx context.Context, id core.ID, remark string) (core.Difference, error) {
	who, tenant, err := s.personMayInBooks(ctx, id, "resolve")
	if err != nil {
		return core.Difference{}, err
	}
	if err := checkText("remark", remark, 1, 200); err != nil {
		return core.Difference{}, err
	}
	return s.changeDifference(ctx, who, tenant, id, "accept", func(_ context.Context, _ core.TenantTx, d core.Difference) ([]differenceChange, error) {
		if err := mustBeOpen(d); err != nil {
			return nil, err
		}
		return []differenceChange{{d, s.ended(d, core.DifferenceAccepted, remark, who.Actor)}}, nil
	})
}

// ReopenDifference takes back what ended it; not a correction.
func (s *Service) ReopenDifference(ctx context.Context, id core.ID, remark string) (core.Difference, error) {
	who, tenant, err := s.personMayInBooks(ctx, id, "resolve")
	if err != nil {
		return core.Difference{}, err
	}
	if err := checkText("remark", remark, 1, 200); err != nil {
		return core.Difference{}, err
	}
	return s.changeDifference(ctx, who, tenant, id, "reopen", func(ctx context.Context, tx core.TenantTx, d core.Difference) ([]differenceChange, error) {
		switch d.State {
		case core.DifferenceAccepted:
			return []differenceChange{{d, openedAgain(d, remark)}}, nil
		case core.DifferenceLinked:
			return openLinked(ctx, tx, d, remark)
		case core.DifferenceOpen, core.DifferenceCorrecting:
			return nil, core.Errorf(core.CodeInvalidState, "The difference is open.")
		case core.DifferenceCorrected:
			return nil, core.Errorf(core.CodeInvalidState, "Our order has the state that the bill shows; that is not taken back here. Ask the provider: its verified word still counts.")
		case core.DifferenceGone:
		}
		return nil, core.Errorf(core.CodeInvalidState, "The two sides agree by now: should a later run find otherwise, the difference is open again by itself.")
	})
}

// openLinked opens both sides of a link.
func openLinked(ctx context.Context, tx core.TenantTx, d core.Difference, remark string) ([]differenceChange, error) {
	changes := []differenceChange{{d, openedAgain(d, remark)}}
	linked, err := tx.LinkedDifferences(ctx, d.LinkedID)
	for _, other := range linked {
		if other.ID != d.ID {
			changes = append(changes, differenceChange{other, openedAgain(other, remark)})
		}
	}
	return changes, err
}

func openedAgain(d core.Difference, remark string) core.Difference {
	d.State, d.Remark, d.LinkedID, d.ApprovalID, d.ResolvedAt, d.ResolvedBy = core.DifferenceOpen, remark, core.ID{}, core.ID{}, time.Time{}, ""
	return d
}

// ended is the difference as it is when actor ends it so.
func (s *Service) ended(d core.Difference, state core.DifferenceState, remark, actor string) core.Difference {
	d.State, d.Remark, d.ResolvedAt, d.ResolvedBy = state, remark, s.Clock(), actor
	return d
}

func mustBeOpen(d core.Difference) error {
	switch {
	case d.State == core.DifferenceCorrecting:
		return core.Errorf(core.CodeInvalidState, "A correction waits for a second person: reject or withdraw that first.")
	case d.State != core.DifferenceOpen:
		return differenceEnded(d)
	}
	return nil
}

func differenceEnded(d core.Difference) error {
	return core.Errorf(core.CodeInvalidState, "The difference is %s already.", d.State)
}

// differenceStep decides what becomes of a difference, that itself first, and of others with
// it. It runs in the transaction that writes them, once more when others were faster.
type differenceStep func(ctx context.Context, tx core.TenantTx, d core.Difference) ([]differenceChange, error)

// changeDifference does one step with a difference. Of several people at once one wins.
func (s *Service) changeDifference(ctx context.Context, who core.Identity, tenant, id core.ID, action string, step differenceStep) (d core.Difference, err error) {
	for range 8 {
		err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
			was, err := tx.Difference(ctx, id)
			if err != nil {
				return err
			}
			changes, err := step(ctx, tx, was)
			if err != nil {
				return err
			}
			d = changes[0].now
			d.Version++
			return s.writeDifferences(ctx, tx, who, action, changes)
		})
		switch core.CodeOf(err) {
		case core.CodeConflict:
			continue
		case core.CodeOutcomeUnknown:
			stored, readErr := s.readDifference(ctx, tenant, id)
			if readErr == nil && stored.Version == d.Version && stored.State == d.State && stored.ResolvedAt.Equal(d.ResolvedAt) {
				return stored, nil
			}
			return stored, err
		default:
			return d, err
		}
	}
	return d, err
}

func (s *Service) readDifference(ctx context.Context, tenant, id core.ID) (d core.Difference, err error) {
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		d, err = tx.Difference(ctx, id)
		return err
	})
	return d, err
}

// writeDifferences writes changes with who made them, and keeps their days in step. Rows are
// taken in one order, differences before days, so that nobody waits for each other.
func (s *Service) writeDifferences(ctx context.Context, tx core.TenantTx, who core.Identity, action string, changes []differenceChange) error {
	changes = slices.SortedFunc(slices.Values(changes), func(a, b differenceChange) int { return strings.Compare(a.was.ID.String(), b.was.ID.String()) })
	var days []string
	byDay := map[string]core.ID{}
	for _, c := range changes {
		if err := tx.UpdateDifference(ctx, c.now, c.was.State); err != nil {
			return err
		}
		if err := s.recordDifference(ctx, tx, who, action, c); err != nil {
			return err
		}
		if key := c.was.DayID.String(); c.was.State != c.now.State && byDay[key].IsZero() {
			days, byDay[key] = append(days, key), c.was.DayID
		}
	}
	slices.Sort(days)
	for _, day := range days {
		if err := s.recountDay(ctx, tx, byDay[day]); err != nil {
			return err
		}
	}
	return nil
}

// recordDifference writes the audit row of a change, and the event of one that ends or opens
// the difference.
func (s *Service) recordDifference(ctx context.Context, tx core.TenantTx, who core.Identity, action string, c differenceChange) error {
	entry, err := s.audit(who, c.now.TenantID, "difference."+action, c.now.ID.Prefixed(core.PrefixDifference), differenceEvent(c.was), differenceEvent(c.now))
	if err != nil {
		return err
	}
	if err := tx.AppendAudit(ctx, entry); err != nil {
		return err
	}
	var kind string
	switch {
	case c.was.State.Waits() && !c.now.State.Waits():
		kind = "difference.resolved"
	case !c.was.State.Waits() && c.now.State.Waits():
		kind = "difference.reopened"
	default:
		return nil
	}
	event, err := s.event(c.now.TenantID, kind, c.now.ID, differenceEvent(c.now))
	if err != nil {
		return err
	}
	return tx.AppendEvent(ctx, event)
}

// recountDay keeps a day's counts and state in step with its differences.
func (s *Service) recountDay(ctx context.Context, tx core.TenantTx, day core.ID) error {
	was, d, err := tx.RecountDay(ctx, day)
	switch {
	case err != nil:
		return err
	case d.State != was && d.State != core.DayWaiting:
		return s.tellBooks(ctx, tx, d)
	case d.Open == 0:
		return s.resolve(ctx, tx, core.AlertBooksDisagree, d.ID)
	}
	return nil
}

// differenceEvent is what events and audit rows say of a difference.
func differenceEvent(d core.Difference) map[string]any {
	out := map[string]any{
		"id": d.ID.Prefixed(core.PrefixDifference), "account_id": d.AccountID.Prefixed(core.PrefixAccount), "day": string(d.Day), "kind": string(d.Kind),
		"movement": string(d.Movement), "state": string(d.State), "owner": d.Owner, "remark": d.Remark, "ours": sideEvent(d.Ours), "theirs": sideEvent(d.Theirs),
	}
	if d.Number != "" {
		out["number"] = d.Number
	}
	if d.ProviderNumber != "" {
		out["provider_number"] = d.ProviderNumber
	}
	if !d.ObjectID.IsZero() {
		out["object_id"] = d.ObjectID.Prefixed(core.EventObjectPrefix(d.ObjectKind + "."))
	}
	if !d.LinkedID.IsZero() {
		out["linked_id"] = d.LinkedID.Prefixed(core.EventObjectPrefix(orderKind(d.Movement) + "."))
	}
	if d.ResolvedBy != "" {
		out["resolved_by"] = d.ResolvedBy
	}
	return out
}

func sideEvent(s core.DifferenceSide) map[string]any {
	out := map[string]any{"present": s.Present}
	if s.Present {
		out["state"], out["amount"] = s.State, s.Amount.Minor
	}
	return out
}
