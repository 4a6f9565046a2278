package service

import (
	"context"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/zhanggui-pay/zhanggui/core"
)

// maxReturnURL is what every provider that is told such an address can take.
const maxReturnURL = 255

// checkNeeds refuses a payment without what its method asks for, before anything is written.
func checkNeeds(spec core.MethodSpec, in core.CreatePaymentInput, now time.Time) error {
	for _, need := range spec.Needs {
		switch {
		case need == core.NeedPayerID && in.PayerID == "":
			return missing("payer_id", "This method needs the payer's id at the provider; POST /v1/payers/resolve finds it.")
		case need == core.NeedReturnURL && in.ReturnURL == "":
			return missing("return_url", "This method needs the page to which the payer's browser goes afterwards.")
		case need == core.NeedClientIP && in.ClientIP == "":
			return missing("client_ip", "This method needs the address of the payer's device.")
		case need == core.NeedCard && in.Card == nil:
			return missing("card", "This method needs the payer's card.")
		case need == core.NeedBoundCard && in.BoundCardID.IsZero():
			return missing("bound_card_id", "This method needs a card that was kept before; GET /v1/cards lists them.")
		}
	}
	if err := checkText("payer_id", in.PayerID, 0, 128); err != nil {
		return err
	}
	if err := checkText("user_ref", in.UserRef, 0, 64); err != nil {
		return err
	}
	if in.ClientIP != "" {
		if _, err := netip.ParseAddr(in.ClientIP); err != nil {
			return core.Errorf(core.CodeInvalidRequest, "client_ip is no IP address.").At("client_ip")
		}
	}
	if in.Card != nil {
		if err := checkCard(*in.Card, now); err != nil {
			return err
		}
	}
	return checkExtra(spec.Extra, in.Extra)
}

func missing(param, sentence string) error {
	return core.Errorf(core.CodeInvalidRequest, "%s", sentence).At(param)
}

// checkReturnURL takes an absolute https address; http only where test mode is allowed.
func (s *Service) checkReturnURL(raw string) error {
	if raw == "" {
		return nil
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && (u.Scheme != "http" || !s.AllowTestMode) || len(raw) > maxReturnURL {
		return core.Errorf(core.CodeInvalidRequest, "return_url must be an absolute https address of at most %d characters.", maxReturnURL).At("return_url")
	}
	return nil
}

func checkExtra(fields []core.InputField, given map[string]string) error {
	for _, f := range fields {
		value := given[f.Name]
		at := "extra." + f.Name
		switch {
		case value == "" && f.Required:
			return missing(at, f.Label.EN+" is required.")
		case value == "":
		case f.MaxLength > 0 && utf8.RuneCountInString(value) > f.MaxLength:
			return core.Errorf(core.CodeInvalidRequest, "%s may have %d characters.", f.Label.EN, f.MaxLength).At(at)
		case len(f.Options) > 0 && !slices.ContainsFunc(f.Options, func(o core.Channel) bool { return o.ID == value }):
			return core.Errorf(core.CodeInvalidRequest, "%s has no such choice.", f.Label.EN).At(at)
		}
	}
	return nil
}

// checkCard refuses what no provider takes. No sentence repeats what was typed.
func checkCard(c core.Card, now time.Time) error {
	number := string(c.Number.Reveal())
	if !digits(number, 12, 20) {
		return core.Errorf(core.CodeInvalidRequest, "The card number has 12 to 20 digits, without spaces.").At("card.number")
	}
	if c.Type != "debit" && c.Type != "credit" {
		return core.Errorf(core.CodeInvalidRequest, "The card is debit or credit.").At("card.type")
	}
	if expiry := string(c.Expiry.Reveal()); expiry != "" {
		if err := checkExpiry(expiry, now); err != nil {
			return err
		}
	}
	if cvn2 := string(c.CVN2.Reveal()); cvn2 != "" && !digits(cvn2, 3, 4) {
		return core.Errorf(core.CodeInvalidRequest, "The security code has 3 digits.").At("card.cvn2")
	}
	if phone := string(c.Phone.Reveal()); phone != "" && !digits(phone, 11, 11) {
		return core.Errorf(core.CodeInvalidRequest, "The phone number has 11 digits.").At("card.phone")
	}
	return nil
}

// checkExpiry takes MMYY, the end of that month being the last day in Beijing.
func checkExpiry(mmyy string, now time.Time) error {
	wrong := core.Errorf(core.CodeInvalidRequest, "The expiry is four digits, month and year: MMYY.").At("card.expiry")
	if !digits(mmyy, 4, 4) {
		return wrong
	}
	month, _ := strconv.Atoi(mmyy[:2])
	year, _ := strconv.Atoi(mmyy[2:])
	if month < 1 || month > 12 {
		return wrong
	}
	end := time.Date(2000+year, time.Month(month)+1, 1, 0, 0, 0, 0, time.FixedZone("CST", 8*3600))
	if !now.Before(end) {
		return core.Errorf(core.CodeInvalidRequest, "The card has expired.").At("card.expiry")
	}
	return nil
}

func digits(s string, least, most int) bool {
	if len(s) < least || len(s) > most {
		return false
	}
	for _, c := range s {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// cardOf is the card that the provider is told: the payer's, or the handle of a bound one.
func (s *Service) cardOf(ctx context.Context, tenant core.ID, account core.ProviderAccount, in core.CreatePaymentInput) (*core.Card, error) {
	if in.BoundCardID.IsZero() {
		if in.Card == nil {
			return nil, nil //nolint:nilnil // most methods have no card
		}
		card := *in.Card
		card.UserID = in.UserRef
		return &card, nil
	}
	saved, err := s.readCard(ctx, tenant, in.BoundCardID)
	if err != nil {
		return nil, err
	}
	if saved.AccountID != account.ID || saved.State != core.CardBound {
		return nil, core.Errorf(core.CodeInvalidRequest, "The card is not bound at the account that serves this payment; choose another card.").At("bound_card_id")
	}
	return &core.Card{BindID: saved.BindID, UserID: saved.UserRef}, nil
}

func (s *Service) readCard(ctx context.Context, tenant, id core.ID) (card core.SavedCard, err error) {
	err = s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) error {
		card, err = tx.Card(ctx, id)
		return err
	})
	return card, err
}
