package payoutwire

import (
	"slices"
	"strings"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// The codes that the document gives a verdict on (seed 003, 代付 6.2, 注), and those that a
// query needs.
const (
	codeSuccess         = "0000" // then PAYSTATE decides
	codeQuery           = "0001" // ask, whatever PAYSTATE says
	codeSignature       = "1006"
	codeNoOrder         = "1028" // the merchant's number is not known
	codeNoPlatformOrder = "1029" // the platform's number is not known
)

// refusals are the codes whose wording leaves no doubt that the platform did not take the
// message. What is missing from the document's list here leaves doubt: 1008 (the number was
// used: the payout exists), 1009, 1037, 1038, 1040, 1046 and 1047 (trap P14), 1027 to 1029,
// which answer a query only. So does every code outside the list, which "is updated from
// time to time".
var refusals = strings.Fields(`
	0002 1001 1002 1003 1004 1005 1006 1007 1010 1011 1012 1013 1014 1015 1017 1018 1019
	1020 1021 1022 1023 1024 1025 1026 1030 1031 1032 1033 1034 1035 1036 1039 1045 1048 1049`)

// doubts are the listed codes that are not among the refusals.
var doubts = strings.Fields("1008 1009 1037 1038 1040 1046 1047")

// SignatureRefused says that the platform did not accept the merchant's signature.
func (r Reply) SignatureRefused() bool { return r.Code == codeSignature }

// Created is what the reply to a payout means for it.
func (r Reply) Created() sdk.Outcome {
	switch {
	case r.Code == codeSuccess:
		return r.state()
	case slices.Contains(refusals, r.Code):
		return sdk.OutcomeRefused
	default:
		return sdk.OutcomeUnknown
	}
}

// Queried is what the reply to a query by our own number means for the payout. A code other
// than 0000 leaves the payout as it was.
func (r Reply) Queried() sdk.Outcome {
	switch {
	case r.Code == codeSuccess:
		return r.state()
	case r.Code == codeNoOrder:
		return sdk.OutcomeNotFound
	case slices.Contains(refusals, r.Code), slices.Contains(doubts, r.Code), r.Code == "1027":
		return sdk.OutcomeRefused
	default:
		return sdk.OutcomeUnknown // 0001, 1029 (we asked by the other number) and what is not listed
	}
}

// Listed is what the reply to a balance query means: no money moves by it.
func (r Reply) Listed() sdk.Outcome {
	switch {
	case r.Code == codeSuccess && r.Fields != nil:
		return sdk.OutcomeSucceeded
	case r.Code == codeSuccess, r.Code == codeQuery:
		return sdk.OutcomeUnknown
	default:
		return sdk.OutcomeRefused
	}
}

// The states of a payout, PAYSTATE. 4 is not in the document; the platform sends it when the
// bank gave the money back. 5 is printed for a query only and read in both.
const (
	statePaid     = "1"
	statePaying   = "2"
	stateFailed   = "3"
	stateReturned = "4"
	stateInReview = "5"
)

func (r Reply) state() sdk.Outcome {
	switch r.Fields.Text("PAYSTATE") {
	case statePaid:
		return sdk.OutcomeSucceeded
	case statePaying, stateInReview:
		return sdk.OutcomeInProgress
	case stateFailed, stateReturned:
		return sdk.OutcomeFailed
	default:
		return sdk.OutcomeUnknown
	}
}
