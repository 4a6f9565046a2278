package host

import (
	"context"
	"fmt"
	"strings"

	"github.com/zhanggui-pay/zhanggui/core"
)

// demoPayee is nobody, to whom a payout ends in a known way.
type demoPayee struct {
	Fate     string `json:"fate"`
	Name     string `json:"name"`
	Number   string `json:"number"`
	Phone    string `json:"phone"`
	BankName string `json:"bank_name"`
	Province string `json:"province"`
	City     string `json:"city"`
}

// demoPayouts has a program of the merchant ask for a payout to each payee. That whose outcome
// will be in doubt is agreed to by the operator; the other waits for whoever looks at the demo.
func (s demoSeeder) demoPayouts(ctx context.Context, accounts []core.ProviderAccount) error {
	if s.payments == 0 {
		return nil
	}
	for i, p := range s.sim.Demo {
		if len(p.Payees) == 0 {
			continue
		}
		if err := s.payOut(ctx, accounts[i], p.Payees); err != nil {
			return fmt.Errorf("payouts by %s: %w", p.Provider, err)
		}
	}
	return nil
}

func (s demoSeeder) payOut(ctx context.Context, account core.ProviderAccount, payees []demoPayee) error {
	maker, err := core.IdentityFrom(ctx)
	if err != nil {
		return err
	}
	maker.Actor = "system" // nobody agrees to what a key of their own asked for
	kept, key, err := s.service.CreateAPIKey(core.WithIdentity(ctx, maker), core.APIKeyInput{Name: "工资系统（演示）", Role: core.RoleTenantDeveloper})
	if err != nil {
		return err
	}
	program, err := s.service.AuthenticateKey(ctx, key, "127.0.0.1")
	if err != nil {
		return err
	}
	for i, payee := range payees {
		reply, err := s.service.CreatePayout(core.WithIdentity(ctx, program), core.CreatePayoutInput{
			IdempotencyKey: fmt.Sprintf("demo-payout-%d", i), MerchantPayoutNo: fmt.Sprintf("SALARY-%04d", i+1), AccountID: account.ID,
			Amount: demoAmount(i + 3), Purpose: "工资", Payee: core.Payee{
				Type: core.PayeePersonal, Name: core.SecretString(payee.Name), Number: core.SecretString(payee.Number), Phone: core.SecretString(payee.Phone),
				BankName: payee.BankName, Province: payee.Province, City: payee.City,
			},
		})
		if err != nil {
			return err
		}
		if payee.Fate != "unknown" {
			continue
		}
		waiting, err := s.service.ListApprovals(ctx, core.ApprovalFilter{ObjectID: reply.Payout.ID, Page: core.Page{Limit: 1}})
		if err != nil {
			return err
		}
		for _, a := range waiting {
			if _, err := s.service.DecideApproval(ctx, a.ID, true, ""); err != nil {
				return err
			}
		}
	}
	if err := s.payBonuses(core.WithIdentity(ctx, program), account, payees); err != nil {
		return err
	}
	return s.service.RevokeAPIKey(ctx, kept.ID)
}

// payBonuses brings a file of payouts to those who can be paid. It waits for whoever looks at the demo.
func (s demoSeeder) payBonuses(ctx context.Context, account core.ProviderAccount, payees []demoPayee) error {
	var file strings.Builder
	file.WriteString("商户付款单号,金额（元）,收款人姓名,收款账号,开户银行,开户省份,开户城市,手机号,用途\n")
	for i, p := range payees {
		if p.Fate != "unknown" {
			fmt.Fprintf(&file, "BONUS-%04d,88.00,%s,%s,%s,%s,%s,%s,奖金\n", i+1, p.Name, p.Number, p.BankName, p.Province, p.City, p.Phone)
		}
	}
	_, err := s.service.CreatePayoutBatch(ctx, core.CreatePayoutBatchInput{
		IdempotencyKey: "demo-bonuses", AccountID: account.ID, FileName: "奖金.csv", File: []byte(file.String()), Note: "十一月奖金",
	})
	return err
}
