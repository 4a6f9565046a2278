package web

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/zhanggui-pay/zhanggui/core"
)

// maxInbound bounds what a provider may send us.
const maxInbound = 64 << 10

// inboundRoutes are for providers and payers' browsers: no session, no API key. What comes
// there is verified, or proves nothing.
func (s *Server) inboundRoutes(app *fiber.App) {
	app.Get("/in/:address", s.receive)
	app.Post("/in/:address", s.receive)
	app.Get("/pay/:token", s.openAction)
	app.Get("/payer/:token", s.returnPayer)
}

// receive takes a request under an account's callback address: the token and one letter.
func (s *Server) receive(c *fiber.Ctx) error {
	address := c.Params("address")
	if len(address) != core.CallbackTokenLength+1 {
		return core.NotFound("callback address")
	}
	info, now := infoOf(c), s.opt.Clock()
	if !s.refusals.left(network(info.ip), now) || !s.inbound.allow(address, now) {
		return errTooMany()
	}
	body := c.Request().Body()
	if len(body) > maxInbound {
		return core.Errorf(core.CodeBodyTooLarge, "A callback may have %d bytes.", maxInbound)
	}
	ctx, cancel := context.WithTimeout(c.UserContext(), s.opt.Limits.Provider)
	defer cancel()
	token, kind := address[:core.CallbackTokenLength], address[core.CallbackTokenLength:]
	answer, err := s.opt.Inbound.Receive(ctx, token, core.InboundRequest{
		Kind: kind, Method: c.Method(), Path: c.Path(), Query: string(c.Request().URI().QueryString()), Headers: headersOf(c), Body: bytes.Clone(body),
	}, info.ip)
	if core.CodeOf(err) == core.CodeNotFound {
		s.refusals.allow(network(info.ip), now) // somebody tries addresses
	}
	if err != nil {
		return err
	}
	for name, value := range answer.Headers {
		c.Set(name, value)
	}
	if answer.Status == 0 {
		answer.Status = http.StatusOK
	}
	return c.Status(answer.Status).Send(answer.Body)
}

// headersOf gives the request's headers; one that stands more than once is joined, as a
// signature over one of two would be.
func headersOf(c *fiber.Ctx) map[string]string {
	out := map[string]string{}
	for name, values := range c.GetReqHeaders() {
		if !strings.EqualFold(name, fiber.HeaderCookie) {
			out[name] = strings.Join(values, ", ")
		}
	}
	return out
}

// formPage posts by itself; without scripts the payer presses the button.
var formPage = template.Must(template.New("form").Parse(`<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>正在前往支付页面 · To the payment page</title></head>
<body><form id="form" method="post" action="{{.Action}}" accept-charset="utf-8">
{{range $name, $value := .Fields}}<input type="hidden" name="{{$name}}" value="{{$value}}">
{{end}}<p>正在前往支付页面… Taking you to the payment page…</p>
<button type="submit">继续 · Continue</button></form>
<script nonce="{{.Nonce}}">document.getElementById('form').submit()</script></body></html>
`))

// openAction shows the payer's browser what the provider wants it to send, once.
func (s *Server) openAction(c *fiber.Ctx) error {
	if !s.inbound.allow(network(infoOf(c).ip), s.opt.Clock()) {
		return s.payerPage(c, errTooMany())
	}
	ctx, cancel := context.WithTimeout(c.UserContext(), s.opt.Limits.Request)
	defer cancel()
	action, err := s.opt.Inbound.OpenAction(ctx, c.Params("token"))
	if err != nil {
		return s.payerPage(c, err)
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	if action.Type == core.ActionHTML {
		// The provider's page in an origin of its own: it cannot reach anything of ours.
		c.Set(fiber.HeaderContentSecurityPolicy, "sandbox allow-forms allow-scripts allow-top-navigation allow-popups; frame-ancestors 'none'")
		return c.SendString(action.HTML)
	}
	return s.sendForm(c, action)
}

func (s *Server) sendForm(c *fiber.Ctx, action core.NextAction) error {
	target, err := url.Parse(action.URL)
	if err != nil || target.Host == "" || target.Scheme != "https" && target.Scheme != "http" {
		return s.payerPage(c, core.Errorf(core.CodeNotFound, "The provider's address is no web address."))
	}
	var raw [16]byte
	_, _ = rand.Read(raw[:])
	nonce := base64.RawStdEncoding.EncodeToString(raw[:])
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; script-src 'nonce-"+nonce+"'; form-action "+target.Scheme+"://"+target.Host)
	var page bytes.Buffer
	err = formPage.Execute(&page, struct {
		Action string
		Nonce  string
		Fields map[string]string // a template goes through them by name
	}{action.URL, nonce, action.Fields})
	if err != nil {
		return err //nolint:wrapcheck // a template that was parsed does not fail on plain text
	}
	return c.Send(page.Bytes())
}

// returnPayer takes a payer's browser back from the provider and on to the tenant's page.
func (s *Server) returnPayer(c *fiber.Ctx) error {
	if !s.inbound.allow(network(infoOf(c).ip), s.opt.Clock()) {
		return s.payerPage(c, errTooMany())
	}
	ctx, cancel := context.WithTimeout(c.UserContext(), s.opt.Limits.Provider)
	defer cancel()
	query := map[string]string{}
	for name, value := range c.Request().URI().QueryArgs().All() {
		query[string(name)] = string(value)
	}
	page, err := s.opt.Inbound.ReturnPayer(ctx, c.Params("token"), query)
	if err != nil {
		return s.payerPage(c, err)
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Redirect(page, http.StatusFound)
}

var sorryPage = template.Must(template.New("sorry").Parse(`<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>无法打开 · Cannot be opened</title></head>
<body><h1>此页面无法打开</h1><p>链接已使用、已过期或不完整。请返回商户页面重新下单。</p><h1 lang="en">This page cannot be opened</h1><p lang="en">{{.}}</p></body></html>
`))

// payerPage tells a payer, who knows nothing of problem+json, what went wrong.
func (s *Server) payerPage(c *fiber.Ctx, err error) error {
	e := s.expected(c, err)
	s.logFailure(c, e, err, s.statuses[e.Code])
	c.Locals(localCode, string(e.Code))
	var page bytes.Buffer
	if err := sorryPage.Execute(&page, e.Message); err != nil {
		return err //nolint:wrapcheck // as above
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'")
	return c.Status(s.statuses[e.Code]).Send(page.Bytes())
}
