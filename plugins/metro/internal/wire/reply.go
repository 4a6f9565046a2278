package wire

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/strictjson"
)

// Envelope is what stands around the data of a reply. The document shows the data alone,
// so its names and its word for success are the account's settings.
type Envelope struct {
	Code, Message, Data string // names of fields
	Success             string // the code's value, as text: 0 and "0" are the same
}

// Reply is a reply out of its envelope.
type Reply struct {
	OK   bool // the code is the one of success, and there are data
	Text sdk.ProviderText
	data strictjson.Object
}

// Parse reads a reply. One of another form is an error, never a guess.
func (e Envelope) Parse(raw []byte) (Reply, error) {
	if len(raw) > maxReply {
		return Reply{}, fmt.Errorf("%w: it is longer than %d bytes", strictjson.ErrForm, maxReply)
	}
	fields, err := strictjson.Read(raw)
	if err != nil {
		return Reply{}, err
	}
	r := reader{fields: fields}
	reply := Reply{Text: sdk.ProviderText{Code: r.scalar(e.Code), Message: r.text(e.Message)}}
	switch {
	case r.err != nil:
		return Reply{}, r.err
	case reply.Text.Code == "":
		return Reply{}, fmt.Errorf("%w: it has no %s", strictjson.ErrForm, e.Code)
	case reply.Text.Code != e.Success:
		return reply, nil
	}
	if reply.data, err = strictjson.Read(fields[e.Data]); err != nil {
		return Reply{}, fmt.Errorf("%s: %w", e.Data, err)
	}
	reply.OK = true
	return reply, nil
}

// Payment is the data of a charge and of an order query (seed 000, 四.3 and 四.5). Only
// Status is there at any time: the rest is printed as required, yet an order that is not
// paid has no time and no number of a payment.
type Payment struct {
	Status  string // pay_status
	Total   Number // total_fee: the order's amount, the coupon's share included
	Number  string // pay_out_trade_no
	Trade   string // pay_type_trade_no
	Type    string // pay_type
	UID     string
	Paid    time.Time // pay_time
	Failure string    // pay_err_desc
}

// Payment reads the data of a charge or an order query.
func (r Reply) Payment() (Payment, error) {
	f := reader{fields: r.data}
	p := Payment{
		Status: f.text("pay_status"), Total: f.number("total_fee"), Number: f.text("pay_out_trade_no"), Trade: f.text("pay_type_trade_no"),
		Type: f.text("pay_type"), UID: f.text("uid"), Paid: Time(f.text("pay_time")), Failure: f.text("pay_err_desc"),
	}
	return p, f.err
}

// Recall reads the data of a reverse (seed 000, 四.6): Y when it must be called again, N when
// not. The data name no order, and their date says no more than N does.
func (r Reply) Recall() (string, error) {
	f := reader{fields: r.data}
	recall := f.text("recall")
	return recall, f.err
}

// Refund is the data of a refund (seed 000, 四.7).
type Refund struct {
	Status         string // pay_refund_status
	OrderNo        string // out_request_no
	Number         string // pay_out_trade_no
	RefundNo       string // out_refund_no
	ProviderRefund string // pay_refund_id
	Amount         Number // pay_refund_fee; the request calls it refund_fee
	Total          Number // total_fee, the order's
	Refunded       time.Time
}

// Refund reads the data of a refund.
func (r Reply) Refund() (Refund, error) {
	f := reader{fields: r.data}
	d := Refund{
		Status: f.text("pay_refund_status"), OrderNo: f.text("out_request_no"), Number: f.text("pay_out_trade_no"), RefundNo: f.text("out_refund_no"),
		ProviderRefund: f.text("pay_refund_id"), Amount: f.number("pay_refund_fee"), Total: f.number("total_fee"), Refunded: Time(f.text("refund_time")),
	}
	return d, f.err
}

// UID reads the data of a payer query (seed 000, 四.4).
func (r Reply) UID() (string, error) {
	f := reader{fields: r.data}
	uid := f.text("uid")
	return uid, f.err
}

// BillRow holds the totals of one wallet (seed 000, 四.8, BillInfo): counts, and amounts in fen.
type BillRow struct {
	Type                         string // pay_type
	Count, Amount                Number
	ReverseCount, ReverseAmount  Number
	RefundedCount, RefundedTotal Number
}

// Bill is the data of a day's bill: totals only, no order (trap M12).
type Bill struct {
	Date string
	Rows []BillRow
}

// Bill reads the data of a day's bill. Servers write an empty list as null too.
func (r Reply) Bill() (Bill, error) {
	f := reader{fields: r.data}
	bill := Bill{Date: f.text("date")}
	if f.err != nil {
		return Bill{}, f.err
	}
	var rows []json.RawMessage
	if err := json.Unmarshal(r.data["bill_infos"], &rows); err != nil {
		return Bill{}, fmt.Errorf("%w: bill_infos is no list", strictjson.ErrForm)
	}
	seen := map[string]bool{}
	for _, one := range rows {
		row, err := billRow(one)
		if err != nil {
			return Bill{}, err
		}
		if seen[row.Type] {
			return Bill{}, fmt.Errorf("%w: a pay_type stands twice", strictjson.ErrForm)
		}
		seen[row.Type] = true
		bill.Rows = append(bill.Rows, row)
	}
	return bill, nil
}

func billRow(raw []byte) (BillRow, error) {
	fields, err := strictjson.Read(raw)
	if err != nil {
		return BillRow{}, err
	}
	f := reader{fields: fields}
	row := BillRow{
		Type: f.text("pay_type"), Count: f.number("total_count"), Amount: f.number("total_amount"),
		ReverseCount: f.number("reverse_count"), ReverseAmount: f.number("reverse_amount"),
		RefundedCount: f.number("refund_count"), RefundedTotal: f.number("refund_amount"),
	}
	if f.err != nil {
		return BillRow{}, f.err
	}
	for _, n := range []Number{row.Count, row.Amount, row.ReverseCount, row.ReverseAmount, row.RefundedCount, row.RefundedTotal} {
		if !n.Stated || row.Type == "" {
			return BillRow{}, fmt.Errorf("%w: a row of the bill is not complete", strictjson.ErrForm)
		}
	}
	return row, nil
}

// Time reads yyyyMMddHHmmss in Beijing's time; anything else is no time.
func Time(s string) time.Time {
	if len(s) != len("20060102150405") || strings.Trim(s, "0123456789") != "" {
		return time.Time{}
	}
	at, err := time.ParseInLocation("20060102150405", s, sdk.Beijing())
	if err != nil {
		return time.Time{}
	}
	return at
}
