package web

import (
	"context"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

func pluginOf(p core.Plugin) api.Plugin {
	out := api.Plugin{
		ID: p.ID, State: api.PluginState(p.State), Reason: textOf(p.ReasonText), LiveSha256: p.Word.SHA256, Disabled: p.Word.Disabled,
		DecidedBy: p.Word.By, DecidedAt: utc(p.Word.At), Pid: int64(p.PID), Restarts: int64(p.Restarts), LastCrashAt: utc(p.LastCrash), GaveUp: p.GaveUp,
		LastLines: list(p.LastLines), Crashes: each(p.Crashes, pluginCrashOf), Violations: p.Violations, LastViolation: p.LastViolation, Confinement: each(p.Confinement, layerOf),
		Calls: p.Calls, Failures: p.Failures, Versions: each(p.Offers, pluginVersionOf),
	}
	for _, v := range p.Offers {
		if v.Running {
			out.RunningSha256 = v.SHA256
		}
	}
	return out
}

func pluginCrashOf(c core.PluginCrash) api.PluginCrash {
	return api.PluginCrash{
		At: utc(c.At), Sha256: c.SHA256, Version: c.Version, Pid: int64(c.PID), Ending: c.Ending, Reason: textOf(c.Reason),
		LivedMillis: c.Lived.Milliseconds(), LastLines: list(c.LastLines),
	}
}

func pluginVersionOf(o core.PluginOffer) api.PluginVersion {
	out := api.PluginVersion{
		Sha256: o.SHA256, Files: list(o.Files), State: api.PluginState(o.State), Reason: textOf(o.Reason), Live: o.Wanted, Running: o.Running,
		Adds: each(o.Adds, textOf), Risks: each(o.Risks, textOf),
	}
	if o.Approved != nil {
		out.ApprovedBy, out.ApprovedAt, out.LiveAt = o.Approved.ApprovedBy, utc(o.Approved.ApprovedAt), utc(o.Approved.LiveAt)
	}
	if o.Manifest != nil {
		out.Manifest = manifestOf(*o.Manifest)
	}
	if o.Report != nil {
		out.Verification = pluginReportOf(*o.Report)
	}
	return out
}

func pluginUploadOf(u core.PluginUpload) api.PluginUpload {
	return api.PluginUpload{
		ID: id(core.PrefixPluginUpload, u.ID), FileName: u.FileName, Sha256: u.SHA256, Bytes: u.Bytes, Chunks: int64(u.Chunks()), Received: int64(u.Received),
		Ready: u.Ready, UploadedBy: u.UploadedBy, UploadedAt: utc(u.UploadedAt),
	}
}

// InspectPlugins lists plugins with their versions.
func (o *operations) InspectPlugins(ctx context.Context, _ api.InspectPluginsRequestObject) (api.InspectPluginsResponseObject, error) {
	rows, err := o.opt.Plugins.InspectPlugins(ctx)
	if err != nil {
		return nil, err
	}
	return api.InspectPlugins200JSONResponse{Items: each(rows, pluginOf)}, nil
}

// InspectPlugin reads one.
func (o *operations) InspectPlugin(ctx context.Context, r api.InspectPluginRequestObject) (api.InspectPluginResponseObject, error) {
	p, err := o.opt.Plugins.InspectPlugin(ctx, r.Provider)
	if err != nil {
		return nil, err
	}
	return api.InspectPlugin200JSONResponse(pluginOf(p)), nil
}

// ApprovePlugin makes a version live.
func (o *operations) ApprovePlugin(ctx context.Context, r api.ApprovePluginRequestObject) (api.ApprovePluginResponseObject, error) {
	p, err := o.opt.Plugins.ApprovePlugin(ctx, r.Provider, r.Body.Sha256)
	if err != nil {
		return nil, err
	}
	return api.ApprovePlugin200JSONResponse(pluginOf(p)), nil
}

// RollBackPlugin makes the version live that was so before.
func (o *operations) RollBackPlugin(ctx context.Context, r api.RollBackPluginRequestObject) (api.RollBackPluginResponseObject, error) {
	p, err := o.opt.Plugins.RollBackPlugin(ctx, r.Provider)
	if err != nil {
		return nil, err
	}
	return api.RollBackPlugin200JSONResponse(pluginOf(p)), nil
}

// DisablePlugin switches a plugin off.
func (o *operations) DisablePlugin(ctx context.Context, r api.DisablePluginRequestObject) (api.DisablePluginResponseObject, error) {
	p, err := o.opt.Plugins.SwitchPlugin(ctx, r.Provider, true)
	if err != nil {
		return nil, err
	}
	return api.DisablePlugin200JSONResponse(pluginOf(p)), nil
}

// EnablePlugin switches a plugin on again.
func (o *operations) EnablePlugin(ctx context.Context, r api.EnablePluginRequestObject) (api.EnablePluginResponseObject, error) {
	p, err := o.opt.Plugins.SwitchPlugin(ctx, r.Provider, false)
	if err != nil {
		return nil, err
	}
	return api.EnablePlugin200JSONResponse(pluginOf(p)), nil
}

// CreatePluginUpload announces a plugin's file.
func (o *operations) CreatePluginUpload(ctx context.Context, r api.CreatePluginUploadRequestObject) (api.CreatePluginUploadResponseObject, error) {
	u, err := o.opt.Plugins.CreatePluginUpload(ctx, core.NewPluginUpload{FileName: r.Body.FileName, SHA256: r.Body.Sha256, Bytes: r.Body.Bytes})
	if err != nil {
		return nil, err
	}
	return api.CreatePluginUpload201JSONResponse(pluginUploadOf(u)), nil
}

// PutPluginChunk takes a part of a plugin's file.
func (o *operations) PutPluginChunk(ctx context.Context, r api.PutPluginChunkRequestObject) (api.PutPluginChunkResponseObject, error) {
	upload, err := pathID(core.PrefixPluginUpload, r.UploadID)
	if err != nil {
		return nil, err
	}
	n, data, err := chunk(r.N, r.Body)
	if err != nil {
		return nil, err
	}
	u, err := o.opt.Plugins.PutPluginChunk(ctx, upload, n, data)
	if err != nil {
		return nil, err
	}
	return api.PutPluginChunk200JSONResponse(pluginUploadOf(u)), nil
}

// FinishPluginUpload gives a plugin's file to the nodes.
func (o *operations) FinishPluginUpload(ctx context.Context, r api.FinishPluginUploadRequestObject) (api.FinishPluginUploadResponseObject, error) {
	upload, err := pathID(core.PrefixPluginUpload, r.UploadID)
	if err != nil {
		return nil, err
	}
	u, err := o.opt.Plugins.FinishPluginUpload(ctx, upload)
	if err != nil {
		return nil, err
	}
	return api.FinishPluginUpload200JSONResponse(pluginUploadOf(u)), nil
}

// CancelPluginUpload gives an upload up.
func (o *operations) CancelPluginUpload(ctx context.Context, r api.CancelPluginUploadRequestObject) (api.CancelPluginUploadResponseObject, error) {
	upload, err := pathID(core.PrefixPluginUpload, r.UploadID)
	if err != nil {
		return nil, err
	}
	if err := o.opt.Plugins.CancelPluginUpload(ctx, upload); err != nil {
		return nil, err
	}
	return api.CancelPluginUpload204Response{}, nil
}
