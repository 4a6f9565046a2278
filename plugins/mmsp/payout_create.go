package main

import (
	"cmp"
	"context"
	"strconv"

	"github.com/zhanggui-pay/zhanggui/plugins/mmsp/internal/payoutwire"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// PAYTYPE and ACCTYPE (代付 5.1.2). PAYTYPE 2 is the enterprise's e-bank, which a program
// cannot work; ACCTYPE 1 is a credit card, which the provider does not pay (trap P3).
const (
	payFromBalance = "1"
	payFromAdvance = "3"

	accountDebitCard = "0"
	accountCorporate = "2"
)

// defaultMemo stands where no purpose is given: MEMO is required.
const defaultMemo = "代付"

// CreatePayout pays out to a card or account (代付 5.1).
func (provider) CreatePayout(ctx context.Context, call *sdk.Call, req sdk.PayoutRequest) (sdk.PayoutResult, error) {
	set, err := settingsOf(call)
	if err != nil {
		return sdk.PayoutResult{}, err
	}
	if err := checkPayout(req, set.payoutMaximum()); err != nil {
		return sdk.PayoutResult{}, err
	}
	party := payoutParty(call, set)
	reply, err := payoutwire.Post(ctx, call, party, payoutwire.CommandPayout, payoutFields(req))
	if err != nil {
		return noPayout(err)
	}
	return reply.Result(reply.Created(), payoutwire.Payout{Merchant: party.Merchant, OrderNo: req.OrderNo, Amount: req.Amount}), nil
}

// payoutFields are the document's, BUSITYPE spelled as the platform reads it (printed BUSIYPE).
func payoutFields(req sdk.PayoutRequest) map[string]string {
	fields := map[string]string{
		"ORDERNO": req.OrderNo, "AMT": strconv.FormatInt(req.Amount.Minor, 10),
		"BUSITYPE": cmp.Or(req.Extra[extraBusinessType], defaultBusinessType), "MEMO": cmp.Or(req.Purpose, defaultMemo),
		"ACCNAME": req.PayeeName.Text(), "ACCNO": req.PayeeNumber.Text(), "MOBILE": req.Phone.Text(), "IDCARD": req.IDNumber.Text(),
		"PAYTYPE": payFromBalance, "ACCTYPE": accountDebitCard,
		"BANKNAME": req.BankName, "BANKPROV": req.Province, "BANKCITY": req.City,
		"CHLNO": req.Channel, "CHLMERNO": req.Extra[extraChannelMerchant],
	}
	if req.Source == sdk.SourceAdvance {
		fields["PAYTYPE"] = payFromAdvance
	}
	if req.PayeeType == sdk.PayeeBusiness {
		fields["ACCTYPE"], fields["BANKSETTLENO"], fields["BANKBRANCHNAME"] = accountCorporate, req.BranchCode, req.BranchName
		return fields
	}
	// A private account has no BANKSETTLENO (对私账户: 不传). The sample that is to be followed
	// strictly has the branch's number in the field of its name (trap P5).
	fields["BANKBRANCHNAME"] = cmp.Or(req.BranchCode, req.BranchName)
	return fields
}
