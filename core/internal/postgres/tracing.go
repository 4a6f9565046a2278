package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"

	"github.com/XSAM/otelsql"
	"github.com/lib/pq"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// summaryLimit bounds what a span shows of a statement. Values are parameters and never shown.
const summaryLimit = 120

// traced opens pools whose statements are spans of the request they belong to. What polls
// (the sweeper's claims, the audit sealer) has no request and draws none.
func traced(provider trace.TracerProvider) func(driver.Connector) *sql.DB {
	options := []otelsql.Option{
		otelsql.WithTracerProvider(provider),
		otelsql.WithAttributes(attribute.String("db.system.name", "postgresql")),
		otelsql.WithSpanOptions(otelsql.SpanOptions{
			DisableErrSkip: true, DisableQuery: true, OmitConnResetSession: true, OmitConnPrepare: true, OmitRows: true, OmitConnectorConnect: true,
			// An error's text may repeat a value; its class is told below.
			RecordError: func(error) bool { return false },
			SpanFilter: func(ctx context.Context, _ otelsql.Method, _ string, _ []driver.NamedValue) bool {
				return trace.SpanContextFromContext(ctx).IsSampled()
			},
		}),
		otelsql.WithAttributesGetter(func(_ context.Context, _ otelsql.Method, query string, _ []driver.NamedValue) []attribute.KeyValue {
			if query == "" {
				return nil
			}
			return []attribute.KeyValue{attribute.String("db.query.summary", summary(query))}
		}),
		otelsql.WithSpanErrorAttributesGetter(func(err error) []attribute.KeyValue {
			if refused, ok := errors.AsType[*pq.Error](err); ok {
				return []attribute.KeyValue{attribute.String("db.response.status_code", string(refused.Code))}
			}
			return nil
		}),
	}
	return func(c driver.Connector) *sql.DB { return otelsql.OpenDB(c, options...) }
}

// summary is the beginning of a statement on one line.
func summary(query string) string {
	query = strings.Join(strings.Fields(strings.TrimPrefix(query, unprepared)), " ")
	if len(query) > summaryLimit {
		return query[:summaryLimit] + "…"
	}
	return query
}

// unwrapped is our connection under one that draws spans.
func unwrapped(driverConn any) any {
	if wrapped, ok := driverConn.(interface{ Raw() driver.Conn }); ok {
		return wrapped.Raw()
	}
	return driverConn
}
