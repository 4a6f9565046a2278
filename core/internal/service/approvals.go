package service

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// approvalLife is how long a second person may take.
const approvalLife = 72 * time.Hour

// Why an object was rejected, as its failure code.
const (
	failureRejected  = "approval_rejected"
	failureExpired   = "approval_expired"
	failureWithdrawn = "approval_withdrawn"
)

// approvalEffect is what the answer to an approval does to the object that waits for it.
type approvalEffect struct {
	// ready refuses an agreement that could not be carried out now; it may call the keyring and
	// plugins. Nil: it always can.
	ready func(ctx context.Context, a core.Approval) error
	// approved and closed run in the transaction that ends the approval; closed when it was
	// rejected, withdrawn or has expired, as a.State says.
	approved func(ctx context.Context, tx core.TenantTx, a core.Approval) error
	closed   func(ctx context.Context, tx core.TenantTx, a core.Approval) error
	// after runs once the approval has been committed. Should this node end before it, the
	// object is due and the sweeper does the same. Nil: nothing is left to do.
	after func(ctx context.Context, a core.Approval)
}

// approvalEffects is the one table of what can be approved.
func (s *Service) approvalEffects() map[core.ApprovalKind]approvalEffect {
	return map[core.ApprovalKind]approvalEffect{
		core.ApproveRefund:      {ready: s.refundReady, approved: s.refundApproved, closed: s.refundNotApproved, after: s.sendApprovedRefund},
		core.ApprovePayout:      {ready: s.payoutReady, approved: s.payoutApproved, closed: s.payoutNotApproved, after: s.sendApprovedPayout},
		core.ApprovePayoutBatch: {ready: s.batchReady, approved: s.batchApproved, closed: s.batchNotApproved},
		core.ApproveResolution:  {approved: s.resolutionApproved, closed: s.resolutionNotApproved},
		core.ApproveCorrection:  {approved: s.correctionApproved, closed: s.correctionNotApproved},
	}
}

// effectOf looks the kind up. One that is not known here, for instance to an older node of
// several, cannot be decided.
func (s *Service) effectOf(kind core.ApprovalKind) approvalEffect {
	if effect, ok := s.approvalEffects()[kind]; ok {
		return effect
	}
	unknown := func(context.Context, core.TenantTx, core.Approval) error {
		return core.Errorf(core.CodeNotSupported, "This version does not know approvals of the kind %s.", kind)
	}
	return approvalEffect{approved: unknown, closed: unknown}
}

// neededApprovals is how many people must agree to what the caller makes.
func (s *Service) neededApprovals(ctx context.Context, id core.Identity, tenant core.ID, kind core.ApprovalKind, amount core.Money) (int, error) {
	var own []core.ApprovalTier
	err := s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) (err error) {
		own, err = tx.ApprovalTiers(ctx)
		return err
	})
	if err != nil {
		return 0, err
	}
	roles, err := s.rolesOf(ctx, id, tenant)
	if err != nil {
		return 0, err
	}
	return core.NeededApprovals(own, kind, roles, amount.Minor), nil
}

// rolesOf gives the caller's roles in the tenant, those on the platform among them.
func (s *Service) rolesOf(ctx context.Context, id core.Identity, tenant core.ID) ([]core.Role, error) {
	if id.UserID.IsZero() {
		return []core.Role{core.Role(id.Subject)}, nil
	}
	var user core.User
	err := s.Database.InDirectory(ctx, func(tx core.DirectoryTx) (err error) {
		user, err = tx.User(ctx, id.UserID)
		return err
	})
	var out []core.Role
	for _, b := range user.Roles {
		if b.TenantID.IsZero() || b.TenantID == tenant {
			out = append(out, b.Role)
		}
	}
	return out, err
}

// askApproval puts a question to a second person, in the transaction that writes the object
// it is about. a brings Kind, ObjectID, Amount, Needed (of neededApprovals), Summary and Note;
// its ID is drawn unless the caller chose one.
func (s *Service) askApproval(ctx context.Context, tx core.TenantTx, id core.Identity, a core.Approval) error {
	now := s.Clock()
	if a.ID.IsZero() {
		a.ID = core.NewID(now)
	}
	if a.TenantID.IsZero() {
		a.TenantID = id.TenantID
	}
	a.State, a.MadeBy, a.CreatedAt, a.ExpiresAt, a.Version = core.ApprovalPending, id.Actor, now, now.Add(approvalLife), 1
	if err := tx.InsertApproval(ctx, a); err != nil {
		return err
	}
	return s.recordApproval(ctx, tx, id, a, "request", "approval.requested", nil)
}

// recordApproval writes the audit row of what was done and the event, if there is one.
func (s *Service) recordApproval(ctx context.Context, tx core.TenantTx, id core.Identity, a core.Approval, action, event string, d *core.Decision) error {
	after := approvalEvent(a)
	if d != nil {
		after["decision_note"] = d.Note
	}
	entry, err := s.audit(id, a.TenantID, "approval."+action, a.ID.Prefixed(core.PrefixApproval), nil, after)
	if err != nil {
		return err
	}
	if err := tx.AppendAudit(ctx, entry); err != nil || event == "" {
		return err
	}
	e, err := s.event(a.TenantID, event, a.ID, approvalEvent(a))
	if err != nil {
		return err
	}
	return tx.AppendEvent(ctx, e)
}

// approvalEvent is what events and audit rows say of an approval.
func approvalEvent(a core.Approval) map[string]any {
	return map[string]any{
		"id": a.ID.Prefixed(core.PrefixApproval), "kind": string(a.Kind), "object_id": a.ObjectID.Prefixed(a.Kind.Prefix()),
		"amount": a.Amount.Minor, "currency": string(a.Amount.Currency), "needed": a.Needed, "state": string(a.State),
		"made_by": a.MadeBy, "note": a.Note, "expires_at": a.ExpiresAt.UTC().Format(time.RFC3339), "summary": a.Summary,
	}
}

// DecideApproval records one person's answer.
func (s *Service) DecideApproval(ctx context.Context, approval core.ID, agree bool, note string) (core.Approval, error) {
	id, tenant, err := s.tenantOfApproval(ctx, approval, "decide")
	if err != nil {
		return core.Approval{}, err
	}
	if err := wholeTenant(id); err != nil {
		return core.Approval{}, err
	}
	if _, err := sessionIdentity(ctx); err != nil {
		return core.Approval{}, err
	}
	if err := checkText("note", note, 0, 200); err != nil {
		return core.Approval{}, err
	}
	a, err := s.readApproval(ctx, tenant, approval)
	if err != nil {
		return a, err
	}
	if err := s.mayDecide(a, id.Actor); err != nil {
		return a, err
	}
	if err := s.notByOwnKey(ctx, a, id.Actor); err != nil {
		return a, err
	}
	if err := s.stepUp(id); err != nil {
		return a, err
	}
	effect := s.effectOf(a.Kind)
	if agree && effect.ready != nil {
		if err := effect.ready(ctx, a); err != nil {
			return a, err
		}
	}
	// The client may go away; what was decided is carried out.
	work := context.WithoutCancel(ctx)
	a, committed, err := s.decide(work, id, a, agree, note)
	if err == nil && committed && a.State == core.ApprovalApproved && effect.after != nil {
		effect.after(work, a)
	}
	return a, err
}

// mayDecide says why the actor may not answer, or nil.
func (s *Service) mayDecide(a core.Approval, actor string) error {
	if a.MadeBy == actor {
		return core.Errorf(core.CodeOwnRequest, "You made this request: another person must decide.")
	}
	if err := s.stillPending(a); err != nil {
		return err
	}
	if slices.ContainsFunc(a.Decisions, func(d core.Decision) bool { return d.Actor == actor }) {
		return core.Errorf(core.CodeInvalidState, "You have agreed already; another person must agree as well.")
	}
	return nil
}

// notByOwnKey refuses a person whose own API key made the request: the two would be one.
func (s *Service) notByOwnKey(ctx context.Context, a core.Approval, actor string) error {
	name, isKey := strings.CutPrefix(a.MadeBy, "key:")
	if !isKey {
		return nil
	}
	maker, err := core.ParsePrefixed(core.PrefixAPIKey, name)
	if err != nil {
		return err
	}
	return s.Database.InTenant(ctx, a.TenantID, func(tx core.TenantTx) error {
		keys, err := tx.APIKeys(ctx)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(keys, func(k core.APIKey) bool { return k.ID == maker && k.CreatedBy == actor }) {
			return core.Errorf(core.CodeOwnRequest, "You made the API key that asked for this: another person must decide.")
		}
		return nil
	})
}

// stillPending refuses what is decided, and what nobody decided in time, also before the
// sweeper has come by.
func (s *Service) stillPending(a core.Approval) error {
	switch {
	case a.State == core.ApprovalExpired, a.State == core.ApprovalPending && !s.Clock().Before(a.ExpiresAt):
		return core.Errorf(core.CodeApprovalExpired, "Nobody decided in time and nothing was sent. Make the request anew.")
	case a.State != core.ApprovalPending:
		return core.Errorf(core.CodeInvalidState, "The request is %s already.", a.State)
	}
	return nil
}

// decide writes the answer and, when it is the last that is needed, its effect. committed is
// false when only a look at the database said so: then the sweeper carries it out.
func (s *Service) decide(ctx context.Context, id core.Identity, a core.Approval, agree bool, note string) (_ core.Approval, committed bool, err error) {
	now := s.Clock()
	d := core.Decision{Actor: id.Actor, Agree: agree, Note: note, At: now}
	for range 8 {
		err = s.Database.InTenant(ctx, a.TenantID, func(tx core.TenantTx) error {
			if a, err = tx.Approval(ctx, a.ID); err != nil {
				return err
			}
			if err := s.mayDecide(a, id.Actor); err != nil {
				return err
			}
			return s.answerApproval(ctx, tx, id, &a, d)
		})
		switch core.CodeOf(err) {
		case core.CodeConflict:
			continue
		case core.CodeOutcomeUnknown:
			stored, readErr := s.readApproval(ctx, a.TenantID, a.ID)
			if readErr == nil && slices.ContainsFunc(stored.Decisions, func(o core.Decision) bool { return o.Actor == d.Actor && o.At.Equal(d.At) }) {
				return stored, false, nil
			}
			return stored, false, err
		default:
			return a, err == nil, err
		}
	}
	return a, false, core.Errorf(core.CodeConflict, "The request is being decided by others; look again.")
}

func (s *Service) answerApproval(ctx context.Context, tx core.TenantTx, id core.Identity, a *core.Approval, d core.Decision) error {
	a.Decisions = append(a.Decisions, d)
	action, event := "agree", ""
	switch {
	case !d.Agree:
		a.State, a.DecidedAt, action, event = core.ApprovalRejected, d.At, "reject", "approval.rejected"
	case len(a.Decisions) >= a.Needed:
		a.State, a.DecidedAt, event = core.ApprovalApproved, d.At, "approval.approved"
	}
	// The guarded update comes first: it holds back whoever decides at the same moment.
	if err := tx.UpdateApproval(ctx, *a); err != nil {
		return err
	}
	a.Version++
	if err := tx.InsertDecision(ctx, *a, d); err != nil {
		return err
	}
	if err := s.applyApproval(ctx, tx, *a); err != nil {
		return err
	}
	return s.recordApproval(ctx, tx, id, *a, action, event, &d)
}

func (s *Service) applyApproval(ctx context.Context, tx core.TenantTx, a core.Approval) error {
	switch a.State {
	case core.ApprovalPending:
		return nil
	case core.ApprovalApproved:
		return s.effectOf(a.Kind).approved(ctx, tx, a)
	case core.ApprovalRejected, core.ApprovalExpired, core.ApprovalWithdrawn:
	}
	return s.effectOf(a.Kind).closed(ctx, tx, a)
}

// failureOf is the failure code of an object whose approval ended without an agreement.
func failureOf(state core.ApprovalState) string {
	switch state {
	case core.ApprovalExpired:
		return failureExpired
	case core.ApprovalWithdrawn:
		return failureWithdrawn
	case core.ApprovalPending, core.ApprovalApproved, core.ApprovalRejected:
	}
	return failureRejected
}

// endApproval closes a pending approval without an agreement.
func (s *Service) endApproval(ctx context.Context, id core.Identity, a core.Approval, state core.ApprovalState, action string) (core.Approval, error) {
	err := s.Database.InTenant(ctx, a.TenantID, func(tx core.TenantTx) error {
		a.State, a.DecidedAt = state, s.Clock()
		if err := tx.UpdateApproval(ctx, a); err != nil {
			return err
		}
		a.Version++
		if err := s.applyApproval(ctx, tx, a); err != nil {
			return err
		}
		return s.recordApproval(ctx, tx, id, a, action, "approval."+string(state), nil)
	})
	if core.CodeOf(err) == core.CodeOutcomeUnknown {
		if stored, readErr := s.readApproval(ctx, a.TenantID, a.ID); readErr == nil && stored.State == state {
			return stored, nil
		}
	}
	return a, err
}

// checkDueApproval ends an approval that nobody decided in time.
func (s *Service) checkDueApproval(ctx context.Context, due core.Due) error {
	a, err := s.readApproval(ctx, due.TenantID, due.ID)
	if err != nil {
		return err
	}
	if a.State != core.ApprovalPending || s.Clock().Before(a.ExpiresAt) {
		return s.Database.ReleaseDue(ctx, due)
	}
	id, err := core.IdentityFrom(ctx)
	if err != nil {
		return err
	}
	_, err = s.endApproval(ctx, id, a, core.ApprovalExpired, "expire")
	return err
}

// WithdrawApproval takes the caller's own request back.
func (s *Service) WithdrawApproval(ctx context.Context, approval core.ID) (core.Approval, error) {
	id, tenant, err := s.tenantOfApproval(ctx, approval, "withdraw")
	if err != nil {
		return core.Approval{}, err
	}
	a, err := s.readApproval(ctx, tenant, approval)
	if err != nil {
		return a, err
	}
	if a.MadeBy != id.Actor {
		return a, core.Errorf(core.CodeForbidden, "Only who made a request can withdraw it.")
	}
	if err := s.stillPending(a); err != nil {
		return a, err
	}
	return s.endApproval(context.WithoutCancel(ctx), id, a, core.ApprovalWithdrawn, "withdraw")
}

// Approval reads one approval with its answers.
func (s *Service) Approval(ctx context.Context, approval core.ID) (core.Approval, error) {
	id, tenant, err := s.tenantOfApproval(ctx, approval, "read")
	if err != nil {
		return core.Approval{}, err
	}
	if err := wholeTenant(id); err != nil {
		return core.Approval{}, err
	}
	return s.readApproval(ctx, tenant, approval)
}

// tenantOfApproval authorizes, and finds the tenant for a platform caller that named none.
func (s *Service) tenantOfApproval(ctx context.Context, approval core.ID, action string) (core.Identity, core.ID, error) {
	id, tenant, err := s.allowAnywhere(ctx, "approvals", action)
	if err != nil || !tenant.IsZero() {
		return id, tenant, err
	}
	err = s.Database.AcrossTenants(ctx, func(tx core.PlatformTx) error {
		found, err := tx.Approvals(ctx, core.ApprovalFilter{ID: approval})
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return core.NotFound("approval")
		}
		tenant = found[0].TenantID
		return nil
	})
	return id, tenant, err
}

func (s *Service) readApproval(ctx context.Context, tenant, approval core.ID) (a core.Approval, err error) {
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		a, err = tx.Approval(ctx, approval)
		return err
	})
	return a, err
}

// ListApprovals lists approvals, newest first.
func (s *Service) ListApprovals(ctx context.Context, f core.ApprovalFilter) (list []core.Approval, err error) {
	f.TenantID, err = s.scope(ctx, "approvals", f.TenantID)
	if err != nil {
		return nil, err
	}
	err = s.read(ctx, f.TenantID, func(tx reader) error {
		list, err = tx.Approvals(ctx, f)
		return err
	})
	return list, err
}
