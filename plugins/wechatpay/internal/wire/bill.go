package wire

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha1" //nolint:gosec // the documentation's digest of a bill; the reply that states it is signed
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/strictjson"
)

// The columns of a day's bill by their headings (交易账单详细说明). A file of one kind, or an older
// one, has fewer or other columns: the heading decides.
const (
	colTime        = "交易时间"
	colMerchant    = "商户号"
	colNumber      = "微信订单号"
	colOrderNo     = "商户订单号"
	colState       = "交易状态"
	colCurrency    = "货币种类"
	colSettled     = "应结订单金额"
	colRefundID    = "微信退款单号"
	colRefundNo    = "商户退款单号"
	colRefunded    = "退款金额"
	colRefundState = "退款状态"
	colGoods       = "商品名称"
	colAttach      = "商户数据包"
	colFee         = "手续费"
	colTotal       = "订单金额"
	colAsked       = "申请退款金额"
)

// The sums at the end, by their headings.
const (
	sumCount    = "总交易单数"
	sumFees     = "手续费总金额"
	sumSettled  = "应结订单总金额"
	sumRefunded = "退款总金额"
	sumTotal    = "订单总金额"
	sumAsked    = "申请退款总金额"
)

// Bounds of a bill, in bytes: one line, and the unpacked text.
const (
	maxLine = 64 << 10
	maxText = 512 << 20
)

const (
	byteOrderMark = "\ufeff"
	billTime      = "2006-01-02 15:04:05"
)

// Row is a line of a day's bill. Amounts are in fen.
type Row struct {
	At          time.Time
	State       string // SUCCESS, REFUND or REVOKED
	OrderNo     string
	Number      string
	RefundNo    string
	RefundID    string
	RefundState string
	Total       int64 // the order's, in the line of a payment
	Refund      int64 // what was asked back, in the line of a refund
	Fee         int64 // rounded to the fen; what comes back with a refund is below zero
}

// ReadBill reads a bill to its end, packed or not, hands each row to take, and gives the
// SHA-1 of its text in hexadecimal. It is good only when no error comes: the sums stand at
// the end, and the hash covers all of it.
func ReadBill(body io.Reader, merchant string, take func(Row)) (string, error) {
	text, err := unpacked(body)
	if err != nil {
		return "", err
	}
	digest := sha1.New() //nolint:gosec // see the import
	b := billReader{merchant: merchant, sums: map[string]int64{}}
	b.lines = bufio.NewScanner(io.TeeReader(text, digest))
	b.lines.Buffer(make([]byte, 0, maxLine), maxLine)
	if err := b.read(take); err != nil {
		return "", err
	}
	return hex.EncodeToString(digest.Sum(nil)), nil
}

// unpacked is the bill's text: it is packed when it was asked for so.
func unpacked(body io.Reader) (io.Reader, error) {
	start := bufio.NewReader(body)
	if magic, _ := start.Peek(2); !bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		return io.LimitReader(start, maxText), nil
	}
	packed, err := gzip.NewReader(start)
	if err != nil {
		return nil, badBill("it cannot be unpacked")
	}
	return io.LimitReader(packed, maxText), nil
}

// billReader reads a bill line by line and adds up what its sums must say.
type billReader struct {
	merchant string
	lines    *bufio.Scanner
	columns  []string
	count    int64
	sums     map[string]int64 // by column, in 1/1000 fen
}

func badBill(format string, args ...any) error {
	return fmt.Errorf("%w: the bill: %s", strictjson.ErrForm, fmt.Sprintf(format, args...))
}

func (b *billReader) read(take func(Row)) error {
	head, err := b.line()
	if err != nil {
		return err
	}
	b.columns = strings.Split(strings.TrimPrefix(head, byteOrderMark), ",")
	for _, name := range []string{colTime, colMerchant, colNumber, colOrderNo, colState, colCurrency, colFee} {
		if !slices.Contains(b.columns, name) {
			return badBill("it has no column %s", name)
		}
	}
	for {
		line, err := b.line()
		if err != nil {
			return err
		}
		if strings.HasPrefix(line, sumCount) {
			return b.end(strings.Split(line, ","))
		}
		row, err := b.row(line)
		if err != nil {
			return err
		}
		take(row)
	}
}

// line is the next line; there must be one.
func (b *billReader) line() (string, error) {
	if b.lines.Scan() {
		return strings.TrimSuffix(b.lines.Text(), "\r"), nil
	}
	switch err := b.lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return "", badBill("a line is longer than %d bytes", maxLine)
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, gzip.ErrChecksum):
		return "", fmt.Errorf("read the bill: %w", err)
	}
	return "", badBill("it is cut off")
}

// cells takes a line apart. Each value has a grave accent in front; names of goods and the
// merchant's own text may have commas, also with an accent behind, so that what stands
// before them is counted from the left and what stands behind from the right.
func (b *billReader) cells(line string) (map[string]string, error) {
	line, marked := strings.CutPrefix(line, "`")
	values := strings.Split(line, ",`")
	extra := len(values) - len(b.columns)
	goods, attach := slices.Index(b.columns, colGoods), slices.Index(b.columns, colAttach)
	if !marked || extra < 0 || extra > 0 && (goods < 0 || attach < goods) {
		return nil, badBill("line %d has %d values and %d headings", b.count+1, len(values), len(b.columns))
	}
	out := make(map[string]string, len(b.columns))
	for i, name := range b.columns {
		switch {
		case extra == 0 || i < goods:
			out[name] = values[i]
		case i > attach:
			out[name] = values[i+extra]
		}
	}
	return out, nil
}

func (b *billReader) row(line string) (Row, error) {
	cells, err := b.cells(line)
	if err != nil {
		return Row{}, err
	}
	b.count++
	at, err := time.ParseInLocation(billTime, cells[colTime], sdk.Beijing())
	switch {
	case err != nil:
		return Row{}, badBill("line %d has no time", b.count)
	case cells[colMerchant] != b.merchant:
		return Row{}, badBill("line %d is another merchant's", b.count)
	case cells[colCurrency] != sdk.CNY:
		return Row{}, badBill("line %d is not in CNY", b.count)
	}
	row := Row{
		At: at, State: cells[colState], OrderNo: number(cells[colOrderNo]), Number: number(cells[colNumber]),
		RefundNo: number(cells[colRefundNo]), RefundID: number(cells[colRefundID]), RefundState: cells[colRefundState],
	}
	amounts := map[string]*int64{b.has(colTotal, colSettled): &row.Total, b.has(colAsked, colRefunded): &row.Refund, colFee: &row.Fee}
	for name, into := range amounts {
		if name == "" {
			continue
		}
		value, ok := yuan(cells[name])
		whole := value%1000 == 0 && value >= 0
		if !ok || !whole && name != colFee {
			return Row{}, badBill("line %d has no amount in %s", b.count, name)
		}
		b.sums[name] += value
		*into = round(value)
	}
	return row, nil
}

// has is the first of the headings that the bill has.
func (b *billReader) has(names ...string) string {
	for _, name := range names {
		if slices.Contains(b.columns, name) {
			return name
		}
	}
	return ""
}

// end compares the sums with the lines: a bill that contradicts itself is none.
func (b *billReader) end(headings []string) error {
	line, err := b.line()
	if err != nil {
		return err
	}
	line, marked := strings.CutPrefix(line, "`")
	values := strings.Split(line, ",`")
	if !marked || len(values) != len(headings) {
		return badBill("its sums are not of the documented form")
	}
	stated := map[string]int64{}
	for i, name := range headings {
		value, ok := yuan(values[i])
		if _, twice := stated[name]; !ok || twice {
			return badBill("%s is no amount", name)
		}
		stated[name] = value
	}
	if stated[sumCount] != b.count*100_000 {
		return badBill("it has %d lines and counts others", b.count)
	}
	for name, sum := range map[string]string{colTotal: sumTotal, colSettled: sumSettled, colAsked: sumAsked, colRefunded: sumRefunded, colFee: sumFees} {
		added, read := b.sums[name]
		value, there := stated[sum]
		apart := value - added
		// Fees have five decimals and may have been rounded to the fen in their sum.
		if read && there && apart != 0 && (name != colFee || apart >= 1000 || apart <= -1000) {
			return badBill("%s is not the sum of its lines", sum)
		}
	}
	for b.lines.Scan() {
		if strings.TrimSpace(b.lines.Text()) != "" {
			return badBill("something follows its sums")
		}
	}
	if b.lines.Err() != nil {
		return badBill("it is broken at its end")
	}
	return nil
}

// number is a number, where 0 stands for none.
func number(s string) string {
	if s == "0" {
		return ""
	}
	return s
}

// yuan reads an amount with up to five decimals, in 1/1000 fen.
func yuan(s string) (int64, bool) {
	digits, negative := strings.CutPrefix(s, "-")
	whole, part, _ := strings.Cut(digits, ".")
	if whole == "" || len(whole) > 11 || len(part) > 5 || strings.HasSuffix(s, ".") {
		return 0, false
	}
	var value int64
	for _, c := range whole + part + "00000"[len(part):] {
		if c < '0' || c > '9' {
			return 0, false
		}
		value = value*10 + int64(c-'0')
	}
	if negative {
		value = -value
	}
	return value, true
}

// round gives fen, the half away from zero.
func round(value int64) int64 {
	if value < 0 {
		return -((-value + 500) / 1000)
	}
	return (value + 500) / 1000
}
