// Command chaos runs the product under faults and judges what is left: processes killed
// with kill -9, PostgreSQL stopped at once, Vault sealed, connections cut at COMMIT,
// providers that time out after the effect, callbacks lost and duplicated, all under load
// and by a schedule that its seed repeats. docs/chaos.md says how to read it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/zhanggui-pay/zhanggui/core/host"
	"github.com/zhanggui-pay/zhanggui/core/host/cmd/chaos/check"
	"github.com/zhanggui-pay/zhanggui/core/host/cmd/chaos/stand"
)

// main is three programs: the plugin host's shim, a node, and the run.
func main() {
	host.RunShim()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	node, err := stand.RunNode(ctx)
	if !node {
		err = chaos(ctx, os.Args[1:], os.Stdout)
	}
	stop()
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(2)
	}
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "chaos:", err)
		os.Exit(1)
	}
}

type options struct {
	bin, name             string
	seed                  uint64
	operations, kills     int
	tenants, nodes        int
	workers, burst        int
	atMost                time.Duration
	outages, disturbances int
	keep                  bool
	phases                []phase
}

// full is the run that shows the invariants; short is its form for every day.
func full() options {
	return options{
		bin: "bin", name: "chaos", operations: 12000, kills: 220, tenants: 4, nodes: 2, workers: 12, burst: 200,
		atMost: 40 * time.Minute, outages: 8, disturbances: 40, phases: phases(),
	}
}

func short() options {
	return options{
		bin: "bin", name: "chaos-short", operations: 400, kills: 10, tenants: 3, nodes: 2, workers: 8, burst: 40,
		atMost: 5 * time.Minute, outages: 1, disturbances: 4, phases: phases(),
	}
}

func parse(args []string) (options, error) {
	o := full()
	if slices.Contains(args, "--short") || slices.Contains(args, "-short") {
		o = short()
	}
	o.seed = uint64(time.Now().UnixNano()) % 1_000_000
	flags := flag.NewFlagSet("chaos", flag.ContinueOnError)
	flags.Bool("short", false, "the short form: about a minute and a half")
	flags.StringVar(&o.bin, "bin", o.bin, "directory of provider-sim and plugins/")
	flags.Uint64Var(&o.seed, "seed", o.seed, "of the schedule; drawn when not given")
	flags.IntVar(&o.operations, "operations", o.operations, "how many operations clients ask for")
	flags.IntVar(&o.kills, "kills", o.kills, "how many processes are killed with kill -9")
	flags.IntVar(&o.outages, "outages", o.outages, "how often PostgreSQL is stopped, and how often Vault is sealed")
	flags.IntVar(&o.disturbances, "disturbances", o.disturbances, "how many faults there are of each other kind")
	flags.IntVar(&o.workers, "workers", o.workers, "how many operations run at once")
	flags.DurationVar(&o.atMost, "at-most", o.atMost, "the run fails when it takes longer")
	flags.BoolVar(&o.keep, "keep", false, "wait for the end of standard input before everything is removed")
	if err := flags.Parse(args); err != nil {
		return o, fmt.Errorf("read the arguments: %w", err)
	}
	return o, nil
}

func chaos(ctx context.Context, args []string, out io.Writer) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	verdicts, err := judge(ctx, o, out)
	if err != nil {
		return fmt.Errorf("seed %d: %w", o.seed, err)
	}
	if violated := check.Violated(verdicts); len(violated) > 0 {
		return fmt.Errorf("seed %d: %s violated", o.seed, strings.Join(violated, ", "))
	}
	return nil
}

// judge does a run and prints what it did and found.
func judge(ctx context.Context, o options, out io.Writer) (verdicts []check.Verdict, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, o.atMost, fmt.Errorf("the run took longer than %s", o.atMost))
	defer cancel()
	s := newSchedule(o.seed, sizes{Operations: o.operations, Kills: o.kills, Outages: o.outages, Disturbances: o.disturbances})
	printSchedule(out, o, s)
	r, err := newRun(ctx, o, out)
	if err != nil {
		return nil, err
	}
	defer func() {
		err = errors.Join(err, r.close())
		if err == nil && len(check.Violated(verdicts)) == 0 {
			err = r.stand.Forget()
			return
		}
		_, _ = fmt.Fprintf(out, "the logs are in %s\n", r.stand.Dir())
	}()
	r.say("%d nodes serve %d tenants at %d providers", o.nodes, o.tenants, len(r.stand.Sims.Providers))
	verdicts, err = r.all(ctx, s)
	if err != nil && ctx.Err() != nil {
		err = errors.Join(context.Cause(ctx), err)
	}
	r.print()
	for _, v := range verdicts {
		_, _ = fmt.Fprintln(out, v)
	}
	if o.keep {
		_, _ = fmt.Fprintf(out, "kept: %s, %s\n", r.stand.Dir(), r.stand.Cluster.SuperuserURL())
		_, _ = io.Copy(io.Discard, os.Stdin)
	}
	return verdicts, err
}
