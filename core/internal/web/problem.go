package web

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

const problemJSON = "application/problem+json"

// statuses is the one table from codes to HTTP statuses.
func statuses() map[core.Code]int {
	return map[core.Code]int{
		core.CodeInvalidRequest:      http.StatusBadRequest,
		core.CodeInvalidAmount:       http.StatusBadRequest,
		core.CodeInvalidPayerCode:    http.StatusUnprocessableEntity,
		core.CodeInvalidCredential:   http.StatusUnprocessableEntity,
		core.CodeUnsupportedEncoding: http.StatusUnsupportedMediaType,
		core.CodeBodyTooLarge:        http.StatusRequestEntityTooLarge,
		core.CodeRequestTimeout:      http.StatusRequestTimeout,
		core.CodeUnauthenticated:     http.StatusUnauthorized,
		core.CodeLoginFailed:         http.StatusUnauthorized,
		core.CodeLocked:              http.StatusTooManyRequests,
		core.CodeTOTPRequired:        http.StatusUnauthorized,
		core.CodeStepUpRequired:      http.StatusForbidden,
		core.CodeCSRF:                http.StatusForbidden,
		core.CodeForbidden:           http.StatusForbidden,
		core.CodeNotFound:            http.StatusNotFound,
		core.CodeMethodNotAllowed:    http.StatusMethodNotAllowed,
		core.CodeTenantRequired:      http.StatusBadRequest,
		core.CodeTenantSuspended:     http.StatusConflict,
		core.CodeConflict:            http.StatusConflict,
		core.CodeOrderNoUsed:         http.StatusConflict,
		core.CodeIdempotencyMismatch: http.StatusUnprocessableEntity,
		core.CodeIdempotencyInFlight: http.StatusConflict,
		core.CodeIdempotencyRequired: http.StatusBadRequest,
		core.CodeInvalidState:        http.StatusConflict,
		core.CodeRefundExceeds:       http.StatusUnprocessableEntity,
		core.CodeRefundInFlight:      http.StatusConflict,
		core.CodeNoAccount:           http.StatusUnprocessableEntity,
		core.CodeAccountNotLive:      http.StatusConflict,
		core.CodeNotSupported:        http.StatusUnprocessableEntity,
		core.CodeProviderUnavailable: http.StatusServiceUnavailable,
		core.CodeProviderRefused:     http.StatusUnprocessableEntity,
		core.CodePluginPending:       http.StatusServiceUnavailable,
		core.CodePluginRefused:       http.StatusUnprocessableEntity,
		core.CodeKeysUnavailable:     http.StatusServiceUnavailable,
		core.CodeDatabaseUnavailable: http.StatusServiceUnavailable,
		core.CodeOutcomeUnknown:      http.StatusServiceUnavailable,
		core.CodeTooEarly:            http.StatusTooManyRequests,
		core.CodeLinkUsed:            http.StatusGone,
		core.CodeInvalidURL:          http.StatusUnprocessableEntity,
		core.CodeDeliveryFailed:      http.StatusBadGateway,
		core.CodeOwnRequest:          http.StatusForbidden,
		core.CodeApprovalExpired:     http.StatusUnprocessableEntity,
		core.CodeApprovalNeeded:      http.StatusUnprocessableEntity,
		core.CodeFrozen:              http.StatusUnprocessableEntity,
		core.CodeLimitExceeded:       http.StatusUnprocessableEntity,
		core.CodeInsufficientBalance: http.StatusUnprocessableEntity,
		core.CodeOutsideHours:        http.StatusUnprocessableEntity,
		core.CodeInvalidFile:         http.StatusUnprocessableEntity,
		core.CodeRateLimited:         http.StatusTooManyRequests,
		core.CodeShuttingDown:        http.StatusServiceUnavailable,
		core.CodeInternal:            http.StatusInternalServerError,
	}
}

// handleError turns any error into a reply. It is Fiber's error handler, so nothing that
// a library says reaches a caller.
func (s *Server) handleError(c *fiber.Ctx, err error) error {
	e := s.expected(c, err)
	status, ok := s.statuses[e.Code]
	if !ok {
		status = http.StatusInternalServerError
	}
	s.logFailure(c, e, err, status)
	info := infoOf(c)
	c.Locals(localCode, string(e.Code))
	c.Locals(localMessage, e.Message)
	c.Locals(localParam, e.Param)
	switch {
	case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable, e.Code == core.CodeIdempotencyInFlight:
		c.Set(fiber.HeaderRetryAfter, "2")
	case status == http.StatusUnauthorized:
		c.Set(fiber.HeaderWWWAuthenticate, "Bearer")
	}
	return writeProblem(c, status, api.Problem{
		Type: docsOf(e.Code), Title: http.StatusText(status), Status: int32(status),
		Detail: e.Message, Code: string(e.Code), Param: e.Param, RequestID: info.requestID, Args: e.Args,
	})
}

// expected finds the error to show. What is not one of ours becomes an internal error
// without its text.
func (s *Server) expected(c *fiber.Ctx, err error) *core.Error {
	if e, ok := errors.AsType[*core.Error](err); ok {
		if e.Code == core.CodeInternal {
			return internalError()
		}
		return e
	}
	if f, ok := errors.AsType[*fiber.Error](err); ok {
		return fiberError(f)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		if c.Method() == http.MethodGet || c.Method() == http.MethodHead {
			return core.Errorf(core.CodeDatabaseUnavailable, "The answer took too long: try again, or ask for less.")
		}
		return core.Errorf(core.CodeOutcomeUnknown, "This took too long to wait for; what was begun may still happen. Ask again, with the same Idempotency-Key if there was one.")
	}
	return internalError()
}

func internalError() *core.Error {
	return core.Errorf(core.CodeInternal, "Something went wrong on our side. The log has it under the request id.")
}

// fiberError translates the few errors that Fiber itself makes.
func fiberError(f *fiber.Error) *core.Error {
	switch f.Code {
	case http.StatusNotFound:
		return core.Errorf(core.CodeNotFound, "There is nothing at this address. The API reference is at /docs.")
	case http.StatusMethodNotAllowed:
		return core.Errorf(core.CodeMethodNotAllowed, "This address exists, but not with this method: see the Allow header.")
	case http.StatusRequestEntityTooLarge:
		return core.Errorf(core.CodeBodyTooLarge, "The body is too large: at most 1 MiB, or a file of 2 MiB where one is wanted.")
	case http.StatusRequestHeaderFieldsTooLarge:
		return core.Errorf(core.CodeInvalidRequest, "The headers are too large.")
	case http.StatusRequestTimeout:
		// A browser that opened a connection ahead of time and finds this on it sends its request on another.
		return core.Errorf(core.CodeRequestTimeout, "The request did not arrive in time: send it again.")
	}
	if f.Code >= 400 && f.Code < 500 {
		return core.Errorf(core.CodeInvalidRequest, "The request could not be read: check its address, headers and body.")
	}
	return internalError()
}

// logFailure logs what is our fault or our servers', once.
func (s *Server) logFailure(c *fiber.Ctx, e *core.Error, err error, status int) {
	if status < http.StatusInternalServerError {
		return
	}
	level := slog.LevelWarn
	if e.Code == core.CodeInternal {
		level = slog.LevelError
	}
	info := infoOf(c)
	s.logger.LogAttrs(c.UserContext(), level, "request failed",
		slog.String("request_id", info.requestID), slog.String("method", c.Method()),
		slog.String("route", c.Route().Path), slog.String("code", string(e.Code)), slog.String("error", err.Error()))
}

func writeProblem(c *fiber.Ctx, status int, p api.Problem) error {
	body, err := json.Marshal(p)
	if err != nil {
		return err
	}
	c.Response().ResetBody()
	c.Status(status)
	c.Set(fiber.HeaderContentType, problemJSON)
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Send(body)
}

// isAPI says whether path belongs to the API, whose answers are never HTML.
func isAPI(path string) bool { return path == "/v1" || strings.HasPrefix(path, "/v1/") }
