package host

import (
	"context"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/internal/pluginhost"
	"github.com/zhanggui-pay/zhanggui/core/internal/service"
)

// InspectPluginFile says in plain words what a file is, what it asks for and what it could still
// do wrong. It is started confined and granted nothing. Errors: why it is no plugin here.
func InspectPluginFile(ctx context.Context, cfg Config, path, lang string, out io.Writer) error {
	d, err := pluginhost.Describe(ctx, pluginhost.Options{
		Dir: filepath.Dir(path), StartTimeout: aloneStart, RequireFullConfinement: cfg.Plugins.RequireFullConfinement, Examiner: service.ForCommand(nil, time.Now, ""),
	}, filepath.Base(path))
	if err != nil {
		return err
	}
	m := d.Manifest
	tell := func(zh, en string, args ...any) { say(out, in(lang, core.Text{ZH: zh, EN: en}), args...) }
	tell("%s %s（%s）", "%s %s (%s)", in(lang, m.Name), m.Version, m.ID)
	tell("文件：%d 字节，linux/%s，sha256:%s", "File: %d bytes, linux/%s, sha256:%s", d.Bytes, d.Machine, d.SHA256)
	tell("协议版本：%d", "Protocol version: %d", m.ProtocolVersion)
	for _, p := range m.Products {
		methods := make([]string, 0, len(p.Methods))
		for _, w := range p.Methods {
			methods = append(methods, string(w.Method))
		}
		tell("产品：%s（%s）%s", "Product: %s (%s) %s", in(lang, p.Name), p.ID, strings.Join(methods, ", "))
	}
	tell("要求：", "It asks for:")
	for _, t := range (core.Manifest{}).Additions(m) {
		say(out, "  %s", in(lang, t))
	}
	tell("仍可能造成的问题：", "What it could still do wrong:")
	for _, t := range m.Risks() {
		say(out, "! %s", in(lang, t))
	}
	var held, missing []string
	for _, l := range d.Confinement {
		if l.Active {
			held = append(held, l.Name)
		} else {
			missing = append(missing, l.Name+": "+l.Reason)
		}
	}
	tell("约束：%s", "Held by: %s", strings.Join(held, ", "))
	if slices.Sort(missing); len(missing) > 0 {
		tell("本机缺少：%s", "Missing here: %s", strings.Join(missing, "; "))
	}
	return nil
}
