package main

import "github.com/zhanggui-pay/zhanggui/plugins/sdk"

// The paths are settings of the account: the document names no path, and no two operators
// need to have put the products in the same place.
const (
	payoutPath  = "{payout_path}"
	quickPath   = "{quick_path}"
	scanPath    = "{scan_path}"
	gatewayPath = "{gateway_path}"
)

// grants: a call sends at most one request, and its keys are those of the products it may
// be about.
func grants() map[sdk.Capability]sdk.Grant {
	scan, quick, payout := md5Grant(scanPath), md5Grant(quickPath), payoutGrant()
	signOnly := sdk.Grant{Keys: md5Keys()}
	return map[sdk.Capability]sdk.Grant{
		sdk.CapCreatePayment:  md5Grant(scanPath, quickPath), // the gateway's is sent by the payer's browser
		sdk.CapConfirmPayment: quick,
		sdk.CapResendCode:     quick,
		sdk.CapQueryPayment:   md5Grant(scanPath, quickPath, gatewayPath),
		sdk.CapListPayments:   md5Grant(quickPath, gatewayPath),
		sdk.CapCancelPayment:  scan,
		sdk.CapClosePayment:   scan,
		sdk.CapCreateRefund:   scan,
		sdk.CapQueryRefund:    scan,
		sdk.CapCreatePayout:   payout,
		sdk.CapQueryPayout:    payout,
		sdk.CapListBalances:   payout,
		sdk.CapBindCard:       quick,
		sdk.CapUnbindCard:     quick,
		sdk.CapQueryCard:      quick,
		sdk.CapResolvePayer:   {}, // the payer's browser makes the requests
		sdk.CapCheckIn:        both(scan, payout),
		sdk.CapInbound:        signOnly,
	}
}

func md5Keys() []sdk.GrantKey {
	return []sdk.GrantKey{
		{Name: credMD5Key, Operations: []string{sdk.OpDigest}},
		{Name: credAgentKey, Operations: []string{sdk.OpDigest}},
	}
}

func md5Grant(paths ...string) sdk.Grant {
	g := sdk.Grant{Sends: 1, Keys: md5Keys()}
	for _, path := range paths {
		g.Requests = append(g.Requests, sdk.GrantRequest{Method: "POST", Path: path})
	}
	return g
}

// payoutGrant: sign and decrypt with our key, encrypt to the platform's.
func payoutGrant() sdk.Grant {
	return sdk.Grant{
		Sends:    1,
		Requests: []sdk.GrantRequest{{Method: "POST", Path: payoutPath}},
		Keys: []sdk.GrantKey{
			{Name: credPayoutKey, Operations: []string{sdk.OpSign, sdk.OpDecrypt}},
			{Name: credPlatformKey, Operations: []string{sdk.OpEncrypt}},
		},
	}
}

func both(a, b sdk.Grant) sdk.Grant {
	return sdk.Grant{
		Sends:    1,
		Requests: append(append([]sdk.GrantRequest(nil), a.Requests...), b.Requests...),
		Keys:     append(append([]sdk.GrantKey(nil), a.Keys...), b.Keys...),
	}
}
