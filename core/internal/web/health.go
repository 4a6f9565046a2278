package web

import (
	"context"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/zhanggui-pay/zhanggui/core/api"
)

// readyTimeout bounds the checks, so that a hanging dependency makes a node unready and
// not silent.
const readyTimeout = 5 * time.Second

// health runs the checks. Draining fails first: a balancer must stop sending before
// anything else changes.
func (s *Server) health(ctx context.Context) api.Health {
	out := api.Health{Ok: true, Checks: []api.HealthCheck{}}
	add := func(c Check) {
		out.Ok = out.Ok && c.OK
		out.Checks = append(out.Checks, api.HealthCheck{Name: c.Name, Ok: c.OK, Message: c.Message})
	}
	if s.draining.Load() {
		add(Check{Name: "node", Message: "This node is shutting down: send requests to another one."})
	} else {
		add(Check{Name: "node", OK: true, Message: "This node takes requests."})
	}
	if s.opt.Readiness != nil {
		ctx, cancel := context.WithTimeout(ctx, readyTimeout)
		defer cancel()
		for _, c := range s.opt.Readiness(ctx) {
			add(c)
		}
	}
	return out
}

func (s *Server) livez(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.SendString("ok\n")
}

func (s *Server) readyz(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	h := s.health(c.UserContext())
	if !h.Ok {
		c.Status(http.StatusServiceUnavailable)
	}
	return c.JSON(h)
}

// Admin serves /metrics, /livez and /readyz. It belongs on a listener that the public
// cannot reach.
func (s *Server) Admin() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { writePlain(w, http.StatusOK, "ok\n") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		h, status, lines := s.health(r.Context()), http.StatusOK, ""
		if !h.Ok {
			status = http.StatusServiceUnavailable
		}
		for _, c := range h.Checks {
			mark := "ok   "
			if !c.Ok {
				mark = "FAIL "
			}
			lines += mark + c.Name + ": " + c.Message + "\n"
		}
		writePlain(w, status, lines)
	})
	return mux
}

func writePlain(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}
