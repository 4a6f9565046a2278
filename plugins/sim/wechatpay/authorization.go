package wechatpay

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
)

// The rules a violation can name beside those of package frame.
const (
	ruleTimestamp = "timestamp-window"
	ruleSerial    = "serial"
)

// authorization is what the header says.
type authorization struct {
	mchID, nonce, signature, timestamp, serial string
}

var pairForm = regexp.MustCompile(`^([a-z_]+)="([^"]*)"$`)

const malformed = "Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》"

// parseAuthorization reads scheme mchid="…",nonce_str="…",signature="…",timestamp="…",serial_no="…": each of the five
// once, in any order.
func parseAuthorization(header string) (a authorization, wrong string) {
	kind, list, _ := strings.Cut(header, " ")
	if kind != scheme {
		return a, "Http头Authorization认证类型不正确"
	}
	targets := map[string]*string{
		"mchid": &a.mchID, "nonce_str": &a.nonce, "signature": &a.signature, "timestamp": &a.timestamp, "serial_no": &a.serial,
	}
	for _, part := range strings.Split(list, ",") {
		pair := pairForm.FindStringSubmatch(strings.TrimSpace(part))
		if len(pair) != 3 || targets[pair[1]] == nil || pair[2] == "" {
			return a, malformed
		}
		*targets[pair[1]] = pair[2]
		delete(targets, pair[1])
	}
	if len(targets) > 0 {
		return a, malformed
	}
	return a, ""
}

var timestampForm = regexp.MustCompile(`^[1-9][0-9]{9}$`)

// authenticate finds whose key must have signed and verifies it. A refusal is not signed: only a rightly signed
// request has a signed reply.
func (s *Simulator) authenticate(req *request, r *http.Request, body []byte) *reply {
	headers := r.Header.Values("Authorization")
	if len(headers) != 1 {
		return s.unauthorized(req, frame.RuleHeader, "Http头缺少Authorization或重复出现", nil)
	}
	a, wrong := parseAuthorization(headers[0])
	req.mchID = a.mchID
	if wrong != "" {
		return s.unauthorized(req, frame.RuleHeader, wrong, nil)
	}
	merchant, known := s.merchants.find(a.mchID)
	if !known {
		answer := s.refuse(req, codeNoMerchant, frame.Problem{Field: "mchid", Rule: frame.RuleAccount, Message: words(codeNoMerchant)})
		answer.unsigned = true
		return &answer
	}
	if a.serial != merchant.Serial {
		return s.unauthorized(req, ruleSerial, "商户证书序列号有误，请使用签名私钥匹配的证书序列号", nil)
	}
	if !s.timely(a.timestamp) {
		return s.unauthorized(req, ruleTimestamp, "Http头Authorization中的timestamp与发起请求的时间不得超过5分钟", nil)
	}
	target := requestTarget(r)
	if !verify(merchant.PublicKey, requestText(r.Method, target, a.timestamp, a.nonce, body), a.signature) {
		return s.unauthorized(req, frame.RuleSignature, words(codeSign), mismatch(r.Method, target, a, body))
	}
	req.merchant = merchant
	return s.checkSerial(req, r)
}

// timely holds a request's timestamp, seconds, against the clock.
func (s *Simulator) timely(timestamp string) bool {
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || !timestampForm.MatchString(timestamp) {
		return false
	}
	away := s.now().Sub(time.Unix(seconds, 0))
	return away <= s.opts.TimestampWindow && away >= -s.opts.TimestampWindow
}

// checkSerial looks at the certificate or public key that the caller expects the reply to be signed with.
func (s *Simulator) checkSerial(req *request, r *http.Request) *reply {
	asked := r.Header.Values("Wechatpay-Serial")
	if len(asked) == 0 {
		return nil
	}
	known, err := s.knows(asked[0])
	if err != nil {
		answer := refused(codeSystem, err.Error())
		return &answer
	}
	if !known || len(asked) > 1 {
		answer := s.refuse(req, codeParam, frame.Problem{
			Field: "Wechatpay-Serial", Rule: ruleSerial, Message: "平台证书序列号Wechatpay-Serial错误",
		})
		return &answer
	}
	req.asked = asked[0]
	return nil
}

// requestTarget is the URL without its host, as it was sent: that is what was signed.
func requestTarget(r *http.Request) string {
	target := r.RequestURI
	if target == "" || !strings.HasPrefix(target, "/") {
		return r.URL.RequestURI() // absolute, through a proxy
	}
	return target
}

// mismatch is the detail of a wrong signature, with the beginning of what should have been signed.
func mismatch(method, target string, a authorization, body []byte) data {
	text := requestText(method, target, a.timestamp, a.nonce, body)
	shown := requestText(method, target, a.timestamp, a.nonce, body[:min(len(body), 8)])
	return data{
		"detail": data{"issue": "sign not match"}, "field": "signature", "location": "authorization",
		"sign_information": data{
			"method": method, "url": target, "sign_message_length": len(text), "truncated_sign_message": shown,
		},
	}
}

func (s *Simulator) unauthorized(req *request, rule, message string, detail data) *reply {
	answer := s.refuse(req, codeSign, frame.Problem{Field: "Authorization", Rule: rule, Message: message})
	answer.unsigned, answer.detail = true, detail
	return &answer
}

// checkTransport looks at the headers that the interface rules want.
func checkTransport(r *http.Request) []frame.Problem {
	var problems []frame.Problem
	add := func(field, rule, message string) {
		problems = append(problems, frame.Problem{Field: field, Rule: rule, Message: message})
	}
	if !slices.ContainsFunc(r.Header.Values("Accept"), acceptsJSON) {
		add("Accept", frame.RuleHeader, "Http头Accept应为application/json")
	}
	if r.Header.Get("User-Agent") == "" {
		add("User-Agent", frame.RuleHeader, "Http头缺少User-Agent")
	}
	if r.Header.Get("Content-Encoding") != "" {
		add("Content-Encoding", frame.RuleContentType, "请求主体不可以压缩")
	}
	if r.Method == http.MethodPost && !isJSON(r.Header.Get("Content-Type")) {
		add("Content-Type", frame.RuleContentType, "Http头Content-Type应为application/json")
	}
	return problems
}

func acceptsJSON(accept string) bool {
	for _, part := range strings.Split(accept, ",") {
		kind, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		if kind == "application/json" || kind == "*/*" || kind == "application/*" {
			return true
		}
	}
	return false
}
