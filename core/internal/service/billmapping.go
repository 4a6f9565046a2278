package service

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	maxMappingWords = 100 // kinds, or statuses
	maxHeading      = 100
	maxSkipLines    = 100
	maxBillColumn   = 256
	previewLines    = 20
	previewErrors   = 50
)

// billReader and billWriter authorize for what concerns the books of the whole merchant.
func (s *Service) billReader(ctx context.Context) (core.ID, error) {
	id, tenant, err := s.allow(ctx, "bills", "read")
	if err != nil {
		return tenant, err
	}
	return tenant, wholeTenant(id)
}

func (s *Service) billWriter(ctx context.Context, action string) (core.Identity, core.ID, error) {
	id, tenant, err := s.allow(ctx, "bills", action)
	if err != nil {
		return id, tenant, err
	}
	return id, tenant, wholeTenant(id)
}

// ListBillMappings lists how a provider's bill files are read, or those of all (empty).
func (s *Service) ListBillMappings(ctx context.Context, provider string) (list []core.BillMapping, err error) {
	tenant, err := s.billReader(ctx)
	if err != nil {
		return nil, err
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		list, err = tx.BillMappings(ctx, provider)
		return err
	})
	return list, err
}

// SaveBillMapping makes a mapping, or changes one that has the version given. Its provider stays.
func (s *Service) SaveBillMapping(ctx context.Context, m core.BillMapping) (core.BillMapping, error) {
	id, tenant, err := s.billWriter(ctx, "map")
	if err != nil {
		return m, err
	}
	if err := checkText("name", m.Name, 1, 64); err != nil {
		return m, err
	}
	if m.ID.IsZero() {
		if _, err := s.Providers.Manifest(m.Provider); err != nil {
			return m, core.Errorf(core.CodeInvalidRequest, "There is no provider %q.", printable(m.Provider)).At("provider")
		}
	}
	now, fresh := s.Clock(), m.ID.IsZero()
	m.TenantID, m.UpdatedAt = tenant, now
	if fresh {
		m.ID, m.CreatedBy, m.CreatedAt, m.Version = core.NewID(now), id.Actor, now, 0
	}
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		action, before := "bill_mapping.create", core.BillMapping{}
		if !fresh {
			if before, err = tx.BillMapping(ctx, m.ID); err != nil {
				return err
			}
			action, m.Provider, m.CreatedBy, m.CreatedAt = "bill_mapping.update", before.Provider, before.CreatedBy, before.CreatedAt
		}
		if err := checkBillMapping(&m); err != nil {
			return err
		}
		write := tx.UpdateBillMapping
		if fresh {
			write = tx.InsertBillMapping
		}
		if err := write(ctx, m); err != nil {
			return err
		}
		return s.recordMapping(ctx, tx, id, action, before, m)
	})
	if err == nil && !fresh {
		m.Version++
	}
	return m, err
}

// recordMapping writes who made, changed or removed a mapping; before or after is empty then.
func (s *Service) recordMapping(ctx context.Context, tx core.TenantTx, id core.Identity, action string, before, after core.BillMapping) error {
	one, was, now := after, any(nil), any(nil)
	if before.Name != "" {
		one, was = before, before
	}
	if after.Name != "" {
		now = after
	}
	entry, err := s.audit(id, one.TenantID, action, one.ID.Prefixed(core.PrefixBillMapping), was, now)
	if err != nil {
		return err
	}
	return tx.AppendAudit(ctx, entry)
}

// DeleteBillMapping removes a mapping. Imports keep the one that they were read by.
func (s *Service) DeleteBillMapping(ctx context.Context, mapping core.ID) error {
	id, tenant, err := s.billWriter(ctx, "map")
	if err != nil {
		return err
	}
	return s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		before, err := tx.BillMapping(ctx, mapping)
		if err != nil {
			return err
		}
		if err := tx.DeleteBillMapping(ctx, mapping); err != nil {
			return err
		}
		return s.recordMapping(ctx, tx, id, "bill_mapping.delete", before, core.BillMapping{})
	})
}

// PreviewBill reads the beginning of a file. What only the end of a file can show is not said.
func (s *Service) PreviewBill(ctx context.Context, m core.BillMapping, head []byte) (core.BillPreview, error) {
	if _, _, err := s.billWriter(ctx, "map"); err != nil {
		return core.BillPreview{}, err
	}
	if err := checkBillMapping(&m); err != nil {
		return core.BillPreview{}, err
	}
	if len(head) == 0 || len(head) > core.ChunkBytes {
		return core.BillPreview{}, core.Errorf(core.CodeInvalidFile, "Send the first bytes of the file, at most %d.", core.ChunkBytes).At("head_base64")
	}
	whole := len(head) < core.ChunkBytes
	if end := bytes.LastIndexByte(head, '\n'); !whole && end > 0 {
		head = head[:end+1]
	}
	var p core.BillPreview
	facts, err := s.BillReader.ReadBill(bytes.NewReader(head), m, func(l core.StoredLine) error {
		if len(p.Lines) < previewLines {
			p.Lines = append(p.Lines, l)
		}
		return nil
	}, func(e core.BillRowError) bool {
		if whole || e.Code != "missing_trailer" {
			p.Errors = append(p.Errors, e)
		}
		return len(p.Errors) < previewErrors
	})
	p.Encoding, p.Header = facts.Encoding, facts.Header
	return p, err
}

// checkBillMapping refuses rules that cannot be followed, and fills in what is usual.
func checkBillMapping(m *core.BillMapping) error {
	if m.TotalOf == "" {
		m.TotalOf = core.TotalAll
	}
	switch {
	case !slices.Contains([]string{"", "utf-8", "gb18030"}, m.Encoding):
		return core.Errorf(core.CodeInvalidRequest, "The encoding is utf-8, gb18030 or left out.").At("encoding")
	case !slices.Contains([]string{"", ",", "\t", ";", "|"}, m.Delimiter):
		return core.Errorf(core.CodeInvalidRequest, "The delimiter is a comma, a tab, a semicolon, an upright bar or left out.").At("delimiter")
	case m.SkipLines < 0 || m.SkipLines > maxSkipLines:
		return core.Errorf(core.CodeInvalidRequest, "At most %d lines stand before the heading.", maxSkipLines).At("skip_lines")
	case m.Unit != "fen" && m.Unit != "yuan":
		return core.Errorf(core.CodeInvalidRequest, "Amounts are in fen or in yuan.").At("unit")
	case !slices.Contains([]core.StatedTotal{core.TotalAll, core.TotalPayments, core.TotalNet}, m.TotalOf):
		return core.Errorf(core.CodeInvalidRequest, "A total is one of all, payments or net.").At("total_of")
	case !whollyDated(m.TimeFormat):
		return core.Errorf(core.CodeInvalidRequest, "The time format must name year, month and day without a zone, written as 2006-01-02 15:04:05.").At("time_format")
	}
	for _, check := range []func(core.BillMapping) error{checkBillColumns, checkBillWords, checkTrailer} {
		if err := check(*m); err != nil {
			return err
		}
	}
	return nil
}

// whollyDated says whether a time written by the layout can be read again to its day.
func whollyDated(layout string) bool {
	at := time.Date(2031, 12, 25, 13, 45, 59, 0, core.Beijing())
	again, err := time.ParseInLocation(layout, at.Format(layout), time.UTC)
	_, offset := again.Zone()
	return err == nil && len(layout) <= 64 && offset == 0 && again.Format(time.DateOnly) == at.Format(time.DateOnly) &&
		!strings.Contains(layout, "MST") && !strings.Contains(layout, "Z07") && !strings.Contains(layout, "-07") && (again.Hour() == 13 || again.Hour() == 0)
}

func checkBillColumns(m core.BillMapping) error {
	fields := core.BillFields()
	for name := range m.Columns {
		if !slices.ContainsFunc(fields, func(f core.BillField) bool { return f.Name == name }) {
			return core.Errorf(core.CodeInvalidRequest, "%q is no field of a bill.", printable(name)).At("columns")
		}
	}
	numbers := []string{core.BillOrderNo, core.BillRefundNo, core.BillPayoutNo, core.BillProviderOrderNo, core.BillProviderRefundNo}
	takenBy, numbered := map[string]string{}, false
	for _, f := range fields {
		heading, mapped := m.Columns[f.Name]
		if f.Required && !mapped {
			return core.Errorf(core.CodeInvalidRequest, "Name the column of the %s.", strings.ToLower(f.Label.EN)).At("columns")
		}
		if !mapped {
			continue
		}
		if err := checkText("columns", heading, 1, maxHeading); err != nil || strings.TrimSpace(heading) == "" {
			return core.Errorf(core.CodeInvalidRequest, "The heading of %s must have 1 to %d characters.", f.Name, maxHeading).At("columns")
		}
		numbered = numbered || slices.Contains(numbers, f.Name)
		// One column may hold the numbers of payments, refunds and payouts: the row's kind tells.
		first, taken := takenBy[heading]
		if taken && (!slices.Contains(numbers[:3], first) || !slices.Contains(numbers[:3], f.Name)) {
			return core.Errorf(core.CodeInvalidRequest, "The column “%s” is named for %s and for %s.", heading, first, f.Name).At("columns")
		}
		takenBy[heading] = f.Name
	}
	if !numbered {
		return core.Errorf(core.CodeInvalidRequest, "Name the column of at least one number, for instance order_no.").At("columns")
	}
	return nil
}

func checkBillWords(m core.BillMapping) error {
	kinds := []string{string(core.MovementPayment), string(core.MovementReversal), string(core.MovementRefund), string(core.MovementPayout)}
	if err := checkWords(m, core.BillKind, "kinds", m.Kinds, kinds); err != nil {
		return err
	}
	outcomes := []string{string(core.OutcomeSucceeded), string(core.OutcomeFailed), string(core.OutcomeCanceled), string(core.OutcomeClosed), core.SkipStatus}
	if err := checkWords(m, core.BillStatus, "statuses", m.Statuses, outcomes); err != nil {
		return err
	}
	if _, mapped := m.Columns[core.BillMerchantNo]; m.MerchantNo != "" && !mapped {
		return core.Errorf(core.CodeInvalidRequest, "Name the column of the merchant number that is to be checked.").At("columns")
	}
	return checkText("merchant_no", m.MerchantNo, 0, 64)
}

// checkWords wants a meaning for the cells of a column, and no meanings without a column.
func checkWords(m core.BillMapping, field, param string, words map[string]string, meanings []string) error {
	_, mapped := m.Columns[field]
	if mapped != (len(words) > 0) {
		return core.Errorf(core.CodeInvalidRequest, "Name both the column of the %s and what its cells mean, or neither.", field).At(param)
	}
	if len(words) > maxMappingWords {
		return core.Errorf(core.CodeInvalidRequest, "At most %d cells can be given a meaning.", maxMappingWords).At(param)
	}
	for cell, meaning := range words {
		if !slices.Contains(meanings, meaning) {
			return core.Errorf(core.CodeInvalidRequest, "“%s” means one of %s.", printable(cell), strings.Join(meanings, ", ")).At(param)
		}
		if err := checkText(param, cell, 0, 64); err != nil {
			return err
		}
	}
	return nil
}

func checkTrailer(m core.BillMapping) error {
	if err := checkText("trailer_prefix", m.TrailerPrefix, 0, 64); err != nil {
		return err
	}
	if m.TrailerPrefix == "" && (m.TrailerBelow || m.TrailerCount != 0 || m.TrailerAmount != 0) {
		return core.Errorf(core.CodeInvalidRequest, "Say how the line with the totals begins.").At("trailer_prefix")
	}
	for param, column := range map[string]int{"trailer_count": m.TrailerCount, "trailer_amount": m.TrailerAmount} {
		if column < 0 || column > maxBillColumn {
			return core.Errorf(core.CodeInvalidRequest, "A total stands in one of the columns 1 to %d.", maxBillColumn).At(param)
		}
	}
	return nil
}
