package host

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/big"
	"slices"
	"sync"

	"github.com/zhanggui-pay/zhanggui/core"
)

var demoGoods = []string{"拿铁咖啡", "美式咖啡 & 可颂", "牛肉面（大）", "龙井茶 250g", "《红楼梦》", "抹茶蛋糕"} //nolint:gochecknoglobals // a constant table

// demoOrders makes orders of every kind, some at a time, and refunds a few. total is what all
// shops have that are not on the tour.
func (h *Host) demoOrders(ctx context.Context, store core.ID, shop int, p demoProvider, total int) error {
	shops := 0
	for _, s := range demoShops {
		if !s.tour && !s.begun {
			shops++
		}
	}
	return some(total/shops, func(i int) error { return h.demoOrder(ctx, store, shop, i, p) })
}

// some calls fn with 0 to n-1, eight at a time, and gives the first error.
func some(n int, fn func(i int) error) error {
	errs := make(chan error, n)
	limit := make(chan struct{}, 8)
	var group sync.WaitGroup
	for i := range n {
		limit <- struct{}{}
		group.Go(func() {
			defer func() { <-limit }()
			if err := fn(i); err != nil {
				errs <- err
			}
		})
	}
	group.Wait()
	close(errs)
	return <-errs
}

func (h *Host) demoOrder(ctx context.Context, store core.ID, shop, i int, p demoProvider) error {
	in := core.CreatePaymentInput{
		MerchantOrderNo: fmt.Sprintf("DEMO-%d-%04d", shop+1, i+1), StoreID: store, Amount: demoAmount(i),
		Subject: demoGoods[i%len(demoGoods)], Operator: "demo", IdempotencyKey: fmt.Sprintf("demo-%d-%d", shop, i),
	}
	switch {
	case len(p.Payers) == 0: // no payer shows a code: the first method is the one that needs nothing
		in.Method, in.Channel = p.Methods[0].Method, p.Methods[0].Channel
	case i%17 == 5 && len(p.Methods) > 0:
		m := p.Methods[i%len(p.Methods)]
		in.Method, in.Channel = m.Method, m.Channel
	default:
		in.Method, in.PayerCode = core.MethodBarcode, payerCode(p.Payers, fateOf(shop, i))
	}
	reply, err := h.service.CreatePayment(ctx, in)
	if err != nil || i%9 != 2 {
		return err
	}
	return h.demoRefund(ctx, reply.Payment, i%2 == 1)
}

func demoAmount(i int) core.Money { return core.Fen(int64(990 + (i*377)%26000)) }

// demoRefund gives a paid order's money back, all of it or a third.
func (h *Host) demoRefund(ctx context.Context, p core.Payment, all bool) error {
	if p.State != core.PaymentSucceeded {
		return nil
	}
	amount := p.Amount
	if !all {
		amount = core.Fen(amount.Minor / 3)
	}
	_, err := h.service.CreateRefund(ctx, core.CreateRefundInput{
		PaymentID: p.ID, Amount: amount, Reason: "顾客退货", IdempotencyKey: "demo-refund-" + p.ID.String(),
	})
	return err
}

// fateOf spreads the payers' fates: nearly all pay, few do not, one order is in doubt.
func fateOf(shop, i int) string {
	switch {
	case shop == 0 && i == 3:
		return "unknown"
	case i%23 == 7:
		return "poor"
	case i%29 == 11:
		return "slow"
	case i%31 == 13:
		return "healing"
	case i%37 == 19:
		return "absent"
	}
	return "paid"
}

// payerCode makes a code of a payer with the fate.
func payerCode(payers []demoPayer, fate string) core.Secret {
	var fitting []demoPayer
	for _, p := range payers {
		if p.Fate == fate {
			fitting = append(fitting, p)
		}
	}
	return fitting[below(int64(len(fitting)))].code()
}

// code is a fresh code: prefix, random digits, suffix.
func (p demoPayer) code() core.Secret {
	code := []byte(p.Prefix)
	for len(code) < p.Length-len(p.Suffix) {
		code = append(code, "0123456789"[below(10)])
	}
	return core.NewSecret(append(code, p.Suffix...))
}

// below draws a number under n.
func below(n int64) int64 {
	drawn, err := rand.Int(rand.Reader, big.NewInt(n))
	if err != nil {
		return 0
	}
	return drawn.Int64()
}

// tour makes a few orders at each account: every payer, some of them twice, and every method.
func (s demoSeeder) tour(ctx context.Context, store core.ID, accounts []core.ProviderAccount) error {
	if s.payments == 0 {
		return nil
	}
	var stops []tourStop
	for i, p := range s.sim.Demo {
		for _, payer := range p.Payers {
			stops = append(stops, tourStop{account: accounts[i], method: demoMethod{Method: core.MethodBarcode}, code: payer.code()})
		}
		for _, method := range p.Methods {
			// One stays as it is, so that it can be tried out.
			stops = append(stops, tourStop{account: accounts[i], method: method})
			if method.Payable || method.Code != "" {
				stops = append(stops, tourStop{account: accounts[i], method: method, pay: true})
			}
		}
	}
	return some(len(stops), func(i int) error {
		if err := s.visit(ctx, store, i, stops[i]); err != nil {
			return fmt.Errorf("%s by %s: %w", stops[i].account.Provider, stops[i].method.Method, err)
		}
		return nil
	})
}

// tourStop is one order of the tour.
type tourStop struct {
	account core.ProviderAccount
	method  demoMethod
	code    core.Secret
	pay     bool // the payer pays at once
}

func (s demoSeeder) visit(ctx context.Context, store core.ID, i int, at tourStop) error {
	manifest, err := s.plugins.Manifest(at.account.Provider)
	if err != nil {
		return err
	}
	in := core.CreatePaymentInput{
		MerchantOrderNo: fmt.Sprintf("TOUR-%04d", i+1), IdempotencyKey: fmt.Sprintf("demo-tour-%d", i), AccountID: at.account.ID, StoreID: store,
		Amount: demoAmount(i), Subject: demoGoods[i%len(demoGoods)], Operator: "demo",
		Method: at.method.Method, Channel: at.method.Channel, PayerCode: at.code, PayerID: at.method.PayerID, Card: at.method.Card.card(),
	}
	for _, need := range needsOf(manifest, in.Method) {
		switch need {
		case core.NeedReturnURL:
			in.ReturnURL = s.cfg.PublicURL + "/"
		case core.NeedClientIP:
			in.ClientIP = "203.0.113.7"
		}
	}
	reply, err := s.service.CreatePayment(ctx, in)
	switch {
	case err != nil:
		return err
	case at.pay && at.method.Code != "":
		_, err = s.service.ConfirmPayment(ctx, reply.Payment.ID, core.SecretString(at.method.Code))
		return err
	case at.pay:
		return s.sim.pay(ctx, at.account.Provider, reply.Payment.OrderNo)
	case i%2 == 0:
		return s.demoRefund(ctx, reply.Payment, false)
	}
	return nil
}

func needsOf(m core.Manifest, method core.Method) []string {
	for _, p := range m.Products {
		i := slices.IndexFunc(p.Methods, func(s core.MethodSpec) bool { return s.Method == method })
		if i >= 0 {
			return p.Methods[i].Needs
		}
	}
	return nil
}
