package web

import (
	"bytes"
	"context"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/zhanggui-pay/zhanggui/core"
)

// gatedRouter registers the generated routes, each behind its operation's gate. The
// gate is bound to the matched route, so that no spelling of a path gets around it.
type gatedRouter struct {
	fiber.Router

	server *Server
}

func (r gatedRouter) add(method, path string, h []fiber.Handler) fiber.Router {
	op, ok := r.server.ops[method+" "+path]
	if !ok {
		// Cannot happen: routes and table come from one document; closed if it does.
		h = []fiber.Handler{func(*fiber.Ctx) error { return fiber.ErrNotFound }}
		return r.Add(method, path, h...)
	}
	h = append([]fiber.Handler{func(c *fiber.Ctx) error { return r.server.gate(c, op) }}, h...)
	if method == http.MethodGet {
		return r.Router.Get(path, h...)
	}
	return r.Add(method, path, h...)
}

// Get, Post, Put, Patch and Delete are the ones the generated code calls.
func (r gatedRouter) Get(path string, h ...fiber.Handler) fiber.Router {
	return r.add(http.MethodGet, path, h)
}

// Post registers behind the gate.
func (r gatedRouter) Post(path string, h ...fiber.Handler) fiber.Router {
	return r.add(http.MethodPost, path, h)
}

// Put registers behind the gate.
func (r gatedRouter) Put(path string, h ...fiber.Handler) fiber.Router {
	return r.add(http.MethodPut, path, h)
}

// Patch registers behind the gate.
func (r gatedRouter) Patch(path string, h ...fiber.Handler) fiber.Router {
	return r.add(http.MethodPatch, path, h)
}

// Delete registers behind the gate.
func (r gatedRouter) Delete(path string, h ...fiber.Handler) fiber.Router {
	return r.add(http.MethodDelete, path, h)
}

// gate lets a request to its handler: who sends it, may this node be asked so often, is
// the request what the document says. It sets the deadline and the identity.
func (s *Server) gate(c *fiber.Ctx, op *operation) error {
	info := infoOf(c)
	var badWait error
	if op.waits {
		info.wait, badWait = parseWait(c.Get(headerPrefer))
	}
	limit := s.opt.Limits.Request
	if op.slow {
		limit = s.opt.Limits.Provider + info.wait
	}
	ctx, cancel := context.WithTimeout(c.UserContext(), limit)
	defer cancel()
	c.SetUserContext(ctx)

	if err := s.admit(c, op, info); err != nil {
		return err
	}
	if badWait != nil {
		return badWait
	}
	if err := op.checkParameters(c); err != nil {
		return err
	}
	if !op.upload && len(c.Request().Body()) > s.opt.Limits.Body {
		return core.Errorf(core.CodeBodyTooLarge, "The body is too large: at most %d bytes.", s.opt.Limits.Body)
	}
	if err := op.checkRequestBody(c); err != nil {
		return err
	}
	if op.hashes {
		release, err := s.passwordTurn(ctx)
		if err != nil {
			return err
		}
		defer release()
	}
	return c.Next()
}

// passwordTurn waits for one of the places for checking passwords, so that many sign-ins
// at once cannot take the node's memory.
func (s *Server) passwordTurn(ctx context.Context) (release func(), err error) {
	select {
	case s.passwords <- struct{}{}:
		return func() { <-s.passwords }, nil
	case <-ctx.Done():
		return nil, core.Errorf(core.CodeRateLimited, "Too many sign-ins at once: try again in a moment.")
	}
}

// admit finds the caller and holds it to its rate.
func (s *Server) admit(c *fiber.Ctx, op *operation, info *requestInfo) error {
	now := s.opt.Clock()
	if op.public {
		return s.admitAnyone(c, op, info, now)
	}
	if !s.refusals.left(network(info.ip), now) {
		return errTooMany()
	}
	id, err := s.authenticate(c, op)
	if err != nil {
		if core.CodeOf(err) == core.CodeUnauthenticated {
			s.refusals.allow(network(info.ip), now)
		}
		return err
	}
	id.IP, id.RequestID, id.Language = info.ip, info.requestID, info.language
	if !s.callers.allow(id.Actor, now) {
		return errTooMany()
	}
	c.Locals(localIdentity, id)
	c.SetUserContext(core.WithIdentity(c.UserContext(), id))
	return nil
}

func (s *Server) admitAnyone(c *fiber.Ctx, op *operation, info *requestInfo, now time.Time) error {
	if op.unsafe() {
		if err := s.checkOrigin(c); err != nil {
			return err
		}
	}
	if op.login && !s.logins.allow(network(info.ip), now) {
		return core.Errorf(core.CodeRateLimited, "Too many sign-ins from this address: wait a little and try again.")
	}
	return nil
}

func errTooMany() error {
	return core.Errorf(core.CodeRateLimited, "Too many requests: slow down and try again.")
}

// authenticate reads an API key or a session. A request that carries an Authorization
// header is judged by it alone: browsers do not send one by themselves, so it needs no
// CSRF token.
func (s *Server) authenticate(c *fiber.Ctx, op *operation) (core.Identity, error) {
	tenant, err := namedTenant(c)
	if err != nil {
		return core.Identity{}, err
	}
	if auth := c.Request().Header.PeekAll(fiber.HeaderAuthorization); len(auth) > 0 {
		return s.authenticateKey(c, auth, tenant)
	}
	token := c.Cookies(s.cookie.name)
	if token == "" {
		return core.Identity{}, core.Errorf(core.CodeUnauthenticated, "Sign in, or send an API key as Authorization: Bearer ….")
	}
	id, session, err := s.opt.People.Authenticate(c.UserContext(), core.SecretString(token), tenant)
	if err != nil {
		return id, err
	}
	if op.unsafe() {
		if err := s.checkOrigin(c); err != nil {
			return core.Identity{}, err
		}
		if err := s.opt.People.CheckCSRF(session, c.Get(headerCSRF)); err != nil {
			return core.Identity{}, err
		}
	}
	return id, nil
}

func (s *Server) authenticateKey(c *fiber.Ctx, headers [][]byte, tenant core.ID) (core.Identity, error) {
	scheme, key, _ := strings.Cut(string(headers[0]), " ")
	key = strings.TrimSpace(key)
	if len(headers) > 1 || !strings.EqualFold(scheme, "Bearer") || key == "" || len(key) > 512 {
		return core.Identity{}, core.Errorf(core.CodeUnauthenticated, "Send one API key as Authorization: Bearer ….").At(fiber.HeaderAuthorization)
	}
	id, err := s.opt.People.AuthenticateKey(c.UserContext(), core.SecretString(key), infoOf(c).ip)
	if err != nil {
		return id, err
	}
	// A key belongs to one merchant; naming another is like naming one that is not there.
	if !tenant.IsZero() && tenant != id.TenantID {
		return core.Identity{}, core.NotFound("merchant").At(headerTenant)
	}
	return id, nil
}

// namedTenant reads the merchant a caller chose, or zero.
func namedTenant(c *fiber.Ctx) (core.ID, error) {
	values := c.Request().Header.PeekAll(headerTenant)
	switch {
	case len(values) == 0 || len(values[0]) == 0:
		return core.ID{}, nil
	case len(values) > 1:
		return core.ID{}, core.Errorf(core.CodeInvalidRequest, "The header %s stands more than once: send it once.", headerTenant).At(headerTenant)
	}
	id, err := core.ParsePrefixed(core.PrefixTenant, string(values[0]))
	if err != nil {
		return core.ID{}, core.NotFound("merchant").At(headerTenant)
	}
	return id, nil
}

// checkRequestBody holds the body against the document.
func (o *operation) checkRequestBody(c *fiber.Ctx) error {
	body := c.Request().Body()
	if o.raw {
		return checkChunk(c, body)
	}
	if o.body == nil {
		if trimmed := bytes.TrimSpace(body); len(trimmed) > 0 && !bytes.Equal(trimmed, []byte("{}")) {
			return core.Errorf(core.CodeInvalidRequest, "This request takes no body: leave it out.")
		}
		return nil
	}
	media, params, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	if err != nil || media != fiber.MIMEApplicationJSON {
		return core.Errorf(core.CodeUnsupportedEncoding, "Send the body as JSON, with the header Content-Type: application/json.").At(fiber.HeaderContentType)
	}
	if charset := params["charset"]; charset != "" && !strings.EqualFold(charset, "utf-8") {
		return core.Errorf(core.CodeUnsupportedEncoding, "Send the body as UTF-8.").At(fiber.HeaderContentType)
	}
	return checkBody(body, o.body)
}

// checkChunk wants a part of a file as it is.
func checkChunk(c *fiber.Ctx, body []byte) error {
	media, _, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	switch {
	case err != nil || media != fiber.MIMEOctetStream:
		return core.Errorf(core.CodeUnsupportedEncoding, "Send the bytes of the file, with the header Content-Type: application/octet-stream.").At(fiber.HeaderContentType)
	case len(body) == 0:
		return core.Errorf(core.CodeInvalidRequest, "The body is empty: send a part of the file.")
	case len(body) > core.ChunkBytes:
		return core.Errorf(core.CodeBodyTooLarge, "A part of a file has at most %d bytes.", core.ChunkBytes)
	}
	return nil
}
