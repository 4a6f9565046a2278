package web

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

// defaultLimit is the length of a page when the caller names none.
const defaultLimit = 20

// pageOf reads limit and cursor. One row more than asked for is fetched: it says whether
// there is another page.
func pageOf(limit int32, cursor string) (core.Page, int, error) {
	n := int(limit)
	if n == 0 {
		n = defaultLimit
	}
	p := core.Page{Limit: n + 1}
	if cursor == "" {
		return p, n, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(raw) != 24 {
		return p, n, core.Errorf(core.CodeInvalidRequest, "The cursor is not one of ours: send next_cursor of the page before, unchanged.").At("cursor")
	}
	p.BeforeTime = time.Unix(0, int64(binary.BigEndian.Uint64(raw))) //nolint:gosec // written by cursorOf
	copy(p.BeforeID[:], raw[8:])
	return p, n, nil
}

func cursorOf(at time.Time, id core.ID) string {
	raw := binary.BigEndian.AppendUint64(nil, uint64(at.UnixNano()))
	return base64.RawURLEncoding.EncodeToString(append(raw, id[:]...))
}

// cut takes the extra row off and gives the cursor of the next page.
func cut[T any](rows []T, limit int, key func(T) (time.Time, core.ID)) ([]T, string) {
	if len(rows) <= limit {
		return rows, ""
	}
	rows = rows[:limit]
	return rows, cursorOf(key(rows[limit-1]))
}

// each converts a list; never nil, so that JSON has [] and not null.
func each[T, U any](in []T, f func(T) U) []U {
	out := make([]U, 0, len(in))
	for _, v := range in {
		out = append(out, f(v))
	}
	return out
}

// id prints an identifier, and nothing for the zero one.
func id(prefix string, v core.ID) string {
	if v.IsZero() {
		return ""
	}
	return v.Prefixed(prefix)
}

// utc prints times alike whatever zone they were read in.
func utc(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC()
}

// object gives {} for settings that were never set.
func object(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 || string(raw) == "null" {
		return json.RawMessage("{}")
	}
	return raw
}

// list gives [] for a list that was never set.
func list[T any](in []T) []T {
	if in == nil {
		return []T{}
	}
	return in
}

func texts[T ~string](in []T) []string { return each(in, func(v T) string { return string(v) }) }

func textOf(t core.Text) api.Text { return api.Text{Zh: t.ZH, En: t.EN} }

func seconds(d time.Duration) float64 { return d.Seconds() }
