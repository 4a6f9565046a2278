package postgres

import (
	"context"
	"strings"

	"github.com/zhanggui-pay/zhanggui/core"
)

var cardTable = &table{"bound_cards", []string{
	"tenant_id", "id", "account_id", "provider", "order_no", "user_ref", "created_at",
	"bind_id", "state", "masked", "card_type", "bank_code", "bank_name", "phone_display", "provided_code", "provided_message", "code_sent_at", "updated_at",
}}

const cardFixed = 7

var (
	cardInsert = cardTable.insertText()
	cardSelect = "SELECT " + strings.Join(cardTable.columns, ", ") + " FROM bound_cards"
	cardUpdate = `UPDATE bound_cards SET bind_id = $4, state = $5, masked = $6, card_type = $7, bank_code = $8, bank_name = $9, phone_display = $10,
		provided_code = $11, provided_message = $12, code_sent_at = $13, updated_at = $14 WHERE tenant_id = $1 AND id = $2 AND state = $3`
)

func cardValues(c core.SavedCard) []any {
	return []any{
		c.TenantID, c.ID, c.AccountID, c.Provider, c.OrderNo, clean(c.UserRef),
		stamp{c.CreatedAt},
		clean(c.BindID), string(c.State), clean(c.Masked), clean(c.CardType), clean(c.BankCode), clean(c.BankName), clean(c.PhoneDisplay),
		clean(c.Provided.Code), clean(c.Provided.Message),
		stamp{c.CodeSentAt},
		stamp{c.UpdatedAt},
	}
}

type cardRow struct {
	TenantID        core.ID `db:"tenant_id"`
	ID              core.ID `db:"id"`
	AccountID       core.ID `db:"account_id"`
	Provider        string  `db:"provider"`
	OrderNo         string  `db:"order_no"`
	UserRef         string  `db:"user_ref"`
	BindID          string  `db:"bind_id"`
	State           string  `db:"state"`
	Masked          string  `db:"masked"`
	CardType        string  `db:"card_type"`
	BankCode        string  `db:"bank_code"`
	BankName        string  `db:"bank_name"`
	PhoneDisplay    string  `db:"phone_display"`
	ProvidedCode    string  `db:"provided_code"`
	ProvidedMessage string  `db:"provided_message"`
	CodeSentAt      stamp   `db:"code_sent_at"`
	CreatedAt       stamp   `db:"created_at"`
	UpdatedAt       stamp   `db:"updated_at"`
}

func (r *cardRow) card() core.SavedCard {
	return core.SavedCard{
		TenantID: r.TenantID, ID: r.ID, AccountID: r.AccountID, Provider: r.Provider, OrderNo: r.OrderNo, UserRef: r.UserRef, BindID: r.BindID,
		State: core.CardState(r.State), Masked: r.Masked, CardType: r.CardType, BankCode: r.BankCode, BankName: r.BankName, PhoneDisplay: r.PhoneDisplay,
		Provided: core.ProviderText{Code: r.ProvidedCode, Message: r.ProvidedMessage}, CodeSentAt: r.CodeSentAt.Time,
		CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time,
	}
}

// InsertCard implements core.TenantTx.
func (t *tenantTx) InsertCard(ctx context.Context, c core.SavedCard) error {
	if c.TenantID != t.tenant {
		return wrongTenant("card")
	}
	_, err := t.s.change(ctx, cardInsert, cardValues(c)...)
	return err
}

// UpdateCard implements core.TenantTx, guarded by the state. Errors: CodeConflict when nothing matched.
func (t *tenantTx) UpdateCard(ctx context.Context, c core.SavedCard, from core.CardState) error {
	args := append([]any{t.tenant, c.ID, string(from)}, cardValues(c)[cardFixed:]...)
	return t.s.mustChange(ctx, core.Errorf(core.CodeConflict, "The card changed meanwhile. Read it again."), cardUpdate, args...)
}

func (t *tenantTx) oneCard(ctx context.Context, where string, args ...any) (core.SavedCard, error) {
	var row cardRow
	err := t.s.get(ctx, &row, core.NotFound("card"), cardSelect+" WHERE tenant_id = $1 AND "+where, append([]any{t.tenant}, args...)...)
	if err != nil {
		return core.SavedCard{}, err
	}
	return row.card(), nil
}

// Card implements core.TenantReader.
func (t *tenantTx) Card(ctx context.Context, id core.ID) (core.SavedCard, error) {
	return t.oneCard(ctx, "id = $2", id)
}

// CardByBindID implements core.TenantReader.
func (t *tenantTx) CardByBindID(ctx context.Context, account core.ID, bindID string) (core.SavedCard, error) {
	return t.oneCard(ctx, "account_id = $2 AND bind_id = $3 AND bind_id <> ''", account, bindID)
}

// Cards implements core.TenantReader.
func (t *tenantTx) Cards(ctx context.Context, f core.CardFilter) ([]core.SavedCard, error) {
	c := t.own("x.tenant_id")
	c.text("x.user_ref", f.UserRef)
	c.text("x.state", string(f.State))
	var rows []cardRow
	if err := t.s.list(ctx, &rows, c.page(cardSelect+" x", f.Page, "x.created_at", "x.id"), c.args...); err != nil {
		return nil, err
	}
	return convert(rows, (*cardRow).card), nil
}
