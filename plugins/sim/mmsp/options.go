package mmsp

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Options describe a simulator. The zero value works: no merchants, the real clock. The fields with JSON names can be
// read from a file, keys as PEM text.
type Options struct {
	Merchants []Merchant `json:"merchants"`
	// PlatformKey is the platform's own key: payout requests are encrypted under its public half.
	PlatformKey PrivateKey     `json:"platform_key"`
	Payout      PayoutOptions  `json:"payout"`
	Quick       QuickOptions   `json:"quick"`
	Gateway     GatewayOptions `json:"gateway"`

	// Seed of the faults' probability mode.
	Seed uint64 `json:"seed"`
	// Opened names operations that work although the document calls them switched off (暂未开通).
	Opened []string `json:"opened"`
	// RequireCertificate asks for a client certificate where the document wants one: cancel and refund (3.1).
	// Default: not enforced, as the document does not say how it is presented.
	RequireCertificate bool `json:"require_certificate"`
	// AsPrinted uses the document's misprinted field names in what the simulator sends: TRDETIME in scan notifications.
	AsPrinted bool `json:"as_printed"`
	// ErrMsg calls the text of replies ErrMsg, as some samples do, not ErrorMsg as the tables.
	ErrMsg bool `json:"err_msg"`
	// ScanZero answers scan messages with RetCode 0 on success, as the section's sample does; its table says 1.
	ScanZero bool `json:"scan_zero"`

	// Now and Sleep are the clock; Random makes what must not repeat. Defaults: time.Now, a real wait that Close ends,
	// crypto/rand.
	Now    func() time.Time    `json:"-"`
	Sleep  func(time.Duration) `json:"-"`
	Random io.Reader           `json:"-"`
	// Resend waits before each attempt of a notification; false ends them. It is not Sleep, for an hour of resending must
	// not move the clock of everything else. Default: a real wait that Close ends.
	Resend func(context.Context, time.Duration) bool `json:"-"`
	// Client sends notifications. Default: one that gives up after 10 seconds and follows no redirect.
	Client *http.Client `json:"-"`
	// Journal keeps orders and ledger across restarts. Default nil: memory only. Close closes it.
	Journal *Journal `json:"-"`
}

// Config is the form of a configuration file: Options and the faults that are armed at the start.
type Config struct {
	Options
	Faults []Fault `json:"faults"`
}

// New builds the simulator and arms the faults. On an error nothing is left open but the journal.
func (c Config) New() (*Simulator, error) {
	s := New(c.Options)
	for i, fault := range c.Faults {
		if _, err := s.AddFault(fault); err != nil {
			return nil, fmt.Errorf("fault %d in the configuration: %w", i+1, err)
		}
	}
	return s, nil
}

func (o Options) opened(operation string) bool {
	for _, name := range o.Opened {
		if name == operation {
			return true
		}
	}
	return false
}
