package service

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	// robotText fits the shortest text that a robot takes: WeCom's 2,048 bytes.
	robotText = 2000
	mailText  = 20_000
	// shownAnswer is how much of a robot's words is kept.
	shownAnswer = 200
)

// alertRequest is the message in the channel's own form.
func alertRequest(c core.AlertChannel, secrets channelSecrets, letter alertLetter) (core.OutboundRequest, error) {
	req := core.OutboundRequest{URL: secrets.URL, Headers: map[string]string{"Content-Type": "application/json; charset=utf-8"}}
	var body any
	switch c.Type {
	case core.ChannelFeishu:
		body = feishuMessage(secrets.Secret, letter)
	case core.ChannelDingTalk:
		req.URL += dingTalkSignature(secrets.Secret, letter.at)
		body = robotMessage(letter)
	case core.ChannelWeCom:
		body = robotMessage(letter)
	case core.ChannelWebhook, core.ChannelMail:
		body = letter.document(c)
	}
	var err error
	if req.Body, err = json.Marshal(body); err != nil {
		return req, err
	}
	if c.Type == core.ChannelWebhook {
		signed, err := core.WebhookHeaders([]core.Secret{core.SecretString(secrets.Secret)}, "msg_"+letter.id.String(), letter.at, req.Body)
		if err != nil {
			return req, err
		}
		signed["Content-Type"] = req.Headers["Content-Type"]
		req.Headers = signed
	}
	return req, nil
}

// robotMessage is a text as WeCom's and DingTalk's robots take it.
func robotMessage(letter alertLetter) any {
	return map[string]any{"msgtype": "text", "text": map[string]string{"content": letter.text(robotText)}}
}

// dingTalkSignature is what DingTalk's robots want at the end of their address: the time in
// milliseconds, and the HMAC of time and secret under the secret.
func dingTalkSignature(secret string, at time.Time) string {
	if secret == "" {
		return ""
	}
	millis := strconv.FormatInt(at.UnixMilli(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = mac.Write([]byte(millis + "\n" + secret))
	return "&timestamp=" + millis + "&sign=" + url.QueryEscape(base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

// feishuMessage is a text as Feishu's robots take it, with the time in seconds.
func feishuMessage(secret string, letter alertLetter) any {
	body := map[string]any{"msg_type": "text", "content": map[string]string{"text": letter.text(robotText)}}
	if secret != "" {
		seconds := strconv.FormatInt(letter.at.Unix(), 10)
		body["timestamp"], body["sign"] = seconds, feishuSignature(secret, seconds)
	}
	return body
}

// feishuSignature is the HMAC of nothing under time and secret.
func feishuSignature(secret, seconds string) string {
	mac := hmac.New(sha256.New, []byte(seconds+"\n"+secret))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// alertVerdict says whether the message was taken. Robots answer 200 to everything; their
// words count.
func alertVerdict(t core.AlertChannelType, reply core.OutboundReply) error {
	if reply.Status/100 != 2 {
		return core.Errorf(core.CodeDeliveryFailed, "The receiver answered with the HTTP status %d.", reply.Status)
	}
	if t == core.ChannelWebhook {
		return nil
	}
	var said struct {
		ErrCode       *int64 `json:"errcode"` // WeCom, DingTalk
		ErrMsg        string `json:"errmsg"`
		Code          *int64 `json:"code"` // Feishu
		Msg           string `json:"msg"`
		StatusCode    *int64 `json:"StatusCode"`    //nolint:tagliatelle // Feishu's older robots
		StatusMessage string `json:"StatusMessage"` //nolint:tagliatelle // likewise
	}
	if err := json.Unmarshal(reply.Body, &said); err != nil {
		return core.Errorf(core.CodeDeliveryFailed, "The robot's answer cannot be read: the address may be that of something else.")
	}
	code, words := said.ErrCode, said.ErrMsg
	if t == core.ChannelFeishu {
		if code, words = said.Code, said.Msg; code == nil {
			code, words = said.StatusCode, said.StatusMessage
		}
	}
	switch {
	case code == nil:
		return core.Errorf(core.CodeDeliveryFailed, "The answer is not that of such a robot: the address may be that of something else.")
	case *code != 0:
		return core.Errorf(core.CodeDeliveryFailed, "The robot did not take the message: %d, %s", *code, cutBytes(strings.ToValidUTF8(words, "?"), shownAnswer))
	}
	return nil
}
