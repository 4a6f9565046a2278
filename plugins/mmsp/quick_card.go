package main

import (
	"strings"

	"github.com/zhanggui-pay/zhanggui/plugins/mmsp/internal/wire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// The lengths of the tables in quick 5.
const (
	maxCardNumber = 20
	maxUserID     = 32
	maxBindID     = 32
	maxListID     = 32
	maxHolder     = 32
	maxHolderID   = 32
	maxSMSCode    = 6
	expiryDigits  = 4
	cvn2Digits    = 3
	mobileDigits  = 11
)

// CARDTYPE (quick 5.3.2).
const (
	cardTypeDebit  = "1"
	cardTypeCredit = "2"
)

// cardFields are the elements of a card that QP2 and QP3 send alike. EXPDATE and CVN2 belong
// to a credit card only, whatever the sample shows (trap Q20).
func cardFields(card sdk.Card) (map[string]string, error) {
	if err := checkCard(card); err != nil {
		return nil, err
	}
	fields := map[string]string{
		"CARDNO": card.Number.Text(), "CARDTYPE": cardTypeDebit, "NAME": card.HolderName.Text(), "ID_NO": card.IDNumber.Text(), "PHONENO": card.Phone.Text(),
		"USER_ID": card.UserID,
	}
	if card.Type == sdk.CardCredit {
		fields["CARDTYPE"], fields["EXPDATE"], fields["CVN2"] = cardTypeCredit, card.Expiry.Text(), card.CVN2.Text()
	}
	return fields, nil
}

func checkCard(card sdk.Card) error {
	if err := checkCardNumber(card); err != nil {
		return err
	}
	if err := checkPhone(card); err != nil {
		return err
	}
	if card.HolderName.Empty() || card.IDNumber.Empty() {
		return invalid("card", "A card needs its holder's name and the number of the holder's identity card.")
	}
	if err := checkText("card.holder_name", card.HolderName.Text(), maxHolder); err != nil {
		return err
	}
	if err := checkText("card.id_number", card.IDNumber.Text(), maxHolderID); err != nil {
		return err
	}
	if err := checkText("card.user_id", card.UserID, maxUserID); err != nil {
		return err
	}
	switch card.Type {
	case sdk.CardDebit:
		return nil
	case sdk.CardCredit:
		return checkCredit(card)
	default:
		return invalid("card.type", "Say whether the card is a debit or a credit card; %q is neither.", card.Type)
	}
}

// checkCredit wants the expiry as MMYY, four digits and a month (trap Q20).
func checkCredit(card sdk.Card) error {
	expiry := card.Expiry.Text()
	if !digits(expiry, expiryDigits, expiryDigits) || expiry[:2] < "01" || expiry[:2] > "12" {
		return invalid("card.expiry", "A credit card needs its expiry as four digits, the month and then the year (MMYY).")
	}
	if !digits(card.CVN2.Text(), cvn2Digits, cvn2Digits) {
		return invalid("card.cvn2", "A credit card needs the %d digits on its back (CVN2).", cvn2Digits)
	}
	return nil
}

func checkCardNumber(card sdk.Card) error {
	if !digits(card.Number.Text(), 1, maxCardNumber) {
		return invalid("card.number", "The card's number must be 1 to %d digits.", maxCardNumber)
	}
	return nil
}

func checkPhone(card sdk.Card) error {
	if !digits(card.Phone.Text(), mobileDigits, mobileDigits) {
		return invalid("card.phone", "The holder's mobile number must be %d digits.", mobileDigits)
	}
	return nil
}

func checkCode(code sdk.Secret) error {
	if !digits(code.Text(), 1, maxSMSCode) {
		return invalid("code", "The code from the SMS must be 1 to %d digits.", maxSMSCode)
	}
	return nil
}

// checkHandle looks at a bound card's handle, and at its owner where the message names one.
func checkHandle(bindID, userID string, owner bool) error {
	if bindID == "" || len(bindID) > maxBindID {
		return invalid("card.bind_id", "Name the bound card: its BIND_ID has 1 to %d bytes.", maxBindID)
	}
	if owner && userID == "" {
		return invalid("card.user_id", "Name the payer as when the card was bound (USER_ID).")
	}
	return checkText("card.user_id", userID, maxUserID)
}

func digits(text string, least, most int) bool {
	return len(text) >= least && len(text) <= most && strings.Trim(text, "0123456789") == ""
}

// boundCard is the handle that a reply gives, or nil. The name of the payer is the request's:
// not every reply repeats it.
func boundCard(r wire.Reply, userID string) *sdk.BoundCard {
	bindID := r.Body.Text("BIND_ID")
	if bindID == "" {
		return nil
	}
	return &sdk.BoundCard{
		BindID: bindID, UserID: userID, Masked: maskCard(r.Body.Text("CARDNO")), BankName: r.Body.Text("BANK_NAME"),
		CardType: cardTypes[r.Body.Text("CARDTYPE")], Phone: maskPhone(r.Body.Text("PHONENO")),
	}
}

var cardTypes = map[string]string{cardTypeDebit: sdk.CardDebit, cardTypeCredit: sdk.CardCredit}

// maskCard keeps the first 6 and the last 4 characters of a card's number.
func maskCard(number string) string { return mask(number, 6, 4) }

// maskPhone keeps the first 3 and the last 4 digits of a mobile number.
func maskPhone(number string) string { return mask(number, 3, 4) }

// mask hides all of a text that is too short to hide at least one character of.
func mask(text string, first, last int) string {
	n := len(text)
	if n <= first+last {
		return strings.Repeat("*", n)
	}
	return text[:first] + strings.Repeat("*", n-first-last) + text[n-last:]
}
