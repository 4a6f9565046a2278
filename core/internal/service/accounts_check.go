package service

import (
	"context"
	"strings"

	"github.com/zhanggui-pay/zhanggui/core"
)

// absentOrderNo is a number of the year 2000: our numbers begin later, so no provider can
// know it.
const absentOrderNo = "00010100000000000000"

// The steps of an account's test.
const (
	stepKeys   = "keys"
	stepPlugin = "plugin"
	stepQuery  = "query"
)

// TestAccount checks the keys, the plugin, and asks the provider about an order that cannot
// exist, signed with the newest keys and no others. An authenticated "no such order" proves
// that keys and numbers are right; nothing moves. The result is kept on the account.
func (s *Service) TestAccount(ctx context.Context, account core.ID) (core.AccountTest, error) {
	id, tenant, err := s.allow(ctx, "accounts", "test")
	if err != nil {
		return core.AccountTest{}, err
	}
	current, err := s.readAccount(ctx, tenant, account)
	if err != nil {
		return core.AccountTest{}, err
	}
	if current, err = s.adoptKeys(ctx, id, current, "account.adopt_keys"); err != nil {
		return core.AccountTest{}, err
	}
	test := core.AccountTest{OK: true}
	for _, step := range []func(context.Context, core.Identity, core.ProviderAccount) (core.AccountTestStep, error){s.tryKeys, s.tryPlugin, s.tryQuery} {
		result, err := step(ctx, id, current)
		if err != nil {
			return core.AccountTest{}, err
		}
		test.Steps = append(test.Steps, result)
		if !result.OK {
			test.OK = false
			break
		}
	}
	test.Account, err = s.noteTest(ctx, id, current, test)
	return test, err
}

func (s *Service) noteTest(ctx context.Context, id core.Identity, tried core.ProviderAccount, test core.AccountTest) (core.ProviderAccount, error) {
	last := test.Steps[len(test.Steps)-1]
	failure := ""
	if !test.OK {
		failure = shorten(strings.TrimSpace(last.Name+": "+last.Message.EN+" "+last.Provider.Code+" "+last.Provider.Message), 500)
	}
	return s.changeAccount(ctx, id, tried.ID, "account.test", func(_ core.TenantTx, a *core.ProviderAccount) error {
		if a.KeyVersion != tried.KeyVersion || a.BaseURL != tried.BaseURL || !sameJSON(a.Settings, tried.Settings) {
			return core.Errorf(core.CodeConflict, "The account was changed during the test. Test it again.")
		}
		a.CheckedAt, a.CheckError = s.Clock(), failure
		return nil
	})
}

func passed(step, zh, en string) core.AccountTestStep {
	return core.AccountTestStep{Name: step, OK: true, Message: core.Text{ZH: zh, EN: en}}
}

func failed(step, zh, en string, said core.ProviderText) core.AccountTestStep {
	return core.AccountTestStep{Name: step, Message: core.Text{ZH: zh, EN: en}, Provider: said}
}

// tryKeys checks that everything the provider needs is in the keyring and still parses.
func (s *Service) tryKeys(ctx context.Context, _ core.Identity, a core.ProviderAccount) (core.AccountTestStep, error) {
	m, err := s.Providers.Manifest(a.Provider)
	if err != nil {
		return failed(stepKeys, "插件不可用。", publicMessage(err), core.ProviderText{}), nil
	}
	_, required, err := credentialForms(m)
	if err != nil {
		return core.AccountTestStep{}, err
	}
	held, err := s.heldKeys(ctx, a)
	if err != nil {
		return core.AccountTestStep{}, err
	}
	for _, name := range required {
		value, ok := held.Values[name]
		if !ok {
			return failed(stepKeys, "缺少密钥或编号："+name, "Missing: "+name, core.ProviderText{}), nil
		}
		if _, _, err := s.Credentials.Parse(core.CredentialInput{Name: name, Type: value.Type, Data: value.Value}); err != nil {
			return failed(stepKeys, "无法使用："+name, name+": "+publicMessage(err), core.ProviderText{}), nil
		}
	}
	if s.KeyTest != nil {
		if err := s.KeyTest(held.Values, s.Clock()); err != nil {
			return failed(stepKeys, "密钥之间不匹配或已失效。", publicMessage(err), core.ProviderText{}), nil
		}
	}
	return passed(stepKeys, "密钥齐全。", "All keys are there and can be used."), nil
}

func (s *Service) tryPlugin(ctx context.Context, _ core.Identity, a core.ProviderAccount) (core.AccountTestStep, error) {
	for _, p := range s.Providers.Plugins(ctx) {
		if p.ID == a.Provider && p.State == core.PluginEnabled {
			return passed(stepPlugin, "插件运行正常。", "The plugin is running."), nil
		} else if p.ID == a.Provider {
			return failed(stepPlugin, "插件未运行："+pluginStateInChinese(p.State)+"。", orText(p.Reason, "The plugin is "+string(p.State)+"."), core.ProviderText{}), nil
		}
	}
	return failed(stepPlugin, "未找到插件。", "There is no plugin for this provider.", core.ProviderText{}), nil
}

func pluginStateInChinese(state core.PluginState) string {
	switch state {
	case core.PluginPending:
		return "等待批准"
	case core.PluginStarting:
		return "正在启动，请稍后再试"
	case core.PluginModified:
		return "文件与批准时不一致"
	case core.PluginIncompatible:
		return "与本平台不兼容"
	case core.PluginCrashed:
		return "意外退出，等待重新启动"
	case core.PluginDisabled:
		return "已停用"
	case core.PluginEnabled:
		return "已启用"
	}
	return string(state)
}

func (s *Service) tryQuery(ctx context.Context, id core.Identity, a core.ProviderAccount) (core.AccountTestStep, error) {
	m, err := s.Providers.Manifest(a.Provider)
	if err != nil {
		return failed(stepQuery, "插件不可用。", publicMessage(err), core.ProviderText{}), nil
	}
	if grant, ok := m.Grants[core.CapCheckIn]; ok && len(grant.Rotate) == 0 {
		return s.tryCheckIn(ctx, id, a)
	}
	if _, ok := m.Grants[core.CapQueryPayment]; !ok {
		return passed(stepQuery, "该渠道不提供查询，已跳过。", "This provider offers no query; skipped."), nil
	}
	ref := core.OrderRef{OrderNo: absentOrderNo, Amount: core.Fen(1), CreatedAt: s.Clock()}
	if methods := allMethods(m); len(methods) > 0 {
		ref.Method = methods[0].Method
	}
	callCtx, stop := context.WithTimeout(ctx, s.CallTimeout)
	defer stop()
	call := s.accountCall(ctx, id, a, core.CapQueryPayment, absentOrderNo)
	call.NewestKeys = true
	result, err := s.Providers.QueryPayment(callCtx, call, ref)
	if err != nil {
		return failed(stepQuery, "未能发出查询。", publicMessage(err), core.ProviderText{}), nil
	}
	return judgeQuery(result), nil
}

// tryCheckIn has the plugin make its own harmless exchange. One that renews keys is none.
func (s *Service) tryCheckIn(ctx context.Context, id core.Identity, a core.ProviderAccount) (core.AccountTestStep, error) {
	orderNo, err := s.Database.NextOrderNo(ctx, s.Clock())
	if err != nil {
		return core.AccountTestStep{}, err
	}
	callCtx, stop := context.WithTimeout(ctx, s.CallTimeout)
	defer stop()
	call := s.accountCall(ctx, id, a, core.CapCheckIn, orderNo)
	call.NewestKeys = true
	result, err := s.Providers.CheckIn(callCtx, call)
	switch {
	case err != nil:
		return failed(stepQuery, "未能发出查询。", publicMessage(err), core.ProviderText{}), nil
	case result.Outcome == core.OutcomeSucceeded:
		return core.AccountTestStep{
			Name: stepQuery, OK: true, Provider: result.Provider,
			Message: core.Text{ZH: "渠道已通过验签并答复。", EN: "The provider accepted our signature and answered."},
		}, nil
	}
	return judgeQuery(core.PaymentResult{Outcome: result.Outcome, Provider: result.Provider, Exchange: result.Exchange}), nil
}

func allMethods(m core.Manifest) []core.MethodSpec {
	var out []core.MethodSpec
	for _, p := range m.Products {
		out = append(out, p.Methods...)
	}
	return out
}

// judgeQuery reads what a provider said of an order that cannot exist.
func judgeQuery(r core.PaymentResult) core.AccountTestStep {
	switch r.Outcome {
	case core.OutcomeNotFound:
		return core.AccountTestStep{
			Name: stepQuery, OK: true, Provider: r.Provider,
			Message: core.Text{ZH: "渠道已通过验签并答复：无此订单。", EN: "The provider accepted our signature and knows no such order, as expected."},
		}
	case core.OutcomeRefused:
		return failed(stepQuery, "渠道拒绝了请求：密钥或编号不正确。", "The provider refused the message: a key or number is wrong.", r.Provider)
	case core.OutcomeSucceeded, core.OutcomeInProgress, core.OutcomeFailed, core.OutcomeCanceled, core.OutcomeClosed:
		return failed(stepQuery, "渠道对不存在的订单给出了状态，请核对环境地址。", "The provider reports a state for an order that cannot exist. Check the address.", r.Provider)
	case core.OutcomeUnknown:
	}
	if r.Exchange.Sent == core.SentNo {
		return failed(stepQuery, "无法连接渠道。", "The provider could not be reached. Check the address and the network.", r.Provider)
	}
	return failed(stepQuery, "渠道没有给出可信的答复。", "The provider gave no answer that can be trusted. Check the keys and the address.", r.Provider)
}

// accountCall is a call on behalf of an account, outside any payment.
func (s *Service) accountCall(ctx context.Context, id core.Identity, a core.ProviderAccount, operation core.Capability, orderNo string) core.ProviderCall {
	if id.Language == "" {
		id.Language = "zh"
	}
	return core.ProviderCall{
		TenantID: a.TenantID, AttemptID: core.NewID(s.Clock()), Account: a, Operation: operation, OrderNo: orderNo, Language: id.Language,
		CallbackURL: s.callbackURL(ctx, a),
	}
}
