package service

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// exportKind is a list that can be exported. Each has a file of its own.
type exportKind interface {
	// object is that of the permission to read the list.
	object() string
	title() core.Text
	columns() []core.ExportColumn
	// bind narrows a query to what the caller may list, and to what was there before a time.
	bind(id core.Identity, query json.RawMessage, before time.Time) (json.RawMessage, error)
	open(query json.RawMessage, columns []string, words exportWords) (exportSource, error)
}

// exportSource reads a list from its newest row on.
type exportSource interface {
	count(ctx context.Context, tx exportReader) (int64, error)
	// next gives the next page; none: that was all. The rows are good until it is called again.
	next(ctx context.Context, tx exportReader) ([][]core.ExportCell, error)
}

// exportReader is what a tenant's and the platform's transactions can both read in pages.
type exportReader interface {
	core.ExportReader
	core.SettlementReader
}

// exportKinds are the lists that can be exported.
func exportKinds() map[core.ExportKind]exportKind {
	return map[core.ExportKind]exportKind{
		core.ExportPayments: exportPayments(),
		core.ExportRefunds:  exportRefunds(),
		core.ExportPayouts:  exportPayouts(),
		core.ExportAudit:    exportAudit(),

		core.ExportSettlement: exportSettlement(),
		core.ExportStatement:  exportStatement(),

		core.ExportDifferences: exportDifferences(),
	}
}

func exportKindOf(kind core.ExportKind) (exportKind, error) {
	if k, ok := exportKinds()[kind]; ok {
		return k, nil
	}
	return nil, core.Errorf(core.CodeInvalidRequest, "%q cannot be exported.", shorten(string(kind), 40)).At("kind")
}

// listExport is an exportKind of a list with filter F and rows R.
type listExport[F, R any] struct {
	permission string
	name       core.Text
	fields     []exportField[R]
	narrow     func(id core.Identity, f F, before time.Time) (F, error)
	counted    func(tx exportReader, ctx context.Context, f F) (int64, error)
	paged      func(tx exportReader, ctx context.Context, f F) ([]R, error)
	from       func(f F, page core.Page) F
	key        func(r R) (time.Time, core.ID)
}

// exportField is a column and what stands in it.
type exportField[R any] struct {
	name   string
	zh, en string
	cell   func(w exportWords, r R) core.ExportCell
}

func (l listExport[F, R]) object() string   { return l.permission }
func (l listExport[F, R]) title() core.Text { return l.name }

func (l listExport[F, R]) columns() []core.ExportColumn { return exportColumnsOf(l.fields) }

func (l listExport[F, R]) bind(id core.Identity, query json.RawMessage, before time.Time) (json.RawMessage, error) {
	f, err := readQuery[F](query)
	if err != nil {
		return nil, err
	}
	if f, err = l.narrow(id, f, before); err != nil {
		return nil, err
	}
	return marshal(f)
}

func (l listExport[F, R]) open(query json.RawMessage, columns []string, words exportWords) (exportSource, error) {
	f, err := readQuery[F](query)
	if err != nil {
		return nil, err
	}
	s := &listSource[F, R]{list: l, filter: f, words: words, page: core.Page{Limit: core.ExportPage}}
	s.fields, err = chosenFields(l.fields, columns)
	return s, err
}

// listSource reads one list for one export.
type listSource[F, R any] struct {
	list   listExport[F, R]
	filter F
	fields []exportField[R]
	words  exportWords
	page   core.Page
	rows   [][]core.ExportCell
	last   bool
}

func (s *listSource[F, R]) count(ctx context.Context, tx exportReader) (int64, error) {
	return s.list.counted(tx, ctx, s.filter)
}

func (s *listSource[F, R]) next(ctx context.Context, tx exportReader) ([][]core.ExportCell, error) {
	if s.last {
		return nil, nil
	}
	found, err := s.list.paged(tx, ctx, s.list.from(s.filter, s.page))
	if err != nil || len(found) == 0 {
		return nil, err
	}
	s.last = len(found) < s.page.Limit
	s.page.BeforeTime, s.page.BeforeID = s.list.key(found[len(found)-1])
	for len(s.rows) < len(found) {
		s.rows = append(s.rows, make([]core.ExportCell, len(s.fields)))
	}
	for i, r := range found {
		for j, f := range s.fields {
			s.rows[i][j] = f.cell(s.words, r)
		}
	}
	return s.rows[:len(found)], nil
}

// earlier is the end of a time that is asked for and must not be after before.
func earlier(asked, before time.Time) time.Time {
	if asked.IsZero() || asked.After(before) {
		return before
	}
	return asked
}

// boundStores is storesSeen in a stable order.
func boundStores(id core.Identity, asked []core.ID) ([]core.ID, error) {
	stores, err := storesSeen(id, asked)
	if err != nil || stores == nil {
		return nil, err
	}
	stores = slices.Clone(stores)
	slices.SortFunc(stores, func(a, b core.ID) int { return bytes.Compare(a[:], b[:]) })
	return stores, nil
}

// exportWords turns ids and states into words in the language of the export.
type exportWords struct {
	zh        bool
	merchants map[core.ID]string
	stores    map[core.ID]string // of the export's merchant; empty over all of them
	accounts  map[core.ID]string // the same
}

func (w exportWords) pick(zh, en string) string {
	if w.zh {
		return zh
	}
	return en
}

// exportTime is how times are written; their columns name the zone.
const exportTime = "2006-01-02 15:04:05"

func textCell(text string) core.ExportCell { return core.ExportCell{Text: text} }
func amountCell(fen int64) core.ExportCell {
	return core.ExportCell{Kind: core.CellAmount, Number: fen}
}
func timeCell(t time.Time) core.ExportCell { return textCell(timeText(t)) }
func idCell(prefix string, id core.ID) core.ExportCell {
	if id.IsZero() {
		return core.ExportCell{}
	}
	return textCell(id.Prefixed(prefix))
}

func timeText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(core.Beijing()).Format(exportTime)
}

// state is an order's state in words. In doubt it is unknown, whatever else: never failed.
func (w exportWords) state(state string, unknownSince time.Time, words map[string]core.Text) core.ExportCell {
	if !unknownSince.IsZero() {
		return textCell(w.pick("待确认", "unknown"))
	}
	if word, ok := words[state]; ok {
		return textCell(w.pick(word.ZH, word.EN))
	}
	return textCell(state)
}

// readExportWords reads the names that an export shows.
func (s *Service) readExportWords(ctx context.Context, e core.Export) (w exportWords, err error) {
	w = exportWords{zh: e.Language == "zh", merchants: map[core.ID]string{}, stores: map[core.ID]string{}, accounts: map[core.ID]string{}}
	if e.TenantID.IsZero() {
		return w, s.nameMerchants(ctx, w.merchants)
	}
	return w, s.Database.InTenant(ctx, e.TenantID, func(tx core.TenantTx) error {
		tenant, err := tx.Tenant(ctx)
		if err != nil {
			return err
		}
		w.merchants[tenant.ID] = tenant.Name
		stores, err := tx.Stores(ctx)
		if err != nil {
			return err
		}
		for _, st := range stores {
			w.stores[st.ID] = st.Name
		}
		accounts, err := tx.Accounts(ctx)
		for _, a := range accounts {
			w.accounts[a.ID] = a.Name
		}
		return err
	})
}

func (s *Service) nameMerchants(ctx context.Context, names map[core.ID]string) error {
	page := core.Page{Limit: 200}
	for {
		var list []core.Tenant
		err := s.Database.AcrossTenants(ctx, func(tx core.PlatformTx) (err error) {
			list, err = tx.Tenants(ctx, core.TenantFilter{Page: page})
			return err
		})
		for _, t := range list {
			names[t.ID] = t.Name
			page.BeforeTime, page.BeforeID = t.CreatedAt, t.ID
		}
		if err != nil || len(list) < page.Limit {
			return err
		}
	}
}
