// Package pluginverify runs the conformance suite of the SDK against a plugin's binary. It plays
// the host and, behind it, the provider: the plugin reaches neither a network nor anybody's keys.
package pluginverify

import (
	"context"
	"io"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/conformance"
)

// startTimeout bounds a process's first answer once it has started.
const startTimeout = 30 * time.Second

// Options say what is verified.
type Options struct {
	Launch Launcher
	Clock  core.Clock
	// Case is what the author states where the manifest does not say how to call the plugin, in
	// the form docs/plugin-verify.md gives; nil: nothing.
	Case io.Reader
}

// Verify runs the suite. Errors: core.CodePluginRefused when the binary could not be run at all;
// core.CodeInvalidFile when the case cannot be read; core.CodeLimitExceeded when ctx ends.
func Verify(ctx context.Context, o Options) (core.VerifyReport, error) {
	report := core.VerifyReport{RanAt: o.Clock()}
	var given conformance.Given
	if o.Case != nil {
		var err error
		if given, err = conformance.ReadGiven(o.Case); err != nil {
			return report, core.Wrap(err, core.CodeInvalidFile, "The case cannot be read: %v.", err)
		}
	}
	l := &life{launch: o.Launch}
	defer l.end()
	p, err := l.Restart(ctx)
	if err != nil {
		return report, err
	}
	m := p.Manifest()
	report.PluginID, report.Version, report.SHA256 = m.ID, m.Version, l.process.SHA256
	checks := conformance.Verify(ctx, p, l, given)
	if err := ctx.Err(); err != nil {
		return report, core.Wrap(err, core.CodeLimitExceeded, "The plugin could not be verified in time; nothing was kept. Try again when this node has less to do.")
	}
	report.Passed = true
	for _, c := range checks {
		report.Checks = append(report.Checks, core.VerifyCheck{
			ID: c.ID, Title: core.Text(c.Title), Result: core.VerifyResult(c.Result), Detail: core.Text(c.Detail),
		})
		report.Passed = report.Passed && c.Result != conformance.Failed
	}
	return report, nil
}

// life is the process that is verified, and the next one when it ended.
type life struct {
	launch  Launcher
	process *Process
	remote  *sdk.Remote
}

var _ conformance.Life = (*life)(nil)

// Restart implements conformance.Life.
func (l *life) Restart(ctx context.Context) (sdk.Provider, error) {
	l.end()
	process, err := l.launch(ctx)
	if err != nil {
		return nil, err
	}
	starting, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	remote, err := sdk.NewRemote(starting, process.Broker, process.Conn)
	if err != nil {
		process.End()
		return nil, core.Errorf(core.CodePluginRefused, "The plugin started and did not say what it is: %v.", err)
	}
	l.process, l.remote = process, remote
	return remote, nil
}

func (l *life) end() {
	if l.process == nil {
		return
	}
	l.process.End()
	l.remote.Stop()
	l.process = nil
}

// endWait is how long the end of a process is waited for that seems to be ending.
const endWait = 3 * time.Second

// Ended implements conformance.Life.
func (l *life) Ended(suspected bool) (how string, ended bool) {
	if l.process == nil {
		return "it could not be started again", true
	}
	if suspected {
		timer := time.NewTimer(endWait)
		defer timer.Stop()
		select {
		case <-l.process.Exited:
		case <-timer.C:
		}
	}
	select {
	case <-l.process.Exited:
	default:
		return "", false
	}
	how = l.process.Ending()
	for _, line := range l.process.Lines() {
		how += "; " + line
	}
	return how, true
}

// Lines implements conformance.Life.
func (l *life) Lines() []string {
	if l.process == nil {
		return nil
	}
	return l.process.Lines()
}

// Written implements conformance.Life.
func (l *life) Written() int64 {
	if l.process == nil {
		return 0
	}
	return l.process.Written()
}

// Memory implements conformance.Life.
func (l *life) Memory() int64 {
	if l.process == nil {
		return 0
	}
	return l.process.PeakMemory()
}
