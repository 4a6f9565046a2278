package postgres

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
)

// pageRoom reads lists in the pages of exports: of one tenant, or of all when there is none. The
// filters are the lists' own.
type pageRoom struct {
	session *session
	tenant  core.ID
}

// of begins the conditions. A tenant's own predicate cannot be widened by what is asked.
func (r pageRoom) of(column string, asked core.ID) conditions {
	c := conditions{most: core.ExportPage}
	c.id(column, r.tenant)
	c.id(column, asked)
	return c
}

// PaymentPage implements core.ExportReader.
func (r pageRoom) PaymentPage(ctx context.Context, f core.PaymentFilter) ([]core.Payment, error) {
	return r.session.payments(ctx, r.of("x.tenant_id", f.TenantID), f)
}

// RefundPage implements core.ExportReader.
func (r pageRoom) RefundPage(ctx context.Context, f core.RefundFilter) ([]core.Refund, error) {
	return r.session.refunds(ctx, r.of("x.tenant_id", f.TenantID), f)
}

// PayoutPage implements core.ExportReader.
func (r pageRoom) PayoutPage(ctx context.Context, f core.PayoutFilter) ([]core.Payout, error) {
	return r.session.payouts(ctx, r.of("x.tenant_id", f.TenantID), f)
}

// AuditPage implements core.ExportReader.
func (r pageRoom) AuditPage(ctx context.Context, f core.AuditFilter) ([]core.AuditEntry, error) {
	return r.session.auditEntries(ctx, r.of("a.tenant_id", f.TenantID), f)
}

// DifferencePage implements core.ExportReader.
func (r pageRoom) DifferencePage(ctx context.Context, f core.DifferenceFilter) ([]core.Difference, error) {
	return r.session.differences(ctx, r.of("x.tenant_id", f.TenantID), f)
}

// CountPayments implements core.ExportReader.
func (r pageRoom) CountPayments(ctx context.Context, f core.PaymentFilter) (int64, error) {
	c := r.of("x.tenant_id", f.TenantID)
	c.payments(f)
	return r.count(ctx, "payments x", c)
}

// CountRefunds implements core.ExportReader.
func (r pageRoom) CountRefunds(ctx context.Context, f core.RefundFilter) (int64, error) {
	c := r.of("x.tenant_id", f.TenantID)
	c.refunds(f)
	return r.count(ctx, "refunds x", c)
}

// CountPayouts implements core.ExportReader.
func (r pageRoom) CountPayouts(ctx context.Context, f core.PayoutFilter) (int64, error) {
	c := r.of("x.tenant_id", f.TenantID)
	c.payouts(f)
	return r.count(ctx, "payouts x", c)
}

// CountAudit implements core.ExportReader.
func (r pageRoom) CountAudit(ctx context.Context, f core.AuditFilter) (int64, error) {
	c := r.of("a.tenant_id", f.TenantID)
	c.audit(f)
	return r.count(ctx, "audit_log a", c)
}

// CountDifferencesFound implements core.ExportReader.
func (r pageRoom) CountDifferencesFound(ctx context.Context, f core.DifferenceFilter) (int64, error) {
	c := r.of("x.tenant_id", f.TenantID)
	c.differences(f)
	return r.count(ctx, "differences x", c)
}

// count may take longer than what a person waits for: nobody waits for it.
func (r pageRoom) count(ctx context.Context, from string, c conditions) (n int64, err error) {
	if _, err := r.session.ExecContext(ctx, "SET LOCAL statement_timeout = '5min'"); err != nil {
		return 0, translate(ctx, err)
	}
	err = r.session.get(ctx, &n, core.NotFound("list"), unprepared+"SELECT count(*) FROM "+from+c.where(), c.args...)
	return n, err
}
