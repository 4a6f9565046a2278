package core_test

import (
	"errors"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

func TestRetentionHasMinimums(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for name, tt := range map[string]struct {
		edit  func(r *core.Retention)
		param string
	}{
		"the defaults": {func(*core.Retention) {}, ""},
		"all for ever": {func(r *core.Retention) { *r = core.Retention{} }, ""},
		"the least": {func(r *core.Retention) {
			r.Evidence, r.Attempts, r.Callbacks, r.Nonces = 30*day, 90*day, 30*day, 30*day
		}, ""},
		"evidence too short":      {func(r *core.Retention) { r.Evidence = 30*day - 1 }, "retention.evidence"},
		"attempts too short":      {func(r *core.Retention) { r.Attempts = time.Hour }, "retention.attempts"},
		"callbacks too short":     {func(r *core.Retention) { r.Callbacks = day }, "retention.callbacks"},
		"unverified too short":    {func(r *core.Retention) { r.UnverifiedCallbacks = time.Hour }, "retention.unverified_callbacks"},
		"deliveries too short":    {func(r *core.Retention) { r.Deliveries = day }, "retention.deliveries"},
		"balances too short":      {func(r *core.Retention) { r.Balances = day }, "retention.balances"},
		"alerts too short":        {func(r *core.Retention) { r.Alerts = day }, "retention.alerts"},
		"negative":                {func(r *core.Retention) { r.Balances = -day }, "retention.balances"},
		"nonces before callbacks": {func(r *core.Retention) { r.Nonces = 179 * day }, "retention.nonces"},
		"nonces of kept ones":     {func(r *core.Retention) { r.Callbacks = 0 }, "retention.nonces"},
	} {
		r := core.DefaultRetention()
		tt.edit(&r)
		err := r.Check()
		param := ""
		if refused, ok := errors.AsType[*core.Error](err); ok {
			param = refused.Param
		}
		if param != tt.param || (err == nil) != (tt.param == "") {
			t.Errorf("%s: %v at %q", name, err, param)
		}
	}
}
