package postgres

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/lib/pq"

	"github.com/zhanggui-pay/zhanggui/core"
)

// stamp is a time whose zero is NULL. It reads as UTC.
type stamp struct{ time.Time }

// Value implements driver.Valuer.
func (s stamp) Value() (driver.Value, error) {
	if s.IsZero() {
		return nil, nil //nolint:nilnil // NULL
	}
	return s.UTC(), nil
}

// Scan implements sql.Scanner.
func (s *stamp) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		s.Time = time.Time{}
	case time.Time:
		s.Time = v.UTC()
	default:
		return fmt.Errorf("postgres: %T is no time", src)
	}
	return nil
}

// document is JSON text that is kept as written; empty is NULL.
type document []byte

// Scan implements sql.Scanner; the driver's buffer is copied.
func (d *document) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*d = nil
	case []byte:
		*d = append(document(nil), v...)
	case string:
		*d = document(v)
	default:
		return fmt.Errorf("postgres: %T is no JSON", src)
	}
	return nil
}

// rawJSON stores text that claims to be JSON. What is not is kept as a JSON string: evidence
// must not be lost because a provider answered with garbage.
func rawJSON(raw json.RawMessage) any {
	if len(raw) == 0 {
		return nil
	}
	if !json.Valid(raw) {
		quoted, err := json.Marshal(string(raw))
		if err != nil {
			return nil
		}
		return string(quoted)
	}
	return strings.ToValidUTF8(string(raw), "�")
}

// encode stores a value of our own as JSON; nil is NULL.
func encode(v any, empty bool) any {
	if empty {
		return nil
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return string(b)
}

// clean makes a provider's text storable: PostgreSQL refuses NUL and broken UTF-8.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "�"), "\x00", "")
}

// uid is an ID that is never NULL: the zero one stands for the platform.
func uid(id core.ID) string { return id.String() }

func uids(ids []core.ID) any {
	out := make(pq.StringArray, len(ids))
	for i, id := range ids {
		out[i] = id.String()
	}
	return out
}

// texts is an array parameter of strings of any kind.
func texts[S ~string](in []S) pq.StringArray {
	out := make(pq.StringArray, len(in))
	for i, s := range in {
		out[i] = string(s)
	}
	return out
}

// idList reads uuid[].
type idList []core.ID

// Scan implements sql.Scanner.
func (l *idList) Scan(src any) error {
	var raw pq.StringArray
	if err := raw.Scan(src); err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	*l = nil
	for _, s := range raw {
		id, err := core.ParseID(s)
		if err != nil {
			return fmt.Errorf("postgres: %w", err)
		}
		*l = append(*l, id)
	}
	return nil
}

// convert maps rows to what the caller gets.
func convert[R, T any](rows []R, one func(*R) T) []T {
	out := make([]T, len(rows))
	for i := range rows {
		out[i] = one(&rows[i])
	}
	return out
}
