package core

import (
	"crypto/rand"
	"database/sql/driver"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
)

// ID is a time-ordered 128-bit identifier (UUID version 7) that we choose before the
// row is written, so that a write whose answer was lost can be looked for.
type ID [16]byte

// The prefixes of identifiers in the API: pay_…, ref_….
const (
	PrefixPayment     = "pay"
	PrefixRefund      = "ref"
	PrefixPayout      = "po"
	PrefixAttempt     = "att"
	PrefixEvent       = "evt"
	PrefixTenant      = "ten"
	PrefixStore       = "sto"
	PrefixTerminal    = "trm"
	PrefixAccount     = "acc"
	PrefixUser        = "usr"
	PrefixAPIKey      = "key"
	PrefixSession     = "ses"
	PrefixAudit       = "aud"
	PrefixCase        = "cas"
	PrefixCallback    = "cbk"
	PrefixMember      = "mem"
	PrefixCard        = "crd"
	PrefixAlert       = "alt"
	PrefixFreeze      = "frz"
	PrefixFeeRate     = "fee"
	PrefixApproval    = "apr"
	PrefixPayoutBatch = "pob"
	PrefixResolution  = "res"
	PrefixChannel     = "chn"

	PrefixReconciliation = "rec" // a day of it
	PrefixDifference     = "dif"
	PrefixBill           = "bil"
	PrefixBillImport     = "bim"
	PrefixBillMapping    = "bmp"
	PrefixExport         = "exp"
	PrefixEntry          = "ent"
	PrefixPluginUpload   = "plu"
	PrefixNode           = "nod"
)

// crockford is the base 32 alphabet without I, L, O and U, in lower case.
const crockford = "0123456789abcdefghjkmnpqrstvwxyz"

// NewID makes an identifier ordered by now. It draws on the system's random source,
// which does not fail on the platforms we run on.
func NewID(now time.Time) ID {
	var id ID
	_, _ = rand.Read(id[:])
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(now.UnixMilli()))
	copy(id[:6], ms[2:])
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80
	return id
}

// CallbackTokenLength fits a callback address into the 50 characters some providers allow.
const CallbackTokenLength = 10

// NewCallbackToken draws the part of a callback address that finds the account: 50 random
// bits. It is hard to guess, and no secret: what comes there is verified.
func NewCallbackToken() string {
	var drawn [CallbackTokenLength]byte
	_, _ = rand.Read(drawn[:]) // does not fail on the platforms we run on
	for i, b := range drawn {
		drawn[i] = crockford[b&31]
	}
	return string(drawn[:])
}

// IsZero says whether id was never set.
func (id ID) IsZero() bool { return id == ID{} }

// String prints the UUID form, as PostgreSQL does.
func (id ID) String() string {
	h := hex.EncodeToString(id[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// Prefixed prints the API form: prefix, underscore and 26 characters of base 32.
func (id ID) Prefixed(prefix string) string {
	var out [26]byte
	hi, lo := binary.BigEndian.Uint64(id[:8]), binary.BigEndian.Uint64(id[8:])
	for i := 25; i >= 0; i-- {
		out[i] = crockford[lo&31]
		lo = lo>>5 | hi<<59
		hi >>= 5
	}
	return prefix + "_" + string(out[:])
}

// ParsePrefixed reads the API form. Errors: CodeNotFound for anything that is not such
// an identifier, because an id that cannot exist and one that does not are the same to a caller.
func ParsePrefixed(prefix, s string) (ID, error) {
	rest, ok := strings.CutPrefix(s, prefix+"_")
	if !ok || len(rest) != 26 || rest[0] > '7' {
		return ID{}, NotFound(prefix)
	}
	var hi, lo uint64
	for i := range len(rest) {
		v := strings.IndexByte(crockford, rest[i])
		if v < 0 {
			return ID{}, NotFound(prefix)
		}
		hi = hi<<5 | lo>>59
		lo = lo<<5 | uint64(v)
	}
	var id ID
	binary.BigEndian.PutUint64(id[:8], hi)
	binary.BigEndian.PutUint64(id[8:], lo)
	return id, nil
}

// ParseID reads the UUID form.
func ParseID(s string) (ID, error) {
	var id ID
	if len(s) != 36 {
		return id, fmt.Errorf("%q is not a UUID", s)
	}
	b, err := hex.DecodeString(strings.ReplaceAll(s, "-", ""))
	if err != nil || len(b) != 16 {
		return id, fmt.Errorf("%q is not a UUID", s)
	}
	copy(id[:], b)
	return id, nil
}

// Value stores the UUID form; the zero ID is NULL.
func (id ID) Value() (driver.Value, error) {
	if id.IsZero() {
		return nil, nil
	}
	return id.String(), nil
}

// Scan reads the UUID form or NULL (the zero ID).
func (id *ID) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*id = ID{}
		return nil
	case []byte:
		return id.Scan(string(v))
	case string:
		parsed, err := ParseID(v)
		*id = parsed
		return err
	}
	return errors.New("core: an ID is read from text only")
}

// MarshalText prints the UUID form.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads the UUID form.
func (id *ID) UnmarshalText(b []byte) error { return id.Scan(string(b)) }
