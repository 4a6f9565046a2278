package mmsp

// PayoutOptions describe the payout product. Without Options.PlatformKey every payout message is answered 1003.
type PayoutOptions struct {
	// MaxAmount is the greatest amount in fen. Default ten million yuan: the document says ten million, and not of what.
	MaxAmount int64 `json:"max_amount"`
	// Bare answers the values typed int as JSON numbers. Default: quoted, as the samples are.
	Bare bool `json:"bare_numbers"`
	// AccountText answers ACCINFO as a string that holds the JSON array. Default: an array.
	AccountText bool `json:"account_text"`
	// PaidAtOnce answers PAYSTATE 1 to a new payout. Default: 2, and 1 to the first query, as the document's sample has it.
	PaidAtOnce bool `json:"paid_at_once"`
}

// PayoutAccount is a merchant's contract on payouts.
type PayoutAccount struct {
	// Key verifies SIGN and seals the replies. A merchant without one is answered 1004.
	Key PublicKey `json:"public_key"`
	// Channels hold the merchant's money; the first that fits pays out unless the request names one.
	Channels []Channel `json:"channels"`
	// Suspended merchants are answered 1039.
	Suspended bool `json:"suspended"`
}

// Channel is one payout channel of a merchant, a row of the balance query's ACCINFO (5.3.3). Amounts are in fen and
// what the merchant begins with; payouts are taken off by the simulator.
type Channel struct {
	No          string `json:"chlno"`
	MerchantNo  string `json:"chlmerno"`
	Frozen      bool   `json:"frozen"`       // ACCSTATUS 0: a payout is answered 1047
	Pending     int64  `json:"balance"`      // BALANCE, not settled yet: not to be paid out
	Available   int64  `json:"balance_pay"`  // BALANCEPAY
	Advance     int64  `json:"advance_pay"`  // ADVANCEPAY, only for D0 merchants
	Held        int64  `json:"freeze_bal"`   // in FREEZEBAL for complaints, beside the payouts in flight
	Fee         int64  `json:"fee"`          // taken on top of every payout
	Min         int64  `json:"limit_down"`   // LIMIT_DOWN; default 1
	Max         int64  `json:"limit_top"`    // LIMIT_TOP; 0: none, shown as PayoutOptions.MaxAmount
	Begin       string `json:"begin_at"`     // BEGIN_AT, "HH:MM:SS"; default 00:00:00
	End         string `json:"end_at"`       // END_AT; default 23:59:59
	OnBook      bool   `json:"on_book"`      // ISCHARGE 2, else 1
	D0          bool   `json:"d0"`           // MERTYPE 2, else 1
	HolidayType int    `json:"holiday_type"` // 0 none, 1 advance, 2 balance, 3 both
	SettleAt    int    `json:"settle_at"`    // the hour at which BALANCE moves to BALANCEPAY
	SettleD1    bool   `json:"settle_d1"`    // SETTLE_TYPE 2, else 1
	// RequirePlace wants BANKPROV, BANKCITY and BANKBRANCHNAME, as the strict sample has them: else 1023.
	RequirePlace bool `json:"require_place"`
}

// maxPayout is ten million yuan in fen.
const maxPayout = 1_000_000_000

func (c Channel) limits(greatest int64) (least, most int64) {
	least, most = c.Min, c.Max
	if least == 0 {
		least = 1
	}
	if most == 0 {
		most = greatest
	}
	return least, most
}

func (c Channel) hours() (begin, end string) {
	begin, end = c.Begin, c.End
	if begin == "" {
		begin = "00:00:00"
	}
	if end == "" {
		end = "23:59:59"
	}
	return begin, end
}

// open reports whether the channel pays out at that time of day; hours that end before they begin go over midnight.
func (c Channel) open(clock string) bool {
	begin, end := c.hours()
	if begin <= end {
		return begin <= clock && clock <= end
	}
	return begin <= clock || clock <= end
}

// flag is the document's way to say no and yes: 1 and 2.
func flag(yes bool) string {
	if yes {
		return "2"
	}
	return "1"
}
