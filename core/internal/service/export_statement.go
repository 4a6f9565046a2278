package service

import (
	"context"
	"encoding/json"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	// statementDays is how many days a statement covers at most.
	statementDays = 366
	// statementPage is how many entries are read at once.
	statementPage = 2000
)

// statementPart says what a line of a statement is.
type statementPart string

const (
	statementOpening statementPart = "opening" // which days it is of
	statementEntry   statementPart = "entry"
	statementDay     statementPart = "day"     // what the day comes to
	statementClosing statementPart = "closing" // what all comes to
)

// statementLine is a movement, or a sum of movements.
type statementLine struct {
	part  statementPart
	entry core.Entry // of a sum: day, amount and fee
}

// statementExport is every movement of a merchant with its fee, the oldest day first: an opening
// line, the entries of each day and their sum, and a closing line whose net is the sum of all.
type statementExport struct {
	fields []exportField[statementLine]
}

func exportStatement() exportKind {
	kinds := map[core.EntryKind]core.Text{
		core.EntryPayment: {ZH: "收款", EN: "payment"}, core.EntryRefund: {ZH: "退款", EN: "refund"}, core.EntryPayout: {ZH: "付款", EN: "payout"},
	}
	sums := map[statementPart]core.Text{
		statementOpening: {ZH: "期初", EN: "opening"}, statementDay: {ZH: "当日合计", EN: "sum of the day"}, statementClosing: {ZH: "期末合计", EN: "closing"},
	}
	entry := func(cell func(w exportWords, e core.Entry) core.ExportCell) func(exportWords, statementLine) core.ExportCell {
		return func(w exportWords, l statementLine) core.ExportCell { return cell(w, l.entry) }
	}
	return statementExport{[]exportField[statementLine]{
		{"day", "记账日期（北京时间）", "Day (Beijing time, UTC+8)", entry(func(_ exportWords, e core.Entry) core.ExportCell { return textCell(string(e.Day)) })},
		{"kind", "类型", "Kind", func(w exportWords, l statementLine) core.ExportCell {
			word := sums[l.part]
			if l.part == statementEntry {
				word = kinds[l.entry.Kind]
			}
			return textCell(w.pick(word.ZH, word.EN))
		}},
		{"number", "平台单号", "Number", entry(func(_ exportWords, e core.Entry) core.ExportCell { return textCell(e.Number) })},
		{"merchant_number", "商户单号", "Merchant's number", entry(func(_ exportWords, e core.Entry) core.ExportCell { return textCell(e.MerchantNumber) })},
		{"store", "门店", "Store", entry(func(w exportWords, e core.Entry) core.ExportCell { return textCell(w.stores[e.StoreID]) })},
		{"provider", "支付渠道", "Provider", entry(func(_ exportWords, e core.Entry) core.ExportCell { return textCell(e.Provider) })},
		{"account", "渠道账户", "Provider account", entry(func(w exportWords, e core.Entry) core.ExportCell { return textCell(w.accounts[e.AccountID]) })},
		{"amount", "金额（元）", "Amount (yuan)", entry(func(_ exportWords, e core.Entry) core.ExportCell { return amountCell(e.Amount) })},
		{"fee", "手续费（元）", "Fee (yuan)", entry(func(_ exportWords, e core.Entry) core.ExportCell { return amountCell(e.Fee) })},
		{"net", "净额（元）", "Net (yuan)", entry(func(_ exportWords, e core.Entry) core.ExportCell { return amountCell(e.Net()) })},
		{"corrects", "更正日期", "Corrects the day", entry(func(_ exportWords, e core.Entry) core.ExportCell { return textCell(string(e.Corrects)) })},
		{"booked_at", "记账时间（北京时间）", "Booked (Beijing time, UTC+8)", entry(func(_ exportWords, e core.Entry) core.ExportCell { return timeCell(e.At) })},
		{"object_id", "单据编号", "Id of the order", entry(func(_ exportWords, e core.Entry) core.ExportCell {
			return idCell(core.EventObjectPrefix(string(e.Kind)), e.ObjectID)
		})},
		{"entry_id", "记账编号", "Entry id", entry(func(_ exportWords, e core.Entry) core.ExportCell { return idCell(core.PrefixEntry, e.ID) })},
	}}
}

func (k statementExport) object() string               { return "settlement" }
func (k statementExport) title() core.Text             { return core.Text{ZH: "对账单", EN: "Statement"} }
func (k statementExport) columns() []core.ExportColumn { return exportColumnsOf(k.fields) }

func (k statementExport) bind(id core.Identity, query json.RawMessage, before time.Time) (json.RawMessage, error) {
	if id.TenantID.IsZero() {
		return nil, core.Errorf(core.CodeTenantRequired, "A statement is one merchant's: name it with the Zhanggui-Tenant header.").At("Zhanggui-Tenant")
	}
	f, err := readQuery[core.EntryFilter](query)
	if err != nil {
		return nil, err
	}
	days := core.SettlementFilter{From: f.From, To: f.To}.Within(before)
	if err := checkSettlementDays(days.From, days.To, statementDays); err != nil {
		return nil, err
	}
	f.From, f.To, f.Until = days.From, days.To, before
	if f.StoreIDs, err = boundStores(id, f.StoreIDs); err != nil {
		return nil, err
	}
	return marshal(f)
}

func (k statementExport) open(query json.RawMessage, columns []string, words exportWords) (exportSource, error) {
	f, err := readQuery[core.EntryFilter](query)
	if err != nil {
		return nil, err
	}
	fields, err := chosenFields(k.fields, columns)
	return &statementSource{filter: f, fields: fields, words: words}, err
}

// statementSource reads the books in their order and sums as it goes.
type statementSource struct {
	filter core.EntryFilter
	fields []exportField[statementLine]
	words  exportWords
	begun  bool
	ended  bool
	mark   core.EntryMark
	day    core.Entry // the sum of the day that is being read
	total  core.Entry
}

func (s *statementSource) books(tx exportReader) (core.EntryReader, error) {
	books, ok := tx.(core.EntryReader)
	if !ok {
		return nil, core.Errorf(core.CodeTenantRequired, "A statement is one merchant's.")
	}
	return books, nil
}

func (s *statementSource) count(ctx context.Context, tx exportReader) (int64, error) {
	books, err := s.books(tx)
	if err != nil {
		return 0, err
	}
	entries, days, err := books.CountEntries(ctx, s.filter)
	return entries + days + 2, err // opening and closing
}

func (s *statementSource) next(ctx context.Context, tx exportReader) ([][]core.ExportCell, error) {
	if s.ended {
		return nil, nil
	}
	books, err := s.books(tx)
	if err != nil {
		return nil, err
	}
	entries, err := books.EntriesAfter(ctx, s.filter, s.mark, statementPage)
	if err != nil {
		return nil, err
	}
	var lines []statementLine
	if !s.begun {
		s.begun = true
		lines = append(lines, statementLine{statementOpening, core.Entry{Day: s.filter.From}})
	}
	for _, e := range entries {
		if s.day.Day != e.Day {
			lines = s.endDay(lines)
			s.day = core.Entry{Day: e.Day}
		}
		lines = append(lines, statementLine{statementEntry, e})
		s.day.Amount, s.day.Fee = s.day.Amount+e.Amount, s.day.Fee+e.Fee
		s.mark = core.EntryMark{Day: e.Day, ID: e.ID}
	}
	if len(entries) == 0 {
		s.ended = true
		lines = s.endDay(lines)
		s.total.Day = s.filter.To
		lines = append(lines, statementLine{statementClosing, s.total})
	}
	return rowsOf(s.fields, s.words, lines), nil
}

// endDay adds the sum of the day that was read, if there is one.
func (s *statementSource) endDay(lines []statementLine) []statementLine {
	if s.day.Day == "" {
		return lines
	}
	s.total.Amount, s.total.Fee = s.total.Amount+s.day.Amount, s.total.Fee+s.day.Fee
	return append(lines, statementLine{statementDay, s.day})
}
