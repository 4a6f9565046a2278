package service

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

func paramOf(err error) string {
	if e, ok := errors.AsType[*core.Error](err); ok {
		return e.Param
	}
	return ""
}

func sampleAccount() core.AccountInput {
	return core.AccountInput{Provider: "sample", Name: "Main", Default: true, Settings: json.RawMessage(`{"store_name":"x"}`)}
}

func TestSettingsAreCheckedBySchema(t *testing.T) {
	t.Parallel()
	m := scriptedManifest()
	for settings, want := range map[string]string{
		`{"store_name":"x"}`:                 "",
		`{"store_name":"x","level":2}`:       "",
		`{}`:                                 "settings.store_name",
		``:                                   "settings.store_name",
		`{"store_name":""}`:                  "settings.store_name",
		`{"store_name":"12345678901"}`:       "settings.store_name",
		`{"store_name":5}`:                   "settings.store_name",
		`{"store_name":"x","level":0}`:       "settings.level",
		`{"store_name":"x","level":1.5}`:     "settings.level",
		`{"store_name":"x","mode":"other"}`:  "settings.mode",
		`{"store_name":"x","number":"12a4"}`: "settings.number",
		`{"store_name":"x","strange":true}`:  "settings.strange",
		`[]`:                                 "settings",
		`{"store_name":`:                     "settings",
		`{"a":"` + strings.Repeat("a", 17<<10) + `"}`: "settings",
	} {
		_, err := checkSettings(m.Settings, json.RawMessage(settings))
		if paramOf(err) != want || (err == nil) != (want == "") {
			t.Errorf("%.40s: %v at %q, want %q", settings, err, paramOf(err), want)
		}
	}
	_, err := checkSettings(json.RawMessage(`{"type":"object","properties":{"x":{"$ref":"file:///etc/passwd"}}}`), json.RawMessage(`{}`))
	if err == nil {
		t.Error("a schema that reads files was compiled")
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		address    string
		live, test bool
	}{
		{"https://vsi-api.example.com", true, true},
		{"https://api.example.com:8443/v2", true, true},
		{"https://8.8.8.8", true, true},
		{"http://api.example.com", false, true},
		{"http://127.0.0.1:9000", false, true},
		{"https://127.0.0.1", false, true},
		{"https://127.1", false, true},
		{"https://2130706433", false, true},
		{"https://0x7f000001", false, true},
		{"https://localhost", false, true},
		{"https://db.internal", false, true},
		{"https://intranet", false, true},
		{"https://10.1.2.3", false, true},
		{"https://192.168.1.1", false, true},
		{"https://172.20.0.1", false, true},
		{"https://169.254.169.254", false, true},
		{"https://100.64.0.1", false, true},
		{"https://[::1]", false, true},
		{"https://[::ffff:127.0.0.1]", false, true},
		{"https://[fd00::1]", false, true},
		{"https://[fe80::1]", false, true},
		{"https://[64:ff9b::7f00:1]", false, true},
		{"https://0.0.0.0", false, true},
		{"https://user:pass@api.example.com", false, false},
		{"https://api.example.com/?a=b", false, false},
		{"https://api.example.com/#x", false, false},
		{"ftp://api.example.com", false, false},
		{"https://", false, false},
		{"api.example.com", false, false},
		{"https:api.example.com", false, false},
		{"://", false, false},
	} {
		if err := checkAddress(c.address, false); (err == nil) != c.live {
			t.Errorf("%s: %v, want allowed %v", c.address, err, c.live)
		}
		if err := checkAddress(c.address, true); (err == nil) != c.test {
			t.Errorf("%s in test mode: %v, want allowed %v", c.address, err, c.test)
		}
	}
}

func TestOnlyThePlatformPointsAnAccountSomewhere(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.tenant(t, "A")
	owner := h.person(t, a.ID, "owner@a.example", core.RoleTenantOwner)
	in := sampleAccount()
	in.BaseURL = "https://api.example.com"
	_, err := h.CreateAccount(h.as(t, owner, a.ID), in)
	wantCode(t, "the owner names an address", err, core.CodeForbidden)
	account, err := h.CreateAccount(h.adminIn(t, a.ID), in)
	if err != nil {
		t.Fatal(err)
	}
	in.Name = "Renamed"
	_, err = h.UpdateAccount(h.as(t, owner, a.ID), account.ID, in)
	wantCode(t, "the owner renames and leaves the address", err, "")
	in.BaseURL = ""
	_, err = h.UpdateAccount(h.as(t, owner, a.ID), account.ID, in)
	wantCode(t, "the owner takes the address away", err, core.CodeForbidden)
	in.BaseURL = "https://127.0.0.1"
	_, err = h.UpdateAccount(h.adminIn(t, a.ID), account.ID, in)
	wantCode(t, "a private address", err, core.CodeInvalidRequest)
	in = sampleAccount()
	in.Provider = "other"
	_, err = h.CreateAccount(h.adminIn(t, a.ID), in)
	wantCode(t, "no such provider", err, core.CodeProviderUnavailable)
	in = sampleAccount()
	in.StoreID = core.NewID(time.Now())
	_, err = h.CreateAccount(h.adminIn(t, a.ID), in)
	wantCode(t, "no such store", err, core.CodeNotFound)
}

func credential(name, value string) core.CredentialInput {
	return core.CredentialInput{Name: name, Data: core.SecretString(value)}
}

const (
	canaryKey   = "canary-terminal-key-0001"
	canaryKeyTo = "canary-terminal-key-0002"
)

func TestFromNothingToLive(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.tenant(t, "A")
	ctx := h.adminIn(t, a.ID)
	_, err := h.SetTenantStatus(ctx, a.ID, core.TenantLive, "")
	wantCode(t, "live without an account", err, core.CodeInvalidState)
	account, err := h.CreateAccount(ctx, sampleAccount())
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.SetAccountStatus(ctx, account.ID, core.AccountLive)
	wantCode(t, "live without keys", err, core.CodeInvalidState)

	h.provider.says(core.OutcomeNotFound, nil)
	test, err := h.TestAccount(ctx, account.ID)
	if err != nil || test.OK || len(test.Steps) != 1 || test.Account.CheckError == "" || len(h.provider.asked) != 0 {
		t.Errorf("a test without keys: %+v %v", test, err)
	}
	account, err = h.SetCredentials(ctx, account.ID, []core.CredentialInput{credential("terminal_sn", "100000000001"), credential("terminal_key", canaryKey)})
	if err != nil || account.KeyVersion != 1 || len(account.Credentials) != 2 || account.CheckError != "" {
		t.Fatalf("%+v %v", account, err)
	}
	selfTest := h.KeyTest
	h.KeyTest = func(map[string]core.Credential, time.Time) error {
		return core.Errorf(core.CodeInvalidCredential, "The halves do not fit.")
	}
	test, err = h.TestAccount(ctx, account.ID)
	if err != nil || test.OK || !strings.Contains(test.Account.CheckError, "halves") || len(h.provider.asked) != 0 {
		t.Errorf("keys that do not fit each other: %+v %v", test, err)
	}
	h.KeyTest = selfTest
	for _, state := range []core.PluginState{core.PluginPending, core.PluginStarting, core.PluginModified, core.PluginIncompatible, core.PluginCrashed, core.PluginDisabled} {
		h.provider.state = state
		test, err = h.TestAccount(ctx, account.ID)
		if err != nil || test.OK || len(test.Steps) != 2 || len(h.provider.asked) != 0 || strings.Contains(test.Steps[1].Message.ZH, string(state)) {
			t.Errorf("a plugin that is %s: %+v %v", state, test, err)
		}
	}
	h.provider.state = core.PluginEnabled
	for _, c := range []struct {
		outcome core.Outcome
		err     error
		ok      bool
	}{
		{core.OutcomeRefused, nil, false},
		{core.OutcomeUnknown, nil, false},
		{"", nil, false},
		{core.OutcomeSucceeded, nil, false},
		{core.OutcomeNotFound, core.Errorf(core.CodeKeysUnavailable, "Vault is sealed."), false},
		{core.OutcomeNotFound, nil, true},
	} {
		h.provider.says(c.outcome, c.err)
		test, err := h.TestAccount(ctx, account.ID)
		if err != nil || test.OK != c.ok || (test.Account.CheckError == "") != c.ok || test.Account.CheckedAt.IsZero() {
			t.Errorf("the provider says %q %v: %+v %v", c.outcome, c.err, test, err)
		}
		if !c.ok {
			_, err = h.SetAccountStatus(ctx, account.ID, core.AccountLive)
			wantCode(t, "live after a failed test", err, core.CodeInvalidState)
		}
	}
	if ref := h.provider.asked[0]; ref.OrderNo != absentOrderNo || len(ref.OrderNo) != core.OrderNumberLength {
		t.Errorf("the harmless query asked for %q", ref.OrderNo)
	}
	_, err = h.SetAccountStatus(ctx, account.ID, core.AccountLive)
	wantCode(t, "the account goes live", err, "")
	live, err := h.SetTenantStatus(ctx, a.ID, core.TenantLive, "")
	if err != nil || !live.Live || live.Status != core.TenantLive {
		t.Errorf("%+v %v", live, err)
	}
	_, err = h.SetTenantStatus(ctx, a.ID, core.TenantSuspended, "")
	wantCode(t, "suspended without a reason", err, core.CodeInvalidRequest)
	h.clock.Move(time.Second)
	_, err = h.SetTenantStatus(ctx, a.ID, core.TenantSuspended, "fraud")
	wantCode(t, "suspended", err, "")
	_, err = h.SetTenantStatus(ctx, a.ID, core.TenantOnboarding, "")
	wantCode(t, "back to onboarding", err, core.CodeInvalidRequest)
	events, err := h.ListEvents(ctx, core.EventFilter{Page: core.Page{Limit: 10}})
	if err != nil || len(events) != 2 || events[0].Type != "tenant.suspended" {
		t.Errorf("events %v %v", events, err)
	}
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.tenant(t, "A")
	ctx := h.adminIn(t, a.ID)
	account, err := h.CreateAccount(ctx, sampleAccount())
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		in    []core.CredentialInput
		param string
	}{
		"nothing":                 {nil, "credentials"},
		"an unknown name":         {[]core.CredentialInput{credential("other", "x")}, "other"},
		"a number with letters":   {[]core.CredentialInput{credential("terminal_sn", "canary-12x")}, "terminal_sn"},
		"a key that is too short": {[]core.CredentialInput{credential("terminal_key", "canary")}, "terminal_key"},
		"empty":                   {[]core.CredentialInput{credential("terminal_key", " ")}, "terminal_key"},
		"given twice":             {[]core.CredentialInput{credential("terminal_sn", "100000"), credential("terminal_sn", "100001")}, "terminal_sn"},
		"no public key":           {[]core.CredentialInput{credential("platform_key", "canary no key")}, "platform_key"},
		"one bad among good":      {[]core.CredentialInput{credential("terminal_key", canaryKey), credential("terminal_sn", "x")}, "terminal_sn"},
	} {
		_, err := h.SetCredentials(ctx, account.ID, c.in)
		if core.CodeOf(err) != core.CodeInvalidCredential || paramOf(err) != c.param {
			t.Errorf("%s: %v at %q, want %q", name, err, paramOf(err), c.param)
		}
		if err != nil && strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: the refusal repeats the value: %v", name, err)
		}
	}
	if _, err := h.keys.Get(t.Context(), account.KeyPath(), 0); core.CodeOf(err) != core.CodeNotFound {
		t.Errorf("a refusal stored something: %v", err)
	}
	if _, err := h.SetCredentials(ctx, account.ID, []core.CredentialInput{credential("terminal_sn", "100000000001"), credential("terminal_key", canaryKey)}); err != nil {
		t.Fatal(err)
	}
	account, err = h.SetCredentials(ctx, account.ID, []core.CredentialInput{credential("terminal_key", canaryKeyTo)})
	if err != nil || account.KeyVersion != 2 {
		t.Fatal(account.KeyVersion, err)
	}
	held, err := h.keys.Get(t.Context(), account.KeyPath(), 0)
	if err != nil || string(held.Values["terminal_sn"].Value.Reveal()) != "100000000001" || string(held.Values["terminal_key"].Value.Reveal()) != canaryKeyTo {
		t.Errorf("what was not given did not stay: %v", err)
	}
	for _, info := range account.Credentials {
		if info.SetBy == "" || info.SetAt.IsZero() || info.KeyVersion == 0 || strings.Contains(info.Display, "canary-terminal") {
			t.Errorf("what is shown: %+v", info)
		}
	}
	for _, table := range []string{"provider_accounts", "audit_log", "events"} {
		if n := h.rows(t, "SELECT count(*) FROM "+table+" x WHERE x::text LIKE '%canary%'"); n != 0 {
			t.Errorf("%d rows of %s hold a key", n, table)
		}
	}
	viewer := h.person(t, a.ID, "v@a.example", core.RoleTenantViewer)
	_, err = h.SetCredentials(h.as(t, viewer, a.ID), account.ID, []core.CredentialInput{credential("terminal_key", canaryKey)})
	wantCode(t, "a viewer sets keys", err, core.CodeForbidden)
	h.clock.Move(stepUpLife)
	_, err = h.SetCredentials(h.adminIn(t, a.ID), account.ID, []core.CredentialInput{credential("terminal_key", canaryKey)})
	wantCode(t, "without a fresh confirmation", err, core.CodeStepUpRequired)
}

// A check-in's new key is stored by the host while the plugin runs; the account's row follows.
func TestCheckInFollowsTheKeyring(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.tenant(t, "A")
	ctx := h.adminIn(t, a.ID)
	account, err := h.CreateAccount(ctx, sampleAccount())
	if err != nil {
		t.Fatal(err)
	}
	if account, err = h.SetCredentials(ctx, account.ID, []core.CredentialInput{credential("terminal_sn", "100000000001"), credential("terminal_key", canaryKey)}); err != nil {
		t.Fatal(err)
	}
	outcome := core.OutcomeSucceeded
	h.provider.issue = func(call core.ProviderCall) (core.CheckResult, error) {
		held, err := h.keys.Get(t.Context(), call.Account.KeyPath(), 0)
		if err != nil {
			return core.CheckResult{}, err
		}
		held.Values["terminal_key"] = core.Credential{Type: core.CredMD5Key, Value: core.SecretString(canaryKeyTo + time.Duration(held.Version).String())}
		_, err = h.keys.Put(t.Context(), call.Account.KeyPath(), held.Values, held.Version)
		return core.CheckResult{Outcome: outcome}, err
	}
	before := account.Credentials
	account, err = h.CheckInAccount(ctx, account.ID)
	if err != nil || account.KeyVersion != 2 || len(account.Credentials) != len(before) {
		t.Fatalf("%+v %v", account, err)
	}
	for _, info := range account.Credentials {
		if want := map[string]int{"terminal_sn": 1, "terminal_key": 2}[info.Name]; info.KeyVersion != want {
			t.Errorf("%s is of version %d, want %d", info.Name, info.KeyVersion, want)
		}
	}
	outcome = core.OutcomeUnknown
	account, err = h.ActivateAccount(ctx, account.ID, nil)
	wantCode(t, "no clear answer", err, core.CodeOutcomeUnknown)
	if account.KeyVersion != 3 {
		t.Errorf("the row is at version %d: a key stored before the answer was lost is forgotten", account.KeyVersion)
	}
}
