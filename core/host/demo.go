package host

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// demoPerson is somebody who can sign in to the demo.
type demoPerson struct {
	id          core.ID
	email, role string // role as the console's user would say it
}

// demoPeople are those whose one-time logins are printed, in this order.
type demoPeople []demoPerson

// The people of the demo.
const (
	demoOperator = "operator@demo.example"
	demoOwner    = "owner@demo.example"
	demoTourist  = "everything@demo.example"
	demoCashier  = "cashier@demo.example"
)

// demoShop is a merchant of the demo.
type demoShop struct {
	name, short, owner string
	tour               bool // accounts at every provider and a few orders of every kind
	begun              bool // has only begun its onboarding
}

// demoShops are all of them. Those that are not on the tour have an account at the first
// provider announced.
var demoShops = []demoShop{ //nolint:gochecknoglobals // a constant table
	{name: "上海晨光咖啡有限公司", short: "晨光咖啡", owner: demoOwner},
	{name: "杭州西溪书店", short: "西溪书店", owner: "owner2@demo.example"},
	{name: "北京胡同面馆连锁", short: "胡同面馆", owner: "owner3@demo.example"},
	{name: "全渠道演示商户", short: "全渠道演示", owner: demoTourist, tour: true},
	{name: "成都锦里茶叶行", short: "锦里茶叶", owner: "owner4@demo.example", begun: true},
}

// people are whose logins are printed, before their ids are known.
func people() demoPeople {
	return demoPeople{
		{email: demoOwner, role: "shop owner"},
		{email: demoTourist, role: "owner of a shop with every provider"},
		{email: demoOperator, role: "platform operator"},
	}
}

// findPeople looks them up. One who is not there, in data of an older version, is left out.
func (h *Host) findPeople(ctx context.Context) (found demoPeople, err error) {
	err = h.db.InDirectory(ctx, func(tx core.DirectoryTx) error {
		found = nil
		for _, p := range people() {
			user, err := tx.UserByEmail(ctx, p.email)
			if core.CodeOf(err) == core.CodeNotFound {
				continue
			}
			if err != nil {
				return err
			}
			p.id = user.User.ID
			found = append(found, p)
		}
		return nil
	})
	return found, err
}

// seedDemo makes people, merchants and orders on the first start, through the same use
// cases as everybody's. Later it only tells accounts and webhooks where the simulators and the
// receiver are now.
func seedDemo(ctx context.Context, h *Host, sim *simulator, receiver *demoReceiver, o DevOptions) (demoPeople, error) {
	if len(sim.Demo) == 0 {
		return nil, errNoDemo
	}
	setup, first, err := h.service.EnsureFirstAdministrator(ctx)
	if err != nil {
		return nil, err
	}
	if !first {
		return h.demoAgain(ctx, sim, receiver)
	}
	say(o.Out, "Demo merchants and orders …")
	session, err := h.signIn(ctx, setup)
	if err != nil {
		return nil, err
	}
	operator := demoSeeder{demoSession: session, sim: sim, receiver: receiver, payments: o.Payments}
	for i, shop := range demoShops {
		if err := operator.merchant(ctx, i, shop); err != nil {
			return nil, fmt.Errorf("demo merchant %s: %w", shop.short, err)
		}
	}
	if err := operator.signOut(ctx); err != nil {
		return nil, err
	}
	return h.findPeople(ctx)
}

// demoSession is the operator's session while the demo is made.
type demoSession struct {
	*Host
	token core.Secret
}

// signIn takes a one-time link. The password that a setup link wants is thrown away: the
// demo's people come in by links only.
func (h *Host) signIn(ctx context.Context, link core.Secret) (demoSession, error) {
	_, token, _ := strings.Cut(string(link.Reveal()), "#")
	reply, err := h.service.LoginByLink(ctx, core.LinkInput{
		Token: core.SecretString(token), Password: core.SecretString(rand.Text()), Email: demoOperator, Name: "演示运营",
	})
	return demoSession{Host: h, token: reply.Token}, err
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

// demoAgain finds the people, and tells accounts and simulators each other's addresses, and
// webhooks the receiver's.
func (h *Host) demoAgain(ctx context.Context, sim *simulator, receiver *demoReceiver) (demoPeople, error) {
	people, err := h.findPeople(ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(people, func(p demoPerson) bool { return p.email == demoOperator })
	if i < 0 {
		return nil, core.NotFound("demo operator " + demoOperator)
	}
	link, err := h.service.IssueLoginLink(ctx, people[i].id, time.Minute)
	if err != nil {
		return nil, err
	}
	session, err := h.signIn(ctx, link)
	if err != nil {
		return nil, err
	}
	platform, err := session.in(ctx, core.ID{})
	if err != nil {
		return nil, err
	}
	tenants, err := h.service.ListTenants(platform, core.TenantFilter{Page: core.Page{Limit: 200}})
	if err != nil {
		return nil, err
	}
	for _, t := range tenants {
		shop := slices.IndexFunc(demoShops, func(s demoShop) bool { return s.short == t.ShortName })
		inside, err := session.in(ctx, t.ID)
		if err == nil {
			err = h.meetAgain(inside, shop, sim)
		}
		if err == nil {
			err = h.findReceiver(inside, receiver)
		}
		if err != nil {
			return nil, err
		}
	}
	return people, session.signOut(ctx)
}

// demoSeeder makes the demo's merchants.
type demoSeeder struct {
	demoSession

	sim      *simulator
	receiver *demoReceiver
	payments int // how many orders the merchants that are not on the tour have together
}

// merchant onboards one merchant and lets its payers pay.
func (s demoSeeder) merchant(ctx context.Context, i int, shop demoShop) error {
	platform, err := s.in(ctx, core.ID{})
	if err != nil {
		return err
	}
	tenant, err := s.service.CreateTenant(platform, core.TenantInput{Name: shop.name, ShortName: shop.short, Contact: "13800000000", TestMode: true})
	if err != nil {
		return err
	}
	if ctx, err = s.in(ctx, tenant.ID); err != nil {
		return err
	}
	if err := s.team(ctx, tenant.ID, shop); err != nil || shop.begun {
		return err
	}
	store, err := s.service.CreateStore(ctx, core.StoreInput{Name: shop.short + " 一店", Code: "S001"})
	if err != nil {
		return err
	}
	if _, err := s.service.CreateTerminal(ctx, store.ID, "前台", "T01"); err != nil {
		return err
	}
	offered := s.sim.Demo[:1]
	if shop.tour {
		offered = s.sim.Demo
	}
	accounts := make([]core.ProviderAccount, len(offered))
	for j, p := range offered {
		if accounts[j], err = s.account(ctx, p, i, j == 0); err != nil {
			return fmt.Errorf("account at %s: %w", p.Provider, err)
		}
	}
	if _, err := s.service.SetTenantStatus(ctx, tenant.ID, core.TenantLive, ""); err != nil {
		return err
	}
	if shop.tour {
		if err := s.programs(ctx); err != nil {
			return err
		}
		if err := s.tour(ctx, store.ID, accounts); err != nil {
			return err
		}
		return s.demoPayouts(ctx, accounts)
	}
	if i == 0 {
		if err := s.demoBooks(ctx, accounts[0]); err != nil {
			return err
		}
	}
	return s.demoOrders(ctx, store.ID, i, offered[0], s.payments)
}

// team invites the owner and, of the first shop, a cashier.
func (s demoSeeder) team(ctx context.Context, tenant core.ID, shop demoShop) error {
	_, err := s.service.CreateUser(ctx, core.UserInput{
		Email: shop.owner, Name: "演示店主", Roles: []core.RoleBinding{{TenantID: tenant, Role: core.RoleTenantOwner}},
	})
	if err != nil || shop.owner != demoOwner {
		return err
	}
	_, err = s.service.CreateUser(ctx, core.UserInput{
		Email: demoCashier, Name: "演示收银员", Roles: []core.RoleBinding{{TenantID: tenant, Role: core.RoleTenantCashier}},
	})
	return err
}
