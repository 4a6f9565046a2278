package service

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/zhanggui-pay/zhanggui/core"
)

// credentialForm is what a manifest's credential schema says of one credential.
type credentialForm struct {
	Type   core.CredentialType
	Schema json.RawMessage
}

// credentialForms reads the manifest's schema: which credentials there are and which an
// account cannot do without.
func credentialForms(m core.Manifest) (forms map[string]credentialForm, required []string, err error) {
	var schema struct {
		Properties map[string]json.RawMessage `json:"properties"`
		Required   []string                   `json:"required"`
	}
	if len(m.Credentials) > 0 {
		if err := json.Unmarshal(m.Credentials, &schema); err != nil {
			return nil, nil, fmt.Errorf("service: read the credential schema of %s: %w", m.ID, err)
		}
	}
	forms = make(map[string]credentialForm, len(schema.Properties))
	for name, raw := range schema.Properties {
		var property struct {
			Type core.CredentialType `json:"x-type"`
		}
		if err := json.Unmarshal(raw, &property); err != nil {
			return nil, nil, fmt.Errorf("service: read the credential %s of %s: %w", name, m.ID, err)
		}
		forms[name] = credentialForm{Type: property.Type, Schema: raw}
	}
	slices.Sort(schema.Required)
	return forms, schema.Required, nil
}

// SetCredentials stores what a person gave as a new version. Nothing is stored unless all of
// it can be used; names not given keep their value. The account must be tested again.
func (s *Service) SetCredentials(ctx context.Context, account core.ID, in []core.CredentialInput) (core.ProviderAccount, error) {
	id, tenant, err := s.allowKeys(ctx)
	if err != nil {
		return core.ProviderAccount{}, err
	}
	current, err := s.readAccount(ctx, tenant, account)
	if err != nil {
		return core.ProviderAccount{}, err
	}
	m, err := s.Providers.Manifest(current.Provider)
	if err != nil {
		return core.ProviderAccount{}, err
	}
	values, info, err := s.parseCredentials(m, in)
	if err != nil {
		return core.ProviderAccount{}, err
	}
	held, err := s.heldKeys(ctx, current)
	if err != nil {
		return core.ProviderAccount{}, err
	}
	if err := s.keepsNumbers(ctx, tenant, account, held.Values, values); err != nil {
		return core.ProviderAccount{}, err
	}
	merged := maps.Clone(values)
	for name, value := range held.Values {
		if _, given := merged[name]; !given {
			merged[name] = value
		}
	}
	version, err := s.Keyring.Put(ctx, current.KeyPath(), merged, held.Version)
	if err != nil {
		return core.ProviderAccount{}, err
	}
	return s.noteKeys(ctx, id, account, "account.set_credentials", version, info)
}

// keepsNumbers refuses another merchant number for an account that has orders: under the
// new number the provider would not know them, and a paid order would seem not to exist.
func (s *Service) keepsNumbers(ctx context.Context, tenant, account core.ID, held, given map[string]core.Credential) error {
	for name, value := range given {
		old, had := held[name]
		if value.Type != core.CredMerchantNumber || !had || bytes.Equal(old.Value.Reveal(), value.Value.Reveal()) {
			continue
		}
		used, err := s.hasOrders(ctx, tenant, account)
		if err != nil {
			return err
		}
		if used {
			return core.Errorf(core.CodeInvalidState, "Orders were made under this number; the provider could not find them under another. Make a new provider account for it.").At(name)
		}
	}
	return nil
}

func (s *Service) hasOrders(ctx context.Context, tenant, account core.ID) (used bool, err error) {
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		list, err := tx.Payments(ctx, core.PaymentFilter{TenantID: tenant, AccountID: account, Page: core.Page{Limit: 1}})
		used = len(list) > 0
		return err
	})
	return used, err
}

// allowKeys guards everything that changes keys.
func (s *Service) allowKeys(ctx context.Context) (core.Identity, core.ID, error) {
	id, tenant, err := s.allow(ctx, "accounts", "credentials")
	if err == nil {
		err = wholeTenant(id)
	}
	if err == nil {
		err = s.stepUp(id)
	}
	return id, tenant, err
}

// heldKeys reads the newest version; an account that has none yet gives version zero.
func (s *Service) heldKeys(ctx context.Context, a core.ProviderAccount) (core.KeySet, error) {
	held, err := s.Keyring.Get(ctx, a.KeyPath(), 0)
	if core.CodeOf(err) == core.CodeNotFound {
		return core.KeySet{Values: map[string]core.Credential{}}, nil
	}
	return held, err
}

// parseCredentials turns what a person gave into normal form. Errors: CodeInvalidCredential
// with Param = the credential's name.
func (s *Service) parseCredentials(m core.Manifest, in []core.CredentialInput) (map[string]core.Credential, []core.CredentialInfo, error) {
	forms, _, err := credentialForms(m)
	if err != nil {
		return nil, nil, err
	}
	if len(in) == 0 {
		return nil, nil, core.Errorf(core.CodeInvalidCredential, "Give at least one key or number.").At("credentials")
	}
	values, info := map[string]core.Credential{}, []core.CredentialInfo{}
	for _, one := range in {
		form, known := forms[one.Name]
		if !known {
			return nil, nil, core.Errorf(core.CodeInvalidCredential, "%s has no credential of this name.", m.Name.EN).At(one.Name)
		}
		if one.Type != "" && one.Type != form.Type && one.Type != core.CredPKCS12 {
			return nil, nil, core.Errorf(core.CodeInvalidCredential, "This field takes a %s, not a %s.", form.Type, one.Type).At(one.Name)
		}
		if one.Type == "" {
			one.Type = form.Type
		}
		if err := checkCredentialForm(form, one); err != nil {
			return nil, nil, err
		}
		parsed, shown, err := s.Credentials.Parse(one)
		if err != nil {
			return nil, nil, err
		}
		for name, value := range parsed {
			if _, twice := values[name]; twice {
				return nil, nil, core.Errorf(core.CodeInvalidCredential, "This credential is given twice.").At(name)
			}
			values[name] = value
		}
		info = append(info, shown...)
	}
	return values, info, nil
}

// checkCredentialForm holds numbers and pass phrases against their own part of the schema.
// Keys and certificates are judged by the parser. No sentence repeats the value.
func checkCredentialForm(form credentialForm, in core.CredentialInput) error {
	switch in.Type {
	case core.CredMerchantNumber, core.CredMD5Key, core.CredSecret:
	case core.CredRSAPrivate, core.CredRSAPublic, core.CredCertificate, core.CredPKCS12, core.CredAESKey, core.CredIV:
		return nil
	}
	text := bytes.TrimSpace(in.Data.Reveal())
	if len(text) == 0 || !utf8.Valid(text) {
		return core.Errorf(core.CodeInvalidCredential, "This field is empty or not text.").At(in.Name)
	}
	schema, err := compileSchema(form.Schema)
	if err != nil {
		return err
	}
	err = schema.Validate(string(text))
	if err == nil {
		return nil
	}
	invalid := &jsonschema.ValidationError{}
	if v, ok := err.(*jsonschema.ValidationError); ok { //nolint:errorlint // Validate gives it unwrapped
		invalid = v
	}
	reason := "does not have the form the provider asks for"
	if faults := leaves("", invalid); invalid.ErrorKind != nil && len(faults) > 0 {
		reason = faults[0].text
	}
	return core.Errorf(core.CodeInvalidCredential, "The value %s.", reason).At(in.Name)
}

// noteKeys writes down which version an account has now and what may be shown of it. Should
// it fail, the keyring is ahead of the row: the next change or test puts that right, because
// both ask the keyring for its newest version.
func (s *Service) noteKeys(ctx context.Context, id core.Identity, account core.ID, action string, version int, info []core.CredentialInfo) (core.ProviderAccount, error) {
	now := s.Clock()
	for i := range info {
		info[i].SetBy, info[i].SetAt, info[i].KeyVersion = id.Actor, now, version
	}
	return s.changeAccount(ctx, id, account, action, func(_ core.TenantTx, a *core.ProviderAccount) error {
		if version < a.KeyVersion {
			return core.Errorf(core.CodeConflict, "The keys were changed by somebody else meanwhile. Look again.")
		}
		a.KeyVersion = version
		a.Credentials = mergeInfo(a.Credentials, info)
		untest(a)
		return nil
	})
}

func mergeInfo(old, fresh []core.CredentialInfo) []core.CredentialInfo {
	out := slices.Clone(fresh)
	for _, one := range old {
		if !slices.ContainsFunc(fresh, func(f core.CredentialInfo) bool { return f.Name == one.Name }) {
			out = append(out, one)
		}
	}
	slices.SortFunc(out, func(a, b core.CredentialInfo) int { return bytes.Compare([]byte(a.Name), []byte(b.Name)) })
	return out
}

// ActivateAccount has the provider issue the account's keys, with values only the person knows.
// An account with orders is not activated anew: its orders belong to the number it has.
func (s *Service) ActivateAccount(ctx context.Context, account core.ID, values map[string]core.Secret) (core.ProviderAccount, error) {
	_, tenant, err := s.allowKeys(ctx)
	if err != nil {
		return core.ProviderAccount{}, err
	}
	used, err := s.hasOrders(ctx, tenant, account)
	if err != nil {
		return core.ProviderAccount{}, err
	}
	if used {
		return core.ProviderAccount{}, core.Errorf(core.CodeInvalidState, "Orders were made under this account's number; the provider could not find them under a new one. Make a new provider account and activate that.")
	}
	return s.issueKeys(ctx, account, core.CapActivate, "account.activate", func(ctx context.Context, call core.ProviderCall) (core.CheckResult, error) {
		return s.Providers.Activate(ctx, call, values)
	})
}

// CheckInAccount has the provider renew the account's keys. A success counts for the clock too.
func (s *Service) CheckInAccount(ctx context.Context, account core.ID) (core.ProviderAccount, error) {
	a, err := s.issueKeys(ctx, account, core.CapCheckIn, "account.check_in", s.Providers.CheckIn)
	if err != nil {
		return a, err
	}
	if err := s.noteCheckedIn(ctx, a); err != nil { // the keys are there; the clock only asks again sooner
		s.Logger.WarnContext(ctx, "a check-in was not noted", "account", account.Prefixed(core.PrefixAccount), "error", err)
	}
	return a, nil
}

func (s *Service) issueKeys(ctx context.Context, account core.ID, operation core.Capability, action string, issue func(context.Context, core.ProviderCall) (core.CheckResult, error)) (core.ProviderAccount, error) {
	id, tenant, err := s.allowKeys(ctx)
	if err != nil {
		return core.ProviderAccount{}, err
	}
	current, err := s.readAccount(ctx, tenant, account)
	if err != nil {
		return core.ProviderAccount{}, err
	}
	// What the provider issues has to be stored: nothing is asked of it while nothing can be.
	if err := s.Keyring.Health(ctx); err != nil {
		return core.ProviderAccount{}, err
	}
	callCtx, stop := context.WithTimeout(ctx, s.CallTimeout)
	defer stop()
	result, err := issue(callCtx, s.accountCall(ctx, id, current, operation, ""))
	if err == nil && result.Outcome != core.OutcomeSucceeded {
		err = issueFailed(result)
	}
	// Even after a failure: the key may have been stored before something else went wrong.
	noted, noteErr := s.adoptKeys(ctx, id, current, action)
	if err != nil {
		return noted, err
	}
	return noted, noteErr
}

func issueFailed(r core.CheckResult) error {
	code, text := core.CodeProviderRefused, "The provider refused"
	switch r.Outcome {
	case core.OutcomeUnknown, core.OutcomeInProgress, "":
		code, text = core.CodeOutcomeUnknown, "The provider gave no clear answer, and may have issued new keys. Test the account, and check in again if the test fails"
	case core.OutcomeSucceeded, core.OutcomeFailed, core.OutcomeRefused, core.OutcomeNotFound, core.OutcomeCanceled, core.OutcomeClosed:
	}
	return core.Errorf(code, "%s: %s %s", text, r.Provider.Code, r.Provider.Message).
		With("provider_code", r.Provider.Code).With("provider_message", r.Provider.Message)
}

// adoptKeys brings the account's row up to the keyring's newest version, which the plugin's
// call may have written.
func (s *Service) adoptKeys(ctx context.Context, id core.Identity, a core.ProviderAccount, action string) (core.ProviderAccount, error) {
	newest, err := s.heldKeys(ctx, a)
	if err != nil || newest.Version == a.KeyVersion {
		return a, err
	}
	before := core.KeySet{}
	if a.KeyVersion > 0 {
		before, err = s.Keyring.Get(ctx, a.KeyPath(), a.KeyVersion)
		if err != nil && core.CodeOf(err) != core.CodeNotFound { // retired meanwhile: all count as new
			return a, err
		}
	}
	var info []core.CredentialInfo
	for _, name := range slices.Sorted(maps.Keys(newest.Values)) {
		value := newest.Values[name]
		if bytes.Equal(value.Value.Reveal(), before.Values[name].Value.Reveal()) {
			continue
		}
		_, shown, err := s.Credentials.Parse(core.CredentialInput{Name: name, Type: value.Type, Data: value.Value})
		if err != nil {
			return a, err
		}
		info = append(info, shown...)
	}
	return s.noteKeys(ctx, id, a.ID, action, newest.Version, info)
}
