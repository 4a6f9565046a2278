package web

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

func pluginReportOf(r core.VerifyReport) api.PluginReport {
	return api.PluginReport{
		PluginID: r.PluginID, Version: r.Version, Sha256: r.SHA256, RanAt: utc(r.RanAt), Passed: r.Passed, Checks: each(r.Checks, pluginCheckOf),
	}
}

func pluginCheckOf(c core.VerifyCheck) api.PluginCheck {
	return api.PluginCheck{ID: c.ID, Title: textOf(c.Title), Result: api.PluginCheckResult(c.Result), Detail: textOf(c.Detail)}
}

// VerifyPlugin runs the conformance suite against a version.
func (o *operations) VerifyPlugin(ctx context.Context, r api.VerifyPluginRequestObject) (api.VerifyPluginResponseObject, error) {
	report, err := o.opt.PluginReports.VerifyPlugin(ctx, r.Provider, r.Body.Sha256)
	if err != nil {
		return nil, err
	}
	return api.VerifyPlugin200JSONResponse(pluginReportOf(report)), nil
}
