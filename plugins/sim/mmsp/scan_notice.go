package mmsp

import "time"

// scanNotice is the push of a payment (10.8): the amount is a JSON number, TRDETIME is printed without its A, and there
// is no RANDSTR. The first attempt comes at once, and ten more follow until one is acknowledged.
func scanNotice(opts Options) notice {
	tradeTime := "TRADETIME"
	if opts.AsPrinted {
		tradeTime = "TRDETIME"
	}
	return notice{
		command: cmdScanNotify,
		waits:   seconds(0, 15, 15, 30, 180, 1800, 1800, 1800, 1800, 1800, 3600),
		body: func(o *Order, _ int, _ time.Time) body {
			return body{
				"AMT": o.Amount, "ORDERNO": o.OrderNo, "MERORDERID": o.Number, tradeTime: clock(o.Created), "PAYTIME": clock(o.PaidAt),
				"STATUS": statusDone, "TRADETYPE": walletType(o.Scan),
			}
		},
	}
}
