package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/zhanggui-pay/zhanggui/core"
)

// cookieRule is how the session cookie is named and written.
type cookieRule struct {
	name   string
	secure bool
}

// newCookieRule takes the __Host- prefix when browsers allow it: with https.
func newCookieRule(secure bool) cookieRule {
	if secure {
		return cookieRule{name: "__Host-zhanggui", secure: true}
	}
	return cookieRule{name: "zhanggui"}
}

// set gives the Set-Cookie header for a new session.
func (r cookieRule) set(token core.Secret, expires, now time.Time) string {
	return r.write(string(token.Reveal()), max(int(expires.Sub(now)/time.Second), 1))
}

// clear gives the Set-Cookie header that takes the cookie away.
func (r cookieRule) clear() string { return r.write("", -1) }

func (r cookieRule) write(value string, maxAge int) string {
	c := http.Cookie{Name: r.name, Value: value, Path: "/", MaxAge: maxAge, HttpOnly: true, Secure: r.secure, SameSite: http.SameSiteStrictMode} //nolint:gosec // Secure is left out for plain http only, which is for development
	return c.String()
}

// checkOrigin refuses a request that another site made in the user's browser. Browsers
// say so in Sec-Fetch-Site, older ones in Origin; a program that sends neither still
// needs the session's token. Errors: CodeCSRF.
func (s *Server) checkOrigin(c *fiber.Ctx) error {
	if site := c.Get("Sec-Fetch-Site"); site != "" {
		if site == "same-origin" {
			return nil
		}
		return errForeign("Sec-Fetch-Site")
	}
	origin := c.Get(fiber.HeaderOrigin)
	if origin == "" || strings.EqualFold(origin, s.origin) {
		return nil
	}
	if s.opt.DevMode {
		if u, err := url.Parse(origin); err == nil && u.Host != "" && u.Host == c.Get(fiber.HeaderHost) {
			return nil
		}
	}
	return errForeign(fiber.HeaderOrigin)
}

func errForeign(header string) error {
	return core.Errorf(core.CodeCSRF, "The request came from another site than this console: open the console at its own address and try again.").At(header)
}
