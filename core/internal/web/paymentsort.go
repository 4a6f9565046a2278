package web

import (
	"encoding/base64"
	"encoding/binary"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

// paymentSort is the order of a list as core has it.
func paymentSort(s api.ListPaymentsParamsSort) core.PaymentSort {
	if s == api.ListPaymentsParamsSortNewest {
		return core.PaymentsNewest
	}
	return core.PaymentSort(s)
}

// byAmount tells whether a list goes on from an amount instead of a time.
func byAmount(s core.PaymentSort) bool {
	return s == core.PaymentsLargest || s == core.PaymentsSmallest
}

// paymentPage reads limit and cursor of a list in an order. The cursor begins with the order it
// belongs to, but for that of the newest first: one of another order is none of this one's.
func paymentPage(sort core.PaymentSort, limit int32, cursor string) (core.Page, int, error) {
	if sort == core.PaymentsNewest || cursor == "" {
		return pageOf(limit, cursor)
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(raw) != 25 || raw[0] != sort[0] {
		return core.Page{}, 0, core.Errorf(core.CodeInvalidRequest, "The cursor is not one of this order: send next_cursor of the page before, unchanged, and the same sort.").At("cursor")
	}
	p, n, err := pageOf(limit, base64.RawURLEncoding.EncodeToString(raw[1:]))
	if err == nil && byAmount(sort) {
		p.BeforeTime, p.BeforeAmount = time.Time{}, int64(binary.BigEndian.Uint64(raw[1:])) //nolint:gosec // written by cutPayments
	}
	return p, n, err
}

// cutPayments is cut of a list in an order.
func cutPayments(rows []core.Payment, sort core.PaymentSort, limit int) ([]core.Payment, string) {
	if len(rows) <= limit {
		return rows, ""
	}
	rows = rows[:limit]
	last := rows[limit-1]
	if sort == core.PaymentsNewest {
		return rows, cursorOf(last.CreatedAt, last.ID)
	}
	at := last.CreatedAt.UnixNano()
	if byAmount(sort) {
		at = last.Amount.Minor
	}
	raw := binary.BigEndian.AppendUint64([]byte{sort[0]}, uint64(at))
	return rows, base64.RawURLEncoding.EncodeToString(append(raw, last.ID[:]...))
}
