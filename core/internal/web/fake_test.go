package web

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// fake stands for all use cases: it answers samples, keeps what it was asked, and fails
// or panics on demand. It exists for what HTTP does around them.
type fake struct {
	mu       sync.Mutex
	calls    []string
	payments []core.CreatePaymentInput
	refunds  []core.CreateRefundInput
	payouts  []core.CreatePayoutInput
	mappings []core.BillMapping
	imports  []core.CreateBillImportInput
	parts    [][]byte
	files    []core.CreatePayoutBatchInput
	exports  []core.CreateExportInput
	keys     [][]core.CredentialInput
	filter   core.PaymentFilter
	logins   []core.LoginInput
	ids      []core.Identity
	codes    []string
	inbound  []core.InboundRequest
	channels []core.AlertChannelInput
	limits   []core.LimitInput
	webhooks []core.WebhookInput
	resent   []core.ResendRange
	rates    []core.FeeRateInput
	days     []core.CalendarDay
	plugins  []string
	action   core.NextAction // of OpenAction
	cases    core.CaseFilter // of the last list
	settled  core.SettlementFilter
	entries  core.EntryFilter
	shift    core.Shift

	following core.Following // answered by Follow when set

	booksDays   core.ReconciliationFilter
	differences core.DifferenceFilter

	err   error             // answered by every use case when set
	panic string            // thrown by CreatePayment when set
	state core.PaymentState // of payments answered
	rows  int               // how many rows ListPayments has
	block chan struct{}     // CreatePayment waits for it when set
}

const (
	goodToken = "tok-0123456789abcdef"
	goodCSRF  = "csrf-0123456789abcdef"
	goodKey   = "zgk_live_0123456789abcdef"
)

func at() time.Time { return time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC) }

func num(n byte) core.ID {
	var v core.ID
	v[0], v[15] = 1, n
	return v
}

func (f *fake) called(ctx context.Context, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, name)
	if caller, err := core.IdentityFrom(ctx); err == nil {
		f.ids = append(f.ids, caller)
	}
	return f.err
}

func (f *fake) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.calls)
}

func samplePayment(state core.PaymentState) core.Payment {
	return core.Payment{
		TenantID: num(1), ID: num(2), OrderNo: "26112312340000000001", MerchantOrderNo: "A-1", AccountID: num(3), Provider: "demo",
		StoreID: num(4), TerminalID: num(5), Method: core.MethodBarcode, Channel: "w", Amount: core.Fen(1250), Subject: "Tea", State: state,
		UnknownSince: at(), UnknownReason: "no answer", NextAction: &core.NextAction{Type: "show_qr", QRContent: "x", ExpiresAt: at()},
		ProviderOrderNo: "p", Provided: core.ProviderText{Code: "C", Message: "M"}, CreatedBy: "system", CreatedAt: at(), UpdatedAt: at(), SucceededAt: at(), Version: 1,
	}
}

func sampleRefund() core.Refund {
	return core.Refund{
		TenantID: num(1), ID: num(6), PaymentID: num(2), RefundNo: "26112312340000000002", MerchantRefundNo: "R-1", AccountID: num(3), Provider: "demo",
		Amount: core.Fen(100), Reason: "r", State: core.RefundSucceeded, CreatedBy: "system", CreatedAt: at(), UpdatedAt: at(), Version: 1,
	}
}

func sampleAttempts() []core.Attempt {
	return []core.Attempt{{
		TenantID: num(1), ID: num(7), PaymentID: num(2), RefundID: num(6), AccountID: num(3), Operation: core.CapCreatePayment, Outcome: core.OutcomeUnknown,
		Sent: core.SentMaybe, Evidence: json.RawMessage(`{"request":"…"}`), KeyUses: map[string]int{"terminal_key": 1}, KeyVersion: 2, Plugin: "demo", StartedAt: at(), FinishedAt: at(), Duration: time.Second,
	}}
}

func sampleEvents() []core.Event {
	return []core.Event{
		{TenantID: num(1), ID: num(8), Type: "payment.created", ObjectID: num(2), Sequence: 1, Data: json.RawMessage(`{"amount":1250}`), CreatedAt: at().Add(-time.Second)},
		{TenantID: num(1), ID: num(9), Type: "refund.succeeded", ObjectID: num(6), Sequence: 2, CreatedAt: at().Add(time.Second)},
	}
}

func sampleTenant() core.Tenant {
	return core.Tenant{ID: num(1), Name: "茶馆", Status: core.TenantLive, Live: true, TestMode: true, CreatedAt: at(), UpdatedAt: at()}
}

func sampleAccount() core.ProviderAccount {
	return core.ProviderAccount{
		TenantID: num(1), ID: num(3), Provider: "demo", Name: "Main", Status: core.AccountLive, StoreID: num(4), KeyVersion: 1,
		Credentials: []core.CredentialInfo{{Name: "terminal_key", Type: core.CredMD5Key, Display: "••••ab12", SetBy: "user:x", SetAt: at(), KeyVersion: 1}},
		CheckedAt:   at(), CreatedAt: at(), UpdatedAt: at(),
	}
}

func sampleUser() core.User {
	return core.User{ID: num(10), Email: "a@example.com", Name: "A", CreatedAt: at(), Roles: []core.RoleBinding{{TenantID: num(1), TenantName: "茶馆", Role: core.RoleTenantCashier, StoreIDs: []core.ID{num(4)}}, {Role: core.RolePlatformAdmin}}}
}

func sampleSession() core.Session {
	return core.Session{ID: num(11), UserID: num(10), CreatedAt: at(), SeenAt: at(), ExpiresAt: at().Add(time.Hour), IP: "192.0.2.1", UserAgent: "x"}
}

func sampleMe() core.Me {
	return core.Me{User: sampleUser(), TenantID: num(1), Permissions: []core.Permission{{Object: "payment", Action: "create"}}, CSRF: goodCSRF, TestMode: true}
}

// Payments.

func (f *fake) CreatePayment(ctx context.Context, in core.CreatePaymentInput) (core.PaymentReply, error) {
	err := f.called(ctx, "CreatePayment")
	f.mu.Lock()
	f.payments = append(f.payments, in)
	state, block, thrown := f.state, f.block, f.panic
	f.mu.Unlock()
	if thrown != "" {
		panic(thrown)
	}
	if block != nil {
		select {
		case <-block:
		case <-ctx.Done():
			return core.PaymentReply{}, ctx.Err()
		}
	}
	if state == "" {
		state = core.PaymentSucceeded
	}
	return core.PaymentReply{Payment: samplePayment(state)}, err
}

func (f *fake) Payment(ctx context.Context, id core.ID) (core.PaymentDetail, error) {
	if err := f.called(ctx, "Payment"); err != nil {
		return core.PaymentDetail{}, err
	}
	if id != num(2) {
		return core.PaymentDetail{}, core.NotFound("payment")
	}
	return core.PaymentDetail{
		Payment: samplePayment(core.PaymentSucceeded), Tenant: sampleTenant(), Account: sampleAccount(), Refunds: []core.Refund{sampleRefund()},
		Attempts: sampleAttempts(), Events: sampleEvents(), Refundable: true,
	}, nil
}

func (f *fake) ListPayments(ctx context.Context, filter core.PaymentFilter) ([]core.Payment, error) {
	err := f.called(ctx, "ListPayments")
	f.mu.Lock()
	defer f.mu.Unlock()
	f.filter = filter
	var out []core.Payment
	for i := range min(f.rows, filter.Page.Limit) {
		p := samplePayment(core.PaymentFailed)
		p.ID, p.CreatedAt = num(byte(200-i)), at().Add(-time.Duration(i)*time.Minute)
		out = append(out, p)
	}
	return out, err
}

func (f *fake) SyncPayment(ctx context.Context, _ core.ID) (core.Payment, error) {
	return samplePayment(core.PaymentProcessing), f.called(ctx, "SyncPayment")
}

func (f *fake) CancelPayment(ctx context.Context, _ core.ID, _ string) (core.Payment, error) {
	return samplePayment(core.PaymentCanceled), f.called(ctx, "CancelPayment")
}

func (f *fake) RecognisePayerCode(ctx context.Context, _ string, _ core.ID) (core.PayerCodeMatch, error) {
	return core.PayerCodeMatch{Provider: "demo", AccountID: num(3), Method: core.MethodBarcode, Name: core.Text{ZH: "微信", EN: "WeChat"}}, f.called(ctx, "RecognisePayerCode")
}

func (f *fake) PaymentMethods(ctx context.Context) (core.PaymentMethods, error) {
	return core.PaymentMethods{
		Offers: []core.PaymentOffer{{
			AccountID: num(3), StoreID: num(4), Provider: "demo", Cancelable: true, Spec: core.MethodSpec{Method: core.MethodBarcode, Name: core.Text{ZH: "扫码", EN: "Scan"}},
			Codes: []core.PayerCode{{Method: core.MethodBarcode, Channel: "3", Prefixes: []string{"13"}, Lengths: []int{18}}},
		}},
		Unavailable: []string{"absent"},
	}, f.called(ctx, "PaymentMethods")
}

func (f *fake) ConfirmPayment(ctx context.Context, _ core.ID, code core.Secret) (core.Payment, error) {
	f.mu.Lock()
	f.codes = append(f.codes, string(code.Reveal()))
	f.mu.Unlock()
	return samplePayment(core.PaymentProcessing), f.called(ctx, "ConfirmPayment")
}

func (f *fake) ResendCode(ctx context.Context, _ core.ID) (core.Payment, error) {
	return samplePayment(core.PaymentRequiresAction), f.called(ctx, "ResendCode")
}

func (f *fake) ActionLink(p core.Payment) string {
	if p.NextAction != nil && p.NextAction.Type == core.ActionFormPost {
		return "https://pay.example.com/pay/token"
	}
	return ""
}

// Refunds.

func (f *fake) CreateRefund(ctx context.Context, in core.CreateRefundInput) (core.RefundReply, error) {
	f.mu.Lock()
	f.refunds = append(f.refunds, in)
	f.mu.Unlock()
	return core.RefundReply{Refund: sampleRefund(), Replayed: true}, f.called(ctx, "CreateRefund")
}

func (f *fake) Refund(ctx context.Context, _ core.ID) (core.RefundDetail, error) {
	return core.RefundDetail{Refund: sampleRefund(), Payment: samplePayment(core.PaymentSucceeded), Attempts: sampleAttempts(), Events: sampleEvents()}, f.called(ctx, "Refund")
}

func (f *fake) ListRefunds(ctx context.Context, _ core.RefundFilter) ([]core.Refund, error) {
	return []core.Refund{sampleRefund()}, f.called(ctx, "ListRefunds")
}

func (f *fake) SyncRefund(ctx context.Context, _ core.ID) (core.Refund, error) {
	return sampleRefund(), f.called(ctx, "SyncRefund")
}

// Onboarding.

func (f *fake) CreateTenant(ctx context.Context, _ core.TenantInput) (core.Tenant, error) {
	return sampleTenant(), f.called(ctx, "CreateTenant")
}

func (f *fake) UpdateTenant(ctx context.Context, _ core.ID, _ core.TenantInput) (core.Tenant, error) {
	return sampleTenant(), f.called(ctx, "UpdateTenant")
}

func (f *fake) SetTenantStatus(ctx context.Context, _ core.ID, _ core.TenantStatus, _ string) (core.Tenant, error) {
	return sampleTenant(), f.called(ctx, "SetTenantStatus")
}

func (f *fake) Tenant(ctx context.Context, _ core.ID) (core.Tenant, error) {
	return sampleTenant(), f.called(ctx, "Tenant")
}

func (f *fake) ListTenants(ctx context.Context, _ core.TenantFilter) ([]core.Tenant, error) {
	return []core.Tenant{sampleTenant()}, f.called(ctx, "ListTenants")
}

func (f *fake) CreateStore(ctx context.Context, _ core.StoreInput) (core.Store, error) {
	return core.Store{TenantID: num(1), ID: num(4), Name: "S", CreatedAt: at()}, f.called(ctx, "CreateStore")
}

func (f *fake) ListStores(ctx context.Context) ([]core.Store, error) {
	return nil, f.called(ctx, "ListStores")
}

func (f *fake) CreateTerminal(ctx context.Context, _ core.ID, _, _ string) (core.Terminal, error) {
	return core.Terminal{TenantID: num(1), ID: num(5), StoreID: num(4), Name: "T", CreatedAt: at()}, f.called(ctx, "CreateTerminal")
}

func (f *fake) ListTerminals(ctx context.Context) ([]core.Terminal, error) {
	return nil, f.called(ctx, "ListTerminals")
}

func (f *fake) CreateAccount(ctx context.Context, _ core.AccountInput) (core.ProviderAccount, error) {
	return sampleAccount(), f.called(ctx, "CreateAccount")
}

func (f *fake) UpdateAccount(ctx context.Context, _ core.ID, _ core.AccountInput) (core.ProviderAccount, error) {
	return sampleAccount(), f.called(ctx, "UpdateAccount")
}

func (f *fake) Account(ctx context.Context, _ core.ID) (core.ProviderAccount, error) {
	return sampleAccount(), f.called(ctx, "Account")
}

func (f *fake) ListAccounts(ctx context.Context) ([]core.ProviderAccount, error) {
	return []core.ProviderAccount{sampleAccount()}, f.called(ctx, "ListAccounts")
}

func (f *fake) SetCredentials(ctx context.Context, _ core.ID, in []core.CredentialInput) (core.ProviderAccount, error) {
	f.mu.Lock()
	f.keys = append(f.keys, in)
	f.mu.Unlock()
	return sampleAccount(), f.called(ctx, "SetCredentials")
}

func (f *fake) TestAccount(ctx context.Context, _ core.ID) (core.AccountTest, error) {
	return core.AccountTest{OK: true, Account: sampleAccount(), Steps: []core.AccountTestStep{{Name: "keys", OK: true, Message: core.Text{ZH: "好", EN: "Good"}}}}, f.called(ctx, "TestAccount")
}

func (f *fake) ActivateAccount(ctx context.Context, _ core.ID, _ map[string]core.Secret) (core.ProviderAccount, error) {
	return sampleAccount(), f.called(ctx, "ActivateAccount")
}

func (f *fake) CheckInAccount(ctx context.Context, _ core.ID) (core.ProviderAccount, error) {
	return sampleAccount(), f.called(ctx, "CheckInAccount")
}

func (f *fake) SetAccountStatus(ctx context.Context, _ core.ID, _ core.AccountStatus) (core.ProviderAccount, error) {
	return sampleAccount(), f.called(ctx, "SetAccountStatus")
}

// People.

func (f *fake) Login(ctx context.Context, in core.LoginInput) (core.SessionReply, error) {
	f.mu.Lock()
	f.logins = append(f.logins, in)
	f.mu.Unlock()
	return core.SessionReply{Session: sampleSession(), Token: core.SecretString(goodToken), CSRF: goodCSRF, ExpiresAt: at().Add(time.Hour), Me: sampleMe()}, f.called(ctx, "Login")
}

func (f *fake) LoginByLink(ctx context.Context, _ core.LinkInput) (core.SessionReply, error) {
	return f.Login(ctx, core.LoginInput{})
}

func (f *fake) Authenticate(_ context.Context, token core.Secret, tenant core.ID) (core.Identity, core.Session, error) {
	if string(token.Reveal()) != goodToken {
		return core.Identity{}, core.Session{}, core.Errorf(core.CodeUnauthenticated, "Sign in again.")
	}
	return core.Identity{Actor: "user:usr_x", UserID: num(10), TenantID: tenant, SessionID: num(11)}, sampleSession(), nil
}

func (f *fake) AuthenticateKey(_ context.Context, key core.Secret, _ string) (core.Identity, error) {
	switch string(key.Reveal()) {
	case goodKey:
		return core.Identity{Actor: "key:key_x", APIKeyID: num(12), TenantID: num(1)}, nil
	case "broken":
		return core.Identity{}, errors.New(`pq: password authentication failed for user "app"`)
	}
	return core.Identity{}, core.Errorf(core.CodeUnauthenticated, "This API key is not valid.")
}

func (f *fake) CheckCSRF(_ core.Session, token string) error {
	if token != goodCSRF {
		return core.Errorf(core.CodeCSRF, "The page is out of date: load it again.")
	}
	return nil
}

func (f *fake) StepUp(ctx context.Context, _ core.Secret, _ string) error {
	return f.called(ctx, "StepUp")
}
func (f *fake) Logout(ctx context.Context) error { return f.called(ctx, "Logout") }

func (f *fake) Me(ctx context.Context) (core.Me, error) { return sampleMe(), f.called(ctx, "Me") }

func (f *fake) ChangePassword(ctx context.Context, _, _ core.Secret) error {
	return f.called(ctx, "ChangePassword")
}

func (f *fake) BeginTOTP(ctx context.Context) (core.TOTPEnrolment, error) {
	return core.TOTPEnrolment{URL: core.SecretString("otpauth://totp/x"), Secret: core.SecretString("ABC")}, f.called(ctx, "BeginTOTP")
}

func (f *fake) ConfirmTOTP(ctx context.Context, _ string) ([]string, error) {
	return nil, f.called(ctx, "ConfirmTOTP")
}

func (f *fake) Sessions(ctx context.Context) ([]core.Session, error) {
	return []core.Session{sampleSession()}, f.called(ctx, "Sessions")
}

func (f *fake) EndSession(ctx context.Context, _ core.ID) error { return f.called(ctx, "EndSession") }

func (f *fake) ListActors(ctx context.Context) ([]core.Actor, error) {
	return []core.Actor{{Actor: "user:usr_01kc5rh2s8e7zr3v9f6m4t1x0q", Name: "Ann", Active: true}}, f.called(ctx, "ListActors")
}

func (f *fake) ListUsers(ctx context.Context) ([]core.User, error) {
	return []core.User{sampleUser()}, f.called(ctx, "ListUsers")
}

func (f *fake) CreateUser(ctx context.Context, _ core.UserInput) (core.UserReply, error) {
	return core.UserReply{User: sampleUser(), InviteURL: core.SecretString("http://x/#t")}, f.called(ctx, "CreateUser")
}

func (f *fake) SetRoles(ctx context.Context, _ core.ID, _ []core.RoleBinding) (core.User, error) {
	return sampleUser(), f.called(ctx, "SetRoles")
}

func (f *fake) DisableUser(ctx context.Context, _ core.ID, _ bool) (core.User, error) {
	return sampleUser(), f.called(ctx, "DisableUser")
}

func (f *fake) RoleGrants(ctx context.Context) ([]core.RoleGrant, error) {
	return []core.RoleGrant{{Role: core.RoleTenantViewer, Permissions: []core.Permission{{Object: "payments", Action: "read"}}}}, f.called(ctx, "RoleGrants")
}

func (f *fake) RenewInvitation(ctx context.Context, _ core.ID) (core.UserReply, error) {
	return core.UserReply{User: sampleUser(), InviteURL: core.SecretString("http://x/#t")}, f.called(ctx, "RenewInvitation")
}

func (f *fake) RevokeInvitation(ctx context.Context, _ core.ID) (core.User, error) {
	return sampleUser(), f.called(ctx, "RevokeInvitation")
}

func (f *fake) Rename(ctx context.Context, _ string) (core.Me, error) {
	return sampleMe(), f.called(ctx, "Rename")
}

func (f *fake) EndOtherSessions(ctx context.Context) error { return f.called(ctx, "EndOtherSessions") }

func (f *fake) RenewRecoveryCodes(ctx context.Context) ([]string, error) {
	return []string{"abcdefgh-ijklmnop"}, f.called(ctx, "RenewRecoveryCodes")
}

func (f *fake) DisableTOTP(ctx context.Context) error { return f.called(ctx, "DisableTOTP") }

func sampleKey() core.APIKey {
	return core.APIKey{TenantID: num(1), ID: num(12), Name: "till", Prefix: "zgk_live_0123", Role: core.RoleTenantCashier, CreatedBy: "user:x", CreatedAt: at(), LastUsedAt: at(), LastUsedIP: "192.0.2.1", ExpiresAt: at()}
}

func (f *fake) CreateAPIKey(ctx context.Context, _ core.APIKeyInput) (core.APIKey, core.Secret, error) {
	return sampleKey(), core.SecretString(goodKey), f.called(ctx, "CreateAPIKey")
}

func (f *fake) ListAPIKeys(ctx context.Context) ([]core.APIKey, error) {
	return []core.APIKey{sampleKey()}, f.called(ctx, "ListAPIKeys")
}

func (f *fake) RevokeAPIKey(ctx context.Context, _ core.ID) error {
	return f.called(ctx, "RevokeAPIKey")
}

// Records.

func (f *fake) ListEvents(ctx context.Context, _ core.EventFilter) ([]core.Event, error) {
	return sampleEvents(), f.called(ctx, "ListEvents")
}

func (f *fake) ListAudit(ctx context.Context, _ core.AuditFilter) ([]core.AuditEntry, error) {
	return []core.AuditEntry{{TenantID: num(1), ID: num(13), Actor: "system", Action: "payment.create", Object: "pay_x", After: json.RawMessage(`{"a":1}`), CreatedAt: at(), ChainIndex: 3, ChainHash: []byte{1, 2}}}, f.called(ctx, "ListAudit")
}

func (f *fake) VerifyAudit(ctx context.Context) (core.AuditVerdict, error) {
	return core.AuditVerdict{Rows: 3, Head: []byte{1}, BrokenAt: num(13), Reason: "removed"}, f.called(ctx, "VerifyAudit")
}

func (f *fake) ListPlugins(ctx context.Context) ([]core.PluginStatus, error) {
	m := core.Manifest{
		ID: "demo", Name: core.Text{ZH: "演示", EN: "Demo"}, Version: "1.0.0", ProtocolVersion: 1,
		Products: []core.Product{{ID: "scan", Name: core.Text{ZH: "扫码", EN: "Scan"}, Capabilities: []core.Capability{core.CapCreatePayment}, Methods: []core.MethodSpec{{Method: core.MethodBarcode, Channels: []core.Channel{{ID: "3"}}}}}},
		Settings: json.RawMessage(`{"type":"object"}`), Hosts: []string{"api.example.com"}, Grants: map[core.Capability]core.Grant{core.CapCreatePayment: {Requests: []core.GrantRequest{{Method: "POST", Path: "/pay"}}, Sends: 1}},
		PayerCodes: []core.PayerCode{{Method: core.MethodBarcode, Prefixes: []string{"10"}, Lengths: []int{18}}}, Poll: core.PollSchedule{Fast: []time.Duration{time.Second}},
		Cancel: core.CancelRule{After: map[core.Method]time.Duration{core.MethodBarcode: time.Minute}}, ReplyAuthentication: "signature",
	}
	return []core.PluginStatus{
		{ID: "demo", Path: "demo", State: core.PluginEnabled, SHA256: "ab", Manifest: &m, PID: 7, Confinement: []core.ConfinementLayer{{Name: "seccomp", Active: true}}},
		{ID: "other", Path: "other", State: core.PluginPending, Reason: "Not approved."},
	}, f.called(ctx, "ListPlugins")
}

func (f *fake) Search(ctx context.Context, _ string) (core.SearchResult, error) {
	return core.SearchResult{Payments: []core.Payment{samplePayment(core.PaymentExpired)}}, f.called(ctx, "Search")
}

func (f *fake) Summary(ctx context.Context, _, _ time.Time) (core.Summary, error) {
	return core.Summary{Sums: core.Sums{Paid: 1}, Waiting: []core.WaitingFor{{What: core.WaitingCases, Count: 1}}}, f.called(ctx, "Summary")
}

// Inbound and payers.

func (f *fake) Receive(ctx context.Context, _ string, req core.InboundRequest, _ string) (core.InboundAnswer, error) {
	f.mu.Lock()
	f.inbound = append(f.inbound, req)
	f.mu.Unlock()
	return core.InboundAnswer{Status: 200, Headers: map[string]string{"Content-Type": "text/plain"}, Body: []byte("SUCCESS")}, f.called(ctx, "Receive")
}

func (f *fake) OpenAction(ctx context.Context, _ string) (core.NextAction, error) {
	return f.action, f.called(ctx, "OpenAction")
}

func (f *fake) ReturnPayer(ctx context.Context, _ string, query map[string]string) (string, error) {
	return "https://shop.example/back?payer_id=" + query["token_id"], f.called(ctx, "ReturnPayer")
}

func (f *fake) ListCallbacks(ctx context.Context, _ core.CallbackFilter) ([]core.Callback, error) {
	return []core.Callback{sampleCallback()}, f.called(ctx, "ListCallbacks")
}

func (f *fake) RerunCallback(ctx context.Context, _ core.ID) (core.Callback, error) {
	return sampleCallback(), f.called(ctx, "RerunCallback")
}

func (f *fake) ListMembers(ctx context.Context, _ core.MemberFilter) ([]core.Member, error) {
	return []core.Member{{
		TenantID: num(1), ID: num(21), AccountID: num(3), Provider: "demo", UID: "u", State: core.MemberActive, PhoneDisplay: "138****0000", CreatedAt: at(), UpdatedAt: at(),
	}}, f.called(ctx, "ListMembers")
}

func sampleCallback() core.Callback {
	return core.Callback{
		TenantID: num(1), ID: num(22), AccountID: num(3), Kind: "s", IP: "192.0.2.1", ReceivedAt: at(), Verified: true, Effect: core.CallbackApplied,
		ObjectID: num(2), ObjectKind: "payment", Answer: 200, Plugin: "demo", FinishedAt: at(),
	}
}

func (f *fake) ResolvePayer(ctx context.Context, _ core.ResolvePayerInput) (core.PayerReply, error) {
	return core.PayerReply{PayerID: "o-1", NextAction: &core.NextAction{Type: core.ActionRedirect, URL: "https://provider.example/id"}}, f.called(ctx, "ResolvePayer")
}

func (f *fake) BindCard(ctx context.Context, _ core.BindCardInput) (core.SavedCard, error) {
	return sampleCard(), f.called(ctx, "BindCard")
}

func (f *fake) ConfirmCard(ctx context.Context, _ core.ID, _ core.Secret, _ core.Card) (core.SavedCard, error) {
	return sampleCard(), f.called(ctx, "ConfirmCard")
}

func (f *fake) UnbindCard(ctx context.Context, _ core.ID) (core.SavedCard, error) {
	return sampleCard(), f.called(ctx, "UnbindCard")
}

func (f *fake) SyncCard(ctx context.Context, _ core.ID) (core.SavedCard, error) {
	return sampleCard(), f.called(ctx, "SyncCard")
}

func (f *fake) ListCards(ctx context.Context, _ core.CardFilter) ([]core.SavedCard, error) {
	return []core.SavedCard{sampleCard()}, f.called(ctx, "ListCards")
}

func sampleCard() core.SavedCard {
	return core.SavedCard{
		TenantID: num(1), ID: num(23), AccountID: num(3), Provider: "demo", UserRef: "u-1", State: core.CardBound, Masked: "622848****3810", CreatedAt: at(), UpdatedAt: at(),
	}
}
