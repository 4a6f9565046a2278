package host

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// demoPeople are who can sign in to the demo.
type demoPeople struct {
	operator, owner           core.ID
	operatorEmail, ownerEmail string
}

// The people of the demo.
const (
	demoOperator = "operator@demo.example"
	demoOwner    = "owner@demo.example"
	demoCashier  = "cashier@demo.example"
)

// demoShops are the merchants of the demo; the last has only begun its onboarding.
var demoShops = []struct{ name, short string }{ //nolint:gochecknoglobals // a constant table
	{"上海晨光咖啡有限公司", "晨光咖啡"}, {"杭州西溪书店", "西溪书店"}, {"北京胡同面馆连锁", "胡同面馆"}, {"成都锦里茶叶行", "锦里茶叶"},
}

// seedDemo makes people, merchants and orders on the first start, through the same use
// cases as everybody's. Later it only tells the accounts where the simulator is now.
func seedDemo(ctx context.Context, h *Host, sim *simulator, o DevOptions) (demoPeople, error) {
	if len(sim.Demo) == 0 {
		return demoPeople{}, errNoDemo
	}
	setup, first, err := h.service.EnsureFirstAdministrator(ctx)
	if err != nil {
		return demoPeople{}, err
	}
	if !first {
		return h.demoAgain(ctx, sim)
	}
	say(o.Out, "Demo merchants and orders …")
	operator, err := h.signIn(ctx, setup)
	if err != nil {
		return demoPeople{}, err
	}
	people := demoPeople{operator: operator.user, operatorEmail: demoOperator, ownerEmail: demoOwner}
	for i, shop := range demoShops {
		owner, err := operator.merchant(ctx, i, shop.name, shop.short, sim.Demo[i%len(sim.Demo)], o.Payments)
		if err != nil {
			return people, fmt.Errorf("demo merchant %s: %w", shop.short, err)
		}
		if i == 0 {
			people.owner = owner
		}
	}
	return people, operator.signOut(ctx)
}

// demoSession is the operator's session while the demo is made.
type demoSession struct {
	*Host
	user  core.ID
	token core.Secret
}

// signIn takes a one-time link. The password that a setup link wants is thrown away: the
// demo's people come in by links only.
func (h *Host) signIn(ctx context.Context, link core.Secret) (demoSession, error) {
	_, token, _ := strings.Cut(string(link.Reveal()), "#")
	reply, err := h.service.LoginByLink(ctx, core.LinkInput{
		Token: core.SecretString(token), Password: core.SecretString(rand.Text()), Email: demoOperator, Name: "演示运营",
	})
	return demoSession{Host: h, user: reply.Me.User.ID, token: reply.Token}, err
}

// in is ctx with the operator acting in a tenant; zero: on the platform.
func (s demoSession) in(ctx context.Context, tenant core.ID) (context.Context, error) {
	id, _, err := s.service.Authenticate(ctx, s.token, tenant)
	return core.WithIdentity(ctx, id), err
}

func (s demoSession) signOut(ctx context.Context) error {
	ctx, err := s.in(ctx, core.ID{})
	if err != nil {
		return err
	}
	return s.service.Logout(ctx)
}

// demoAgain finds the people and moves the accounts when the simulator's address changed.
func (h *Host) demoAgain(ctx context.Context, sim *simulator) (demoPeople, error) {
	people := demoPeople{operatorEmail: demoOperator, ownerEmail: demoOwner}
	err := h.db.InDirectory(ctx, func(tx core.DirectoryTx) error {
		operator, err := tx.UserByEmail(ctx, demoOperator)
		if err != nil {
			return err
		}
		owner, err := tx.UserByEmail(ctx, demoOwner)
		people.operator, people.owner = operator.User.ID, owner.User.ID
		return err
	})
	if err != nil {
		return people, err
	}
	link, err := h.service.IssueLoginLink(ctx, people.operator, time.Minute)
	if err != nil {
		return people, err
	}
	session, err := h.signIn(ctx, link)
	if err != nil {
		return people, err
	}
	platform, err := session.in(ctx, core.ID{})
	if err != nil {
		return people, err
	}
	tenants, err := h.service.ListTenants(platform, core.TenantFilter{Page: core.Page{Limit: 200}})
	if err != nil {
		return people, err
	}
	for _, t := range tenants {
		inside, err := session.in(ctx, t.ID)
		if err == nil {
			err = h.moveAccounts(inside, sim)
		}
		if err != nil {
			return people, err
		}
	}
	return people, session.signOut(ctx)
}

// moveAccounts points accounts at local simulators to where these listen now. An account
// that a person gave another address is left alone.
func (h *Host) moveAccounts(ctx context.Context, sim *simulator) error {
	accounts, err := h.service.ListAccounts(ctx)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		now := sim.Providers[a.Provider]
		if now == "" || a.BaseURL == now || !strings.HasPrefix(a.BaseURL, "http://127.0.0.1:") {
			continue
		}
		_, err := h.service.UpdateAccount(ctx, a.ID, core.AccountInput{
			Provider: a.Provider, Name: a.Name, StoreID: a.StoreID, Default: a.Default, BaseURL: now, Settings: a.Settings,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// merchant onboards one merchant and lets its payers pay. It returns the owner.
func (s demoSession) merchant(ctx context.Context, i int, name, short string, p demoProvider, payments int) (core.ID, error) {
	platform, err := s.in(ctx, core.ID{})
	if err != nil {
		return core.ID{}, err
	}
	tenant, err := s.service.CreateTenant(platform, core.TenantInput{Name: name, ShortName: short, Contact: "13800000000", TestMode: true})
	if err != nil {
		return core.ID{}, err
	}
	if ctx, err = s.in(ctx, tenant.ID); err != nil {
		return core.ID{}, err
	}
	owner, err := s.demoTeam(ctx, tenant.ID, i)
	if err != nil || i == len(demoShops)-1 {
		return owner, err
	}
	store, err := s.service.CreateStore(ctx, core.StoreInput{Name: short + " 一店", Code: "S001"})
	if err != nil {
		return owner, err
	}
	if _, err := s.service.CreateTerminal(ctx, store.ID, "前台", "T01"); err != nil {
		return owner, err
	}
	if err := s.demoAccount(ctx, i, p); err != nil {
		return owner, err
	}
	if _, err := s.service.SetTenantStatus(ctx, tenant.ID, core.TenantLive, ""); err != nil {
		return owner, err
	}
	return owner, s.demoOrders(ctx, store.ID, i, p, payments)
}

func (h *Host) demoTeam(ctx context.Context, tenant core.ID, i int) (core.ID, error) {
	email := demoOwner
	if i > 0 {
		email = fmt.Sprintf("owner%d@demo.example", i+1)
	}
	reply, err := h.service.CreateUser(ctx, core.UserInput{
		Email: email, Name: "演示店主", Roles: []core.RoleBinding{{TenantID: tenant, Role: core.RoleTenantOwner}},
	})
	if err != nil || i > 0 {
		return reply.User.ID, err
	}
	_, err = h.service.CreateUser(ctx, core.UserInput{
		Email: demoCashier, Name: "演示收银员", Roles: []core.RoleBinding{{TenantID: tenant, Role: core.RoleTenantCashier}},
	})
	return reply.User.ID, err
}

func (h *Host) demoAccount(ctx context.Context, i int, p demoProvider) error {
	contract := p.Accounts[i%len(p.Accounts)]
	account, err := h.service.CreateAccount(ctx, core.AccountInput{
		Provider: p.Provider, Name: "模拟账户", Default: true, BaseURL: p.BaseURL, Settings: contract.Settings,
	})
	if err != nil {
		return err
	}
	manifest, err := h.plugins.Manifest(p.Provider)
	if err != nil {
		return err
	}
	var inputs []core.CredentialInput
	for name, value := range contract.Credentials {
		inputs = append(inputs, core.CredentialInput{Name: name, Type: credentialType(manifest, name), Data: core.SecretString(value)})
	}
	if _, err := h.service.SetCredentials(ctx, account.ID, inputs); err != nil {
		return err
	}
	test, err := h.service.TestAccount(ctx, account.ID)
	if err != nil {
		return err
	}
	if !test.OK {
		return fmt.Errorf("the account's test failed: %+v", test.Steps)
	}
	_, err = h.service.SetAccountStatus(ctx, account.ID, core.AccountLive)
	return err
}

func credentialType(m core.Manifest, name string) core.CredentialType {
	var schema struct {
		Properties map[string]struct {
			Type core.CredentialType `json:"x-type"`
		} `json:"properties"`
	}
	_ = json.Unmarshal(m.Credentials, &schema) // the plugin host has checked the manifest
	return schema.Properties[name].Type
}

var demoGoods = []string{"拿铁咖啡", "美式咖啡 & 可颂", "牛肉面（大）", "龙井茶 250g", "《红楼梦》", "抹茶蛋糕"} //nolint:gochecknoglobals // a constant table

// demoOrders makes orders of every kind, some at a time, and refunds a few.
func (h *Host) demoOrders(ctx context.Context, store core.ID, shop int, p demoProvider, total int) error {
	n := total / (len(demoShops) - 1)
	errs := make(chan error, n)
	limit := make(chan struct{}, 8)
	var group sync.WaitGroup
	for i := range n {
		limit <- struct{}{}
		group.Go(func() {
			defer func() { <-limit }()
			if err := h.demoOrder(ctx, store, shop, i, p); err != nil {
				errs <- err
			}
		})
	}
	group.Wait()
	close(errs)
	return <-errs
}

func (h *Host) demoOrder(ctx context.Context, store core.ID, shop, i int, p demoProvider) error {
	amount := core.Fen(int64(990 + (i*377)%26000))
	in := core.CreatePaymentInput{
		MerchantOrderNo: fmt.Sprintf("DEMO-%d-%04d", shop+1, i+1), StoreID: store, Amount: amount,
		Subject: demoGoods[i%len(demoGoods)], Operator: "demo", IdempotencyKey: fmt.Sprintf("demo-%d-%d", shop, i),
	}
	if i%17 == 5 && len(p.Methods) > 0 {
		m := p.Methods[i%len(p.Methods)]
		in.Method, in.Channel = m.Method, m.Channel
	} else {
		in.Method, in.PayerCode = core.MethodBarcode, core.SecretString(payerCode(p.Payers, fateOf(shop, i)))
	}
	reply, err := h.service.CreatePayment(ctx, in)
	if err != nil || reply.Payment.State != core.PaymentSucceeded || i%9 != 2 {
		return err
	}
	refund := amount
	if i%2 == 0 {
		refund = core.Fen(amount.Minor / 3)
	}
	_, err = h.service.CreateRefund(ctx, core.CreateRefundInput{
		PaymentID: reply.Payment.ID, Amount: refund, Reason: "顾客退货", IdempotencyKey: in.IdempotencyKey,
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

// payerCode makes a code of a payer with the fate: prefix, random digits, suffix.
func payerCode(payers []demoPayer, fate string) string {
	var fitting []demoPayer
	for _, p := range payers {
		if p.Fate == fate {
			fitting = append(fitting, p)
		}
	}
	p := fitting[digits(6)%len(fitting)]
	middle := p.Length - len(p.Prefix) - len(p.Suffix)
	return p.Prefix + fmt.Sprintf("%0*d", middle, digits(middle)) + p.Suffix
}

// digits draws a number of at most n decimal digits.
func digits(n int) int {
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
	drawn, err := rand.Int(rand.Reader, limit)
	if err != nil {
		return 0
	}
	return int(drawn.Int64())
}
