package postgres

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/zhanggui-pay/zhanggui/core"
)

// table is where buffered rows go, with the columns in the order of their values.
type table struct {
	name    string
	columns []string
}

// insert is one buffered row.
type insert struct {
	into   *table
	values []any
}

// update is a buffered change of one row by its key: the first keys columns of on.
type update struct {
	on     *table
	keys   int
	values []any
}

// buffer keeps writes nobody waits for until flush sends them as one statement.
type buffer struct {
	inserts []insert
	updates []update
	// rows are the ids of payments, refunds and attempts among inserts.
	rows map[core.ID]bool
}

func (b *buffer) add(t *table, id core.ID, values ...any) {
	if !id.IsZero() {
		if b.rows == nil {
			b.rows = map[core.ID]bool{}
		}
		b.rows[id] = true
	}
	b.inserts = append(b.inserts, insert{t, values})
}

const (
	// rowsPerFlush keeps a statement far below the protocol's 65,535 parameters.
	rowsPerFlush = 50
	// rowsPrepared is up to how many rows a shape occurs again and again. Larger ones come from
	// imports and would only fill the connections' memory.
	rowsPrepared = 12
)

// flush sends the buffer: every insert and update as one WITH, in one trip. The parts of
// such a statement see the same snapshot, so an update of a row inserted by the same flush is
// not possible; before adding one, callers flush (flushIf). References between the rows are
// checked at its end.
func (s *session) flush(ctx context.Context) error {
	b := s.buffer
	s.buffer = buffer{}
	for len(b.inserts)+len(b.updates) > 0 {
		part := buffer{inserts: b.inserts}
		if len(b.inserts) > rowsPerFlush {
			part.inserts, b.inserts = b.inserts[:rowsPerFlush], b.inserts[rowsPerFlush:]
		} else {
			n := min(len(b.updates), rowsPerFlush)
			part.updates, b.updates, b.inserts = b.updates[:n], b.updates[n:], nil
		}
		if err := s.send(ctx, part); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) send(ctx context.Context, b buffer) error {
	s.wrote = true
	for _, i := range b.inserts {
		s.note(i.into.name)
	}
	for _, u := range b.updates {
		s.note(u.on.name)
	}
	text, args := b.statement()
	if len(b.inserts)+len(b.updates) > rowsPrepared {
		text = unprepared + text
	}
	var updated int
	if err := s.QueryRowxContext(ctx, text, args...).Scan(&updated); err != nil {
		return translate(ctx, err)
	}
	if updated != len(b.updates) {
		return core.Errorf(core.CodeConflict, "The thing to be completed is not there or changed meanwhile.")
	}
	return nil
}

// flushIf flushes when the row with this id is still in the buffer.
func (s *session) flushIf(ctx context.Context, id core.ID) error {
	if !s.buffer.rows[id] {
		return nil
	}
	return s.flush(ctx)
}

// statement builds the text. Its shape depends only on which tables take how many rows, so
// few texts occur and each is prepared once a connection.
func (b *buffer) statement() (string, []any) {
	var (
		text  strings.Builder
		args  []any
		parts int
	)
	next := func() {
		if parts == 0 {
			text.WriteString("WITH ")
		} else {
			text.WriteString(", ")
		}
		text.WriteString("w" + strconv.Itoa(parts) + " AS (")
		parts++
	}
	for _, group := range b.grouped() {
		next()
		text.WriteString("INSERT INTO " + group[0].into.name + " (" + strings.Join(group[0].into.columns, ", ") + ") VALUES ")
		for i, row := range group {
			if i > 0 {
				text.WriteString(", ")
			}
			args = placeholders(&text, args, row.values)
		}
		if group[0].into != eventTable {
			text.WriteString(")")
			continue
		}
		text.WriteString(" RETURNING " + strings.Join(eventFanOutReads, ", ") + ")")
		events := "w" + strconv.Itoa(parts-1)
		next()
		text.WriteString(strings.ReplaceAll(eventFanOut, "{events}", events) + ")")
	}
	counts := make([]string, 0, len(b.updates))
	for _, u := range b.updates {
		counts = append(counts, fmt.Sprintf("(SELECT count(*) FROM w%d)", parts))
		next()
		args = u.write(&text, args)
	}
	if len(counts) == 0 {
		counts = []string{"0"}
	}
	text.WriteString(" SELECT " + strings.Join(counts, " + "))
	return text.String(), args
}

// grouped puts rows of one table together, keeping their order: sequences are drawn in it.
func (b *buffer) grouped() [][]insert {
	var groups [][]insert
	place := map[*table]int{}
	for _, row := range b.inserts {
		i, ok := place[row.into]
		if !ok {
			i = len(groups)
			place[row.into] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], row)
	}
	return groups
}

func (u update) write(text *strings.Builder, args []any) []any {
	text.WriteString("UPDATE " + u.on.name + " SET ")
	for i, column := range u.on.columns[u.keys:] {
		if i > 0 {
			text.WriteString(", ")
		}
		args = append(args, u.values[u.keys+i])
		text.WriteString(column + " = $" + strconv.Itoa(len(args)))
	}
	text.WriteString(" WHERE ")
	for i, column := range u.on.columns[:u.keys] {
		if i > 0 {
			text.WriteString(" AND ")
		}
		args = append(args, u.values[i])
		text.WriteString(column + " = $" + strconv.Itoa(len(args)))
	}
	text.WriteString(" RETURNING 1)")
	return args
}

func placeholders(text *strings.Builder, args, values []any) []any {
	text.WriteString("(")
	for i, v := range values {
		if i > 0 {
			text.WriteString(", ")
		}
		args = append(args, v)
		text.WriteString("$" + strconv.Itoa(len(args)))
	}
	text.WriteString(")")
	return args
}

// insertText is the statement of one row for tables that are not buffered.
func (t *table) insertText() string {
	var text strings.Builder
	text.WriteString("INSERT INTO " + t.name + " (" + strings.Join(t.columns, ", ") + ") VALUES ")
	placeholders(&text, nil, make([]any, len(t.columns)))
	return text.String()
}
