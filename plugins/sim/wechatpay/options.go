package wechatpay

import (
	"crypto/rand"
	"crypto/rsa"
	"io"
	"net/http"
	"time"
)

// Options describe a simulator. The zero value works: no merchants, keys of its own, the real clock.
type Options struct {
	Merchants []Merchant

	// CertificateKey is behind the first platform certificate. Default: one made when first needed.
	CertificateKey *rsa.PrivateKey
	// PublicKeyKey is the private half of the platform public key (微信支付公钥). Default: one made when first needed.
	PublicKeyKey *rsa.PrivateKey
	// PublicKeyID names the platform public key. Default: DefaultPublicKeyID.
	PublicKeyID string

	// Now and Sleep are the clock; Random makes nonces, links and tokens. Defaults: time.Now, a real wait that Close
	// ends, crypto/rand. Sleep is called from several goroutines at once.
	Now    func() time.Time
	Sleep  func(time.Duration)
	Random io.Reader

	// Seed of the faults' probability mode.
	Seed uint64

	// AllowHTTP takes http notification addresses. Default: https only, as documented.
	AllowHTTP bool
	// TimestampWindow is how far a request's timestamp may be from the clock, either way. Default 5 minutes.
	TimestampWindow time.Duration
	// ReentryCode refuses an out_trade_no that comes again with other parameters: INVALID_REQUEST (400, the default)
	// or OUT_TRADE_NO_USED (403); both were seen.
	ReentryCode string
	// OrderUnknownCode is "no such order": ORDER_NOT_EXIST (the default) or ORDERNOTEXIST; both are documented.
	OrderUnknownCode string
	// RefuseClosedAgain answers ORDER_CLOSED when a closed order is closed again. Default: 204.
	RefuseClosedAgain bool
	// RefundPause is how long after a refund the same order takes no other one (FREQUENCY_LIMITED). The documentation
	// recommends a minute. Default 0: none.
	RefundPause time.Duration
	// AutoClose is how long after it was placed an unpaid order is closed by the provider. Default 14 days.
	AutoClose time.Duration

	// BillReady is when a day's bill can be had, from the next midnight in Beijing. Default 10 hours; negative: at once.
	BillReady time.Duration
	// BillTTL is how long a download_url is valid. Default 5 minutes; older documentation says 30 seconds.
	BillTTL time.Duration
	// BillPlain writes bills without the byte order mark and with \n for line ends. Both forms were seen.
	BillPlain bool
	// BaseURL stands before download_url. Default: http and the Host of the request.
	BaseURL string

	// Notices says how the merchant is notified. The zero value follows the documentation.
	Notices Notices

	// Journal keeps orders, ledger, keys and added merchants across restarts. Default nil: memory only. Close closes it.
	Journal *Journal
}

// Notices says how results are notified.
type Notices struct {
	// Waits stand before each attempt. Default: one at once, then the documented 15s/15s/30s/3m/10m/20m/30m/30m/30m/
	// 60m/3h/3h/3h/6h/6h, 24 h 4 m in all.
	Waits []time.Duration
	// Client sends. Default: one that waits 5 s for the answer, as documented, and follows no redirect.
	Client *http.Client
	// Off sends nothing by itself; Notify and Forge still do.
	Off bool
}

// DefaultPublicKeyID has the form of the real ones.
const DefaultPublicKeyID = "PUB_KEY_ID_0116000000012026112300000000000001"

func (o Options) withDefaults() Options {
	o.Now = orElse(o.Now, time.Now, o.Now == nil)
	o.Random = orElse(o.Random, rand.Reader, o.Random == nil)
	o.PublicKeyID = or(o.PublicKeyID, DefaultPublicKeyID)
	o.ReentryCode = or(o.ReentryCode, codeInvalid)
	o.OrderUnknownCode = or(o.OrderUnknownCode, codeOrderNotExist)
	o.TimestampWindow = orElse(o.TimestampWindow, 5*time.Minute, o.TimestampWindow == 0)
	o.AutoClose = orElse(o.AutoClose, 14*24*time.Hour, o.AutoClose == 0)
	o.BillReady = orElse(o.BillReady, 10*time.Hour, o.BillReady == 0)
	o.BillTTL = orElse(o.BillTTL, 5*time.Minute, o.BillTTL == 0)
	if o.Notices.Waits == nil {
		o.Notices.Waits = schedule()
	}
	if o.Notices.Client == nil {
		o.Notices.Client = &http.Client{Timeout: answerTimeout, CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		}}
	}
	return o
}

// answerTimeout is how long the answer to a notification may take.
const answerTimeout = 5 * time.Second

// schedule is when notifications are sent: at once, and again as documented.
func schedule() []time.Duration {
	const s, m, h = time.Second, time.Minute, time.Hour
	return []time.Duration{
		0, 15 * s, 15 * s, 30 * s, 3 * m, 10 * m, 20 * m, 30 * m, 30 * m, 30 * m, 60 * m, 3 * h, 3 * h, 3 * h, 6 * h, 6 * h,
	}
}

func orElse[T any](value, otherwise T, missing bool) T {
	if missing {
		return otherwise
	}
	return value
}

func or(text, otherwise string) string {
	if text != "" {
		return text
	}
	return otherwise
}
