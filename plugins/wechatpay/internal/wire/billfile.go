package wire

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk/strictjson"
)

// Bounds of a bill: its address, and its file as it is sent, in bytes.
const (
	maxAddress = 4096
	maxFile    = 64 << 20
)

// ErrExpired is a bill's address that is not good any more.
var ErrExpired = errors.New("the bill's address has expired")

// BillAddress is where a day's bill can be fetched for a few minutes.
type BillAddress struct {
	Hash  string // SHA-1 of the text, in hexadecimal
	Query string // of the address
}

// BillAddress reads the reply to the request for a bill (申请交易账单). Only what it says of the
// file is taken: the host and path are the documented ones, or the address is refused.
func (r Reply) BillAddress(path string) (BillAddress, error) {
	f := reader{fields: r.fields}
	kind, digest, address := f.text("hash_type"), f.text("hash_value"), f.text("download_url")
	if f.err != nil {
		return BillAddress{}, f.err
	}
	u, err := url.Parse(address)
	switch {
	case kind != "SHA1" || len(digest) != 40 || strings.Trim(digest, "0123456789abcdefABCDEF") != "":
		return BillAddress{}, fmt.Errorf("%w: hash_value is no SHA1", strictjson.ErrForm)
	case err != nil || len(address) > maxAddress || u.Path != path || u.Query().Get("token") == "" || u.User != nil || u.Fragment != "":
		return BillAddress{}, fmt.Errorf("%w: download_url is not the documented address", strictjson.ErrForm)
	}
	return BillAddress{Hash: strings.ToLower(digest), Query: u.RawQuery}, nil
}

// BillFile fetches a bill (下载账单) by its address as it was given, and hands its rows to take. The file is not signed: its hash
// stands in a reply that was. Rows count only when no error comes.
func (c Client) BillFile(ctx context.Context, path string, address BillAddress, take func(Row)) error {
	resp, err := c.send(ctx, http.MethodGet, path, address.Query, nil, "*/*", maxFile)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	switch {
	case resp.StatusCode >= http.StatusBadRequest && resp.StatusCode < http.StatusInternalServerError && resp.StatusCode != http.StatusTooManyRequests:
		return ErrExpired
	case resp.StatusCode != http.StatusOK:
		return fmt.Errorf("the bill came with HTTP status %d", resp.StatusCode)
	}
	digest, err := ReadBill(resp.Body, c.Account.Merchant, take)
	if err == nil && digest != address.Hash {
		err = badBill("its hash is not the one that was announced")
	}
	return err
}
