package tracing

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/zhanggui-pay/zhanggui/core"
)

// Checker acts on one due thing; jobs.Checker is the same.
type Checker interface {
	CheckDue(ctx context.Context, due core.Due) error
}

// Checks gives each check of a due thing a trace of its own, found by the thing's id.
func (t *Tracing) Checks(inner Checker, clock core.Clock) Checker {
	if !t.On() {
		return inner
	}
	return &checks{inner: inner, clock: clock, tracer: t.provider.Tracer("sweeper")}
}

type checks struct {
	inner  Checker
	clock  core.Clock
	tracer trace.Tracer
}

// CheckDue implements jobs.Checker.
func (c *checks) CheckDue(ctx context.Context, due core.Due) error {
	ctx, span := c.tracer.Start(ctx, "check "+string(due.Kind), trace.WithNewRoot(), trace.WithAttributes(
		attribute.String("zhanggui.object_id", due.ID.String()),
		attribute.String("zhanggui.tenant", due.TenantID.Prefixed(core.PrefixTenant)),
		attribute.Float64("zhanggui.late_seconds", c.clock().Sub(due.DueAt).Seconds()),
	))
	defer span.End()
	err := c.inner.CheckDue(ctx, due)
	if err != nil {
		span.SetAttributes(attribute.String("error.type", string(core.CodeOf(err))))
		span.SetStatus(codes.Error, "")
	}
	return err
}
