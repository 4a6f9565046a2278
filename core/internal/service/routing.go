package service

import (
	"context"
	"slices"
	"strings"

	"github.com/zhanggui-pay/zhanggui/core"
)

// routePayment finds the live account that serves method, store and code. Nothing has
// been written yet, so every refusal leaves no trace.
func (s *Service) routePayment(ctx context.Context, tenant core.ID, in core.CreatePaymentInput) (paymentRoute, error) {
	if in.Method == core.MethodBarcode {
		if err := checkPayerCode(in.PayerCode); err != nil {
			return paymentRoute{}, err
		}
	}
	accounts, place, err := s.payableAccounts(ctx, tenant, in.StoreID, in.TerminalID)
	if err != nil {
		return paymentRoute{}, err
	}
	routes, err := s.matchRoutes(accounts, in)
	if err != nil {
		return paymentRoute{}, err
	}
	fitting := slices.DeleteFunc(slices.Clone(routes), func(r paymentRoute) bool { return checkChannel(r, in) != nil })
	if len(fitting) > 0 {
		routes = fitting
	}
	route := preferred(routes, in.StoreID)
	route.place = place
	if err := checkChannel(route, in); err != nil {
		return route, err
	}
	if err := checkNeeds(*methodOf(route.manifest, in.Method), in, s.Clock()); err != nil {
		return route, err
	}
	if route.card, err = s.cardOf(ctx, tenant, route.account, in); err != nil {
		return route, err
	}
	// Keys are looked at before the intent is written: without them nothing could be sent.
	if _, err := s.Keyring.Get(ctx, route.account.KeyPath(), route.account.KeyVersion); err != nil {
		return route, keysError(err)
	}
	return route, nil
}

// keysError keeps "no keys were entered" apart from "the keys cannot be read now".
func keysError(err error) error {
	if core.CodeOf(err) == core.CodeNotFound {
		return core.Wrap(err, core.CodeAccountNotLive, "The provider account has no keys; enter them on the merchant's page.")
	}
	return err
}

// payableAccounts reads the tenant's live accounts; a tenant that is suspended, or a
// store or terminal that is not the tenant's, is refused.
func (s *Service) payableAccounts(ctx context.Context, tenant, store, terminal core.ID) (live []core.ProviderAccount, at place, err error) {
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		t, err := tx.Tenant(ctx)
		if err != nil {
			return err
		}
		if t.Status == core.TenantSuspended {
			return core.Errorf(core.CodeTenantSuspended, "The merchant is suspended: no new payments. Refunds and queries still work.")
		}
		if at, err = findPlace(ctx, tx, store, terminal); err != nil {
			return err
		}
		accounts, err := tx.Accounts(ctx)
		for _, a := range accounts {
			if a.Status == core.AccountLive {
				live = append(live, a)
			}
		}
		return err
	})
	return live, at, err
}

// place is where a payment is taken, in the codes a provider is told.
type place struct{ store, terminal string }

func findPlace(ctx context.Context, tx core.TenantTx, store, terminal core.ID) (at place, err error) {
	if !store.IsZero() {
		stores, err := tx.Stores(ctx)
		if err != nil {
			return at, err
		}
		i := slices.IndexFunc(stores, func(s core.Store) bool { return s.ID == store })
		if i < 0 {
			return at, core.NotFound("store").At("store_id")
		}
		at.store = stores[i].Code
	}
	if terminal.IsZero() {
		return at, nil
	}
	terminals, err := tx.Terminals(ctx)
	if err != nil {
		return at, err
	}
	i := slices.IndexFunc(terminals, func(t core.Terminal) bool {
		return t.ID == terminal && (store.IsZero() || t.StoreID == store)
	})
	if i < 0 {
		return at, core.NotFound("terminal").At("terminal_id")
	}
	at.terminal = terminals[i].Code
	return at, nil
}

// matchRoutes keeps the accounts whose provider offers the method, channel and code.
func (s *Service) matchRoutes(accounts []core.ProviderAccount, in core.CreatePaymentInput) ([]paymentRoute, error) {
	var routes []paymentRoute
	var unavailable error
	methodServed := false
	for _, a := range accounts {
		if !in.AccountID.IsZero() && a.ID != in.AccountID {
			continue
		}
		if !a.StoreID.IsZero() && a.StoreID != in.StoreID {
			continue
		}
		m, err := s.Providers.Manifest(a.Provider)
		if err != nil {
			unavailable = err
			continue
		}
		if methodOf(m, in.Method) == nil {
			continue
		}
		methodServed = true
		channel, ok := channelOf(m, in)
		if ok {
			routes = append(routes, paymentRoute{account: a, manifest: m, channel: channel})
		}
	}
	switch {
	case len(routes) > 0:
		return routes, nil
	case methodServed && in.Method == core.MethodBarcode:
		return nil, core.Errorf(core.CodeInvalidPayerCode, "The code is not a payment code of any provider this merchant uses. Ask the payer to refresh it and scan again.").At("payer_code")
	case unavailable != nil:
		return nil, unavailable
	case !in.AccountID.IsZero():
		return nil, core.Errorf(core.CodeNoAccount, "The provider account is not live, not yours, or does not offer this method.").At("account_id")
	}
	return nil, core.Errorf(core.CodeNoAccount, "No live provider account offers this method here; set one up on the merchant's page.").At("method")
}

// preferred prefers the account bound to the store, then the tenant's default, then the oldest.
func preferred(routes []paymentRoute, store core.ID) paymentRoute {
	rank := func(r paymentRoute) int {
		switch {
		case !store.IsZero() && r.account.StoreID == store:
			return 0
		case r.account.Default:
			return 1
		}
		return 2
	}
	return slices.MinFunc(routes, func(a, b paymentRoute) int {
		if d := rank(a) - rank(b); d != 0 {
			return d
		}
		return strings.Compare(a.account.ID.String(), b.account.ID.String())
	})
}

func methodOf(m core.Manifest, method core.Method) *core.MethodSpec {
	for _, p := range m.Products {
		for i := range p.Methods {
			if p.Methods[i].Method == method {
				return &p.Methods[i]
			}
		}
	}
	return nil
}

// channelOf recognises the channel of a scanned code; other methods take the caller's.
func channelOf(m core.Manifest, in core.CreatePaymentInput) (string, bool) {
	if in.Method != core.MethodBarcode {
		return in.Channel, true
	}
	channel, ok := recognise(m, string(in.PayerCode.Reveal()))
	return channel, ok && (in.Channel == "" || in.Channel == channel)
}

// recognise matches a code against the manifest's patterns.
func recognise(m core.Manifest, code string) (channel string, ok bool) {
	for _, pattern := range m.PayerCodes {
		if !slices.Contains(pattern.Lengths, len(code)) {
			continue
		}
		for _, prefix := range pattern.Prefixes {
			if strings.HasPrefix(code, prefix) {
				return pattern.Channel, true
			}
		}
	}
	return "", false
}

func checkPayerCode(code core.Secret) error {
	value := code.Reveal()
	if len(value) == 0 {
		return core.Errorf(core.CodeInvalidPayerCode, "Scan the payer's payment code.").At("payer_code")
	}
	for _, c := range value {
		if c < '0' || c > '9' {
			return core.Errorf(core.CodeInvalidPayerCode, "A payment code has digits 0–9 only. Switch the scanner to half-width input and scan again.").At("payer_code")
		}
	}
	if len(value) < 10 || len(value) > 64 {
		return core.Errorf(core.CodeInvalidPayerCode, "A payment code has 10 to 64 digits; this has %d. Scan again.", len(value)).At("payer_code")
	}
	return nil
}

func checkChannel(route paymentRoute, in core.CreatePaymentInput) error {
	spec := methodOf(route.manifest, in.Method)
	if spec.ChannelRequired && route.channel == "" {
		return core.Errorf(core.CodeInvalidRequest, "This method needs a channel: the payer's wallet or bank.").At("channel")
	}
	if route.channel == "" || len(spec.Channels) == 0 {
		return nil
	}
	if slices.ContainsFunc(spec.Channels, func(c core.Channel) bool { return c.ID == route.channel }) {
		return nil
	}
	return core.Errorf(core.CodeInvalidRequest, "The provider does not offer this channel (a wallet or a bank) for this method; its manifest lists those it has.").At("channel")
}

// RecognisePayerCode says which provider and channel a scanned code belongs to.
func (s *Service) RecognisePayerCode(ctx context.Context, code string, store core.ID) (core.PayerCodeMatch, error) {
	_, tenant, err := s.allow(ctx, "payments", "create")
	if err != nil {
		return core.PayerCodeMatch{}, err
	}
	in := core.CreatePaymentInput{Method: core.MethodBarcode, PayerCode: core.SecretString(code), StoreID: store}
	if err := checkPayerCode(in.PayerCode); err != nil {
		return core.PayerCodeMatch{}, err
	}
	accounts, _, err := s.payableAccounts(ctx, tenant, store, core.ID{})
	if err != nil {
		return core.PayerCodeMatch{}, err
	}
	routes, err := s.matchRoutes(accounts, in)
	if err != nil {
		return core.PayerCodeMatch{}, err
	}
	route := preferred(routes, store)
	match := core.PayerCodeMatch{Provider: route.account.Provider, AccountID: route.account.ID, Method: in.Method, Channel: route.channel}
	for _, c := range methodOf(route.manifest, in.Method).Channels {
		if c.ID == route.channel {
			match.Name = c.Name
		}
	}
	return match, nil
}
