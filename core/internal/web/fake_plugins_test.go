package web

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

func (f *fake) samplePlugin(ctx context.Context) core.Plugin {
	known, _ := f.ListPlugins(ctx)
	said := core.Text{ZH: "等待批准", EN: "Waits."}
	v := core.PluginVersion{SHA256: strings.Repeat("ab", 32), Files: []string{"demo"}, State: core.PluginEnabled, Manifest: known[0].Manifest, Wanted: true, Running: true}
	other := core.PluginVersion{Files: []string{"demo-2"}, State: core.PluginPending, Reason: said}
	known[0].Crashes = []core.PluginCrash{{
		At: at(), SHA256: v.SHA256, Version: "1.0.0", PID: 6, Ending: "exit status 2", Reason: said, Lived: time.Minute, LastLines: []string{"panic: x"},
	}}
	return core.Plugin{
		PluginStatus: known[0], Word: core.PluginWord{ID: "demo", SHA256: v.SHA256, By: "user:usr_x", At: at(), Version: 2},
		Offers: []core.PluginOffer{
			{PluginVersion: v, Approved: &core.ApprovedVersion{PluginID: "demo", SHA256: v.SHA256, Version: "1.0.0", ApprovedBy: "user:usr_x", ApprovedAt: at(), LiveAt: at()}, Risks: []core.Text{said}, Report: sampleReport()},
			{PluginVersion: other, Adds: []core.Text{said}},
		},
	}
}

func sampleReport() *core.VerifyReport {
	title := core.Text{ZH: "自述", EN: "The manifest"}
	return &core.VerifyReport{
		PluginID: "demo", Version: "1.0.0", SHA256: strings.Repeat("ab", 32), RanAt: at(),
		Checks: []core.VerifyCheck{{ID: "manifest", Title: title, Result: core.VerifyPassed}, {ID: "bad-answers", Title: title, Result: core.VerifyFailed, Detail: title}},
	}
}

func (f *fake) VerifyPlugin(ctx context.Context, id, sha256 string) (core.VerifyReport, error) {
	f.mu.Lock()
	f.plugins = append(f.plugins, "verify "+id+" "+sha256)
	f.mu.Unlock()
	return *sampleReport(), f.called(ctx, "VerifyPlugin")
}

func sampleUpload() core.PluginUpload {
	return core.PluginUpload{ID: num(70), FileName: "demo-2", SHA256: strings.Repeat("ab", 32), Bytes: core.ChunkBytes + 1, Received: 1, UploadedBy: "user:usr_x", UploadedAt: at()}
}

func (f *fake) InspectPlugins(ctx context.Context) ([]core.Plugin, error) {
	return []core.Plugin{f.samplePlugin(ctx)}, f.called(ctx, "InspectPlugins")
}

func (f *fake) InspectPlugin(ctx context.Context, _ string) (core.Plugin, error) {
	return f.samplePlugin(ctx), f.called(ctx, "InspectPlugin")
}

func (f *fake) ApprovePlugin(ctx context.Context, id, sha256 string) (core.Plugin, error) {
	f.mu.Lock()
	f.plugins = append(f.plugins, "approve "+id+" "+sha256)
	f.mu.Unlock()
	return f.samplePlugin(ctx), f.called(ctx, "ApprovePlugin")
}

func (f *fake) RollBackPlugin(ctx context.Context, id string) (core.Plugin, error) {
	f.mu.Lock()
	f.plugins = append(f.plugins, "rollback "+id)
	f.mu.Unlock()
	return f.samplePlugin(ctx), f.called(ctx, "RollBackPlugin")
}

func (f *fake) SwitchPlugin(ctx context.Context, id string, off bool) (core.Plugin, error) {
	word := "enable "
	if off {
		word = "disable "
	}
	f.mu.Lock()
	f.plugins = append(f.plugins, word+id)
	f.mu.Unlock()
	return f.samplePlugin(ctx), f.called(ctx, "SwitchPlugin")
}

func (f *fake) CreatePluginUpload(ctx context.Context, in core.NewPluginUpload) (core.PluginUpload, error) {
	f.mu.Lock()
	f.plugins = append(f.plugins, "upload "+in.FileName)
	f.mu.Unlock()
	return sampleUpload(), f.called(ctx, "CreatePluginUpload")
}

func (f *fake) PutPluginChunk(ctx context.Context, _ core.ID, _ int, data []byte) (core.PluginUpload, error) {
	f.mu.Lock()
	f.parts = append(f.parts, data)
	f.mu.Unlock()
	return sampleUpload(), f.called(ctx, "PutPluginChunk")
}

func (f *fake) FinishPluginUpload(ctx context.Context, _ core.ID) (core.PluginUpload, error) {
	return sampleUpload(), f.called(ctx, "FinishPluginUpload")
}

func (f *fake) CancelPluginUpload(ctx context.Context, _ core.ID) error {
	return f.called(ctx, "CancelPluginUpload")
}

func TestPluginsOverHTTP(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	sum := strings.Repeat("0", 64)
	for path, body := range map[string]string{"approve": `{"sha256":"` + sum + `"}`, "verify": `{"sha256":"` + sum + `"}`, "rollback": "", "disable": "", "enable": ""} {
		if got := r.do("POST", "/v1/plugins/demo/"+path, body, byCookie()); got.status != http.StatusOK {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	said := strings.Join(r.plugins, ";")
	for _, want := range []string{"approve demo " + sum, "verify demo " + sum, "rollback demo", "disable demo", "enable demo"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q lacks %q", said, want)
		}
	}
	for _, body := range []string{`{}`, `{"sha256":"xyz"}`, `{"sha256":"` + strings.Repeat("A", 64) + `"}`} {
		if got := r.do("POST", "/v1/plugins/demo/approve", body, byCookie()); got.status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", body, got.status, got.body)
		}
	}
	octets := with(byCookie(), "Content-Type", "application/octet-stream")
	chunk := strings.Repeat("x", core.ChunkBytes)
	if got := r.do("PUT", "/v1/plugin-uploads/"+num(70).Prefixed("plu")+"/chunks/0", chunk, octets); got.status != http.StatusOK {
		t.Errorf("a whole chunk: %d %s", got.status, got.body)
	}
	if len(r.parts) != 1 || len(r.parts[0]) != core.ChunkBytes {
		t.Error("the chunk did not arrive whole")
	}
	if got := r.do("PUT", "/v1/plugin-uploads/"+num(70).Prefixed("plu")+"/chunks/first", "x", octets); got.status != http.StatusBadRequest {
		t.Errorf("a chunk without a number: %d %s", got.status, got.body)
	}
	if got := r.do("POST", "/v1/plugin-uploads", `{"file_name":"../x","sha256":"`+sum+`","bytes":1}`, byCookie()); got.status != http.StatusBadRequest {
		t.Errorf("a name with a path: %d %s", got.status, got.body)
	}
}
