package payoutwire

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/mmsp/internal/wire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// BalanceRules are what the document leaves open about a row of ACCINFO.
type BalanceRules struct {
	// ClassField is the field that says T1 (1) or D0 (2): the table says MERTYPE, the notes
	// 9 and 10 have it and ISCHARGE the other way round (trap P10).
	ClassField string
	// LimitsInYuan reads LIMIT_DOWN and LIMIT_TOP, which are printed without a unit, in yuan.
	LimitsInYuan bool
}

// The classes of a merchant, by BalanceRules.ClassField.
const (
	classT1 = "1"
	classD0 = "2"
)

// Balances reads the rows of a balance query (seed 003, 代付 5.3.3), one for each channel.
func (r Reply) Balances(rules BalanceRules) (sdk.BalanceResult, error) {
	result := sdk.BalanceResult{Outcome: r.Listed(), Provider: r.Text()}
	if result.Outcome != sdk.OutcomeSucceeded {
		return result, nil
	}
	result.AsOf = Time(r.Fields.Text("RSPTIME"))
	rows, err := accounts(r.Fields.Text("ACCINFO"))
	if err != nil {
		return result, err
	}
	total := sums{known: len(rows) > 0}
	for _, row := range rows {
		balance, class := rules.row(row)
		result.Balances = append(result.Balances, balance)
		total.add(balance, class)
	}
	result.Payable, result.Total = total.money()
	return result, nil
}

// maxRows bounds the rows, so that no sum overflows. A merchant has a handful of channels.
const maxRows = 1000

// accounts takes ACCINFO as an array, as a string that holds one (trap P9), or as one row.
func accounts(info string) ([]wire.Body, error) {
	if !json.Valid([]byte(info)) || strings.HasPrefix(info, `"`) || info == "null" {
		return nil, fmt.Errorf("%w: ACCINFO has no rows", errForm)
	}
	rows, err := wire.Body{"ACCINFO": strings.TrimSpace(info)}.Rows("ACCINFO")
	if err != nil {
		return nil, fmt.Errorf("the rows of ACCINFO: %w", err)
	}
	if len(rows) > maxRows {
		return nil, fmt.Errorf("%w: ACCINFO has more than %d rows", errForm, maxRows)
	}
	return rows, nil
}

// The names of the codes in a row.
var (
	holidays = map[string]string{"0": "none", "1": "advance", "2": "balance", "3": "both"}
	clears   = map[string]string{"1": "T1", "2": "D1"}
)

// statusFrozen is ACCSTATUS of a frozen account.
const statusFrozen = "0"

// row reads one row and its class. A value that cannot be read is as good as not stated: it
// still stands among the figures.
func (rules BalanceRules) row(fields wire.Body) (balance sdk.Balance, class string) {
	figures := make(map[string]string, len(fields))
	for name := range fields {
		if text := fields.Text(name); text != "" {
			figures[name] = text
		}
	}
	return sdk.Balance{
		Channel: figures["CHLNO"], ChannelMerchant: figures["CHLMERNO"], Suspended: figures["ACCSTATUS"] == statusFrozen,
		Pending: money(figures["BALANCE"], false), Available: money(figures["BALANCEPAY"], false),
		Advance: money(figures["ADVANCEPAY"], false), Frozen: money(figures["FREEZEBAL"], false),
		Minimum: money(figures["LIMIT_DOWN"], rules.LimitsInYuan), Maximum: money(figures["LIMIT_TOP"], rules.LimitsInYuan),
		Opens: clock(figures["BEGIN_AT"]), Closes: clock(figures["END_AT"]),
		Holidays: holidays[figures["HOLIDAYTYPE"]], Clears: clears[figures["SETTLE_TYPE"]], ClearsAt: hour(figures["SETTLE_AT"]),
		Figures: figures,
	}, figures[rules.ClassField]
}

// money is an amount, or one without a currency when it is not stated.
func money(text string, yuan bool) sdk.Money {
	if yuan {
		whole, part, _ := strings.Cut(text, ".")
		if len(part) > 2 || whole == "" {
			return sdk.Money{}
		}
		text = whole + part + "00"[len(part):]
	}
	amount, ok := signedFen(text)
	if !ok {
		return sdk.Money{}
	}
	return amount
}

// signedFen is Fen of what may be overdrawn.
func signedFen(text string) (sdk.Money, bool) {
	positive, negative := strings.CutPrefix(text, "-")
	amount, ok := Fen(positive)
	if negative {
		amount.Minor = -amount.Minor
	}
	return amount, ok
}

// clock brings BEGIN_AT and END_AT, which are printed without a format, to one form.
func clock(text string) string {
	for _, layout := range []string{"15:04:05", "15:04", "150405", "1504", "15"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.Format("15:04:05")
		}
	}
	return ""
}

// hour reads SETTLE_AT (note 8: 16 is four in the afternoon).
func hour(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > 23 {
		return -1
	}
	return n
}

// sums adds the rows up as the notes 11 and 12 say. One row that does not state its class or
// an amount leaves both sums unknown.
type sums struct {
	payable, total int64
	known          bool
}

func (s *sums) add(b sdk.Balance, class string) {
	stated := b.Available.Currency != "" && b.Pending.Currency != ""
	s.payable += b.Available.Minor
	s.total += b.Available.Minor + b.Pending.Minor
	switch class {
	case classT1: // its advance is always 0 (note 2)
	case classD0:
		// Note 12 is cut off after "the sum of all pending amounts and …": the advance is the
		// only amount left that a D0 merchant owns.
		stated = stated && b.Advance.Currency != ""
		s.payable += b.Advance.Minor
		s.total += b.Advance.Minor
	default:
		stated = false
	}
	s.known = s.known && stated
}

func (s *sums) money() (payable, total sdk.Money) {
	if !s.known {
		return sdk.Money{}, sdk.Money{}
	}
	return sdk.Fen(s.payable), sdk.Fen(s.total)
}
