package mmsp

import (
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/faults"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
)

// The pages of the scan product. The wake-up page's path is printed (10.1); the other's is to be asked for (10.2).
const (
	PathWakeUp   = "/payopenplath5/wxh5pay"
	PathIdentity = "/payopenplath5/identity"
)

// tradetype of 10.2, which of 10.1 knows only the first.
const (
	inWechat = "1"
	inAlipay = "2"
)

func (s *Simulator) scanPages() []*page {
	return []*page{
		{
			name: OpScanWakeUp, path: PathWakeUp, run: s.wakeUp, check: s.wakeUpMerchant,
			fields: []frame.Field{
				{Name: "memo", Required: true, MaxBytes: 15},
				{Name: "termno", Required: true, MaxBytes: 8},
				{Name: "merurl", Required: true, Check: func(value string) string {
					_, wrong := returnAddress(value)
					return wrong
				}},
				{Name: "tradetype", Required: true, MaxBytes: 1, Check: oneOf(inWechat)},
			},
		},
		{
			name: OpScanIdentity, path: PathIdentity, run: s.identity, check: s.knownMerchant,
			fields: []frame.Field{
				{Name: "merurl", Required: true, Check: addressForm},
				{Name: "merno", Required: true, MaxBytes: 15},
				{Name: "tradetype", Required: true, MaxBytes: 1, Check: oneOf(inWechat, inAlipay)},
			},
		},
	}
}

// returnAddress decodes merurl of the wake-up page. A `+` that was not URL-escaped has become a space by now.
func returnAddress(value string) (address, wrong string) {
	raw, err := base64.StdEncoding.Strict().DecodeString(value)
	if err != nil {
		return "", "应为base64_encode并经urlencode的地址"
	}
	return string(raw), addressForm(string(raw))
}

func (s *Simulator) wakeUpMerchant(query frame.Object) []frame.Problem {
	m := s.merchants.find(query.Text("memo"))
	if m == nil {
		return []frame.Problem{{Field: "memo", Rule: frame.RuleAccount, Message: "商户不存在"}}
	}
	if query.Text("termno") != m.TermNo {
		return []frame.Problem{{Field: "termno", Rule: frame.RuleAccount, Message: "终端不属于该商户"}}
	}
	return nil
}

func (s *Simulator) knownMerchant(query frame.Object) []frame.Problem {
	if s.merchants.find(query.Text("merno")) == nil {
		return []frame.Problem{{Field: "merno", Rule: frame.RuleAccount, Message: "商户不存在"}}
	}
	return nil
}

// wakeUp stands for WeChat opening: it sends the browser on to the merchant's page, as WeChat would (10.1).
func (s *Simulator) wakeUp(w http.ResponseWriter, v *visit) {
	address, _ := returnAddress(v.query.Text("merurl"))
	http.Redirect(w, v.http, address, http.StatusFound)
}

// identity sends the payer back with token_id, the OPENID or USER_ID (10.2). The fault fail leaves it out, as when the
// payer does not agree.
func (s *Simulator) identity(w http.ResponseWriter, v *visit) {
	address := v.query.Text("merurl")
	if v.decision.Is(faults.Fail) {
		http.Redirect(w, v.http, address, http.StatusFound)
		return
	}
	token, err := s.token(8)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if v.query.Text("tradetype") == inWechat {
		token = "oSIM-" + token
	} else {
		token = "2088" + digitsOf(token)
	}
	http.Redirect(w, v.http, withParameter(address, "token_id="+token), http.StatusFound)
}

// withParameter adds a parameter to an address that may have others, or a fragment.
func withParameter(address, parameter string) string {
	address, fragment, hasFragment := strings.Cut(address, "#")
	separator := "?"
	if strings.Contains(address, "?") {
		separator = "&"
	}
	address += separator + parameter
	if hasFragment {
		address += "#" + fragment
	}
	return address
}

// digitsOf turns hexadecimal digits into decimal ones, for an Alipay USER_ID has no others.
func digitsOf(hexadecimal string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' {
			return r - 'a' + '0'
		}
		return r
	}, hexadecimal)[:12]
}
