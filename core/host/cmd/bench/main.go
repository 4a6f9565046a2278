// Command bench measures the whole product beside the database alone, on one machine and
// in one run: payments a second over HTTP, service, plugin process, simulated provider and
// PostgreSQL; transactions a second of bench/reference.sql on the same cluster; and what
// the plugin's process costs a call. It prints figures and asserts nothing.
// docs/benchmarks.md says what they mean.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/zhanggui-pay/zhanggui/core/host"
)

// main is three programs: the plugin host's shim, the node under load, and the benchmark.
func main() {
	host.RunShim()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	var err error
	if raw := os.Getenv(nodeVariable); raw != "" {
		err = runNode(ctx, raw)
	} else {
		err = run(ctx, os.Args[1:], os.Stdout)
	}
	stop()
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(2)
	}
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type options struct {
	bin, echo, reference string
	tenants              string
	books, exports       string
	orders               string
	callers, rounds      int
	time, warmUp         time.Duration
	calls                int
	cpuProfile           string
}

func parse(args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.StringVar(&o.bin, "bin", "bin", "directory of provider-sim and plugins/")
	flags.StringVar(&o.echo, "echo", "bin/bench", "directory that holds the plugin echo and nothing else")
	flags.StringVar(&o.reference, "reference", "bench/reference.sql", "pgbench script of one payment")
	flags.StringVar(&o.tenants, "tenants", "1,1000", "numbers of merchants to measure with; empty leaves payments out")
	flags.StringVar(&o.books, "books", "100000,1000000", "numbers of bill lines to compare with as many orders, multiples of 20000; empty leaves reconciliation out")
	flags.IntVar(&o.callers, "callers", 32, "HTTP clients, and clients of pgbench")
	flags.IntVar(&o.rounds, "rounds", 3, "how often each is measured, in turn; the median counts")
	flags.DurationVar(&o.time, "time", 10*time.Second, "how long one measurement takes")
	flags.DurationVar(&o.warmUp, "warm-up", 2*time.Second, "load before each measurement that does not count")
	flags.IntVar(&o.calls, "calls", 2000, "calls to measure the plugin's process with; 0 leaves it out")
	flags.StringVar(&o.cpuProfile, "cpuprofile", "", "prefix of files for the node's CPU profiles; its HTTP clients are not in them")
	flags.StringVar(&o.exports, "exports", "100000,1000000", "numbers of orders to export; empty leaves exports out")
	flags.StringVar(&o.orders, "orders", "1000000", "numbers of orders to ask the order list with; empty leaves lists out")
	if err := flags.Parse(args); err != nil {
		return o, fmt.Errorf("read the arguments: %w", err)
	}
	return o, nil
}

func (o options) merchants() ([]int, error) { return numbersOf("-tenants", o.tenants) }

// numbersOf reads a list of numbers.
func numbersOf(flag, text string) ([]int, error) {
	var counts []int
	for field := range strings.SplitSeq(text, ",") {
		if field == "" {
			continue
		}
		n, err := strconv.Atoi(field)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%s: %q is no number from 1", flag, field)
		}
		counts = append(counts, n)
	}
	return counts, nil
}

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	o, err := parse(args)
	if err != nil {
		return err
	}
	counts, err := o.merchants()
	if err != nil {
		return err
	}
	printMachine(out)
	if len(counts) > 0 {
		if err := measurePayments(ctx, o, counts, out); err != nil {
			return err
		}
	}
	if o.calls > 0 {
		if err := measureBoundary(ctx, o, out); err != nil {
			return err
		}
	}
	lines, err := numbersOf("-books", o.books)
	if err != nil {
		return err
	}
	if len(lines) > 0 {
		if err := measureBooks(ctx, lines, out); err != nil {
			return err
		}
	}
	listed, err := numbersOf("-orders", o.orders)
	if err != nil {
		return err
	}
	if len(listed) > 0 {
		if err := measureOrders(ctx, o, listed, out); err != nil {
			return err
		}
	}
	orders, err := numbersOf("-exports", o.exports)
	if err != nil || len(orders) == 0 {
		return err
	}
	return measureExports(ctx, o, orders, out)
}

// measurePayments measures payments and the reference in turn, on one cluster.
func measurePayments(ctx context.Context, o options, counts []int, out io.Writer) (err error) {
	c, err := startCluster(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.stop()) }()
	if err := c.print(ctx, out); err != nil {
		return err
	}
	printHeader(out, o)
	for _, n := range counts {
		if err := measureWith(ctx, o, c, n, out); err != nil {
			return fmt.Errorf("with %d merchants: %w", n, err)
		}
	}
	return nil
}

func measureWith(ctx context.Context, o options, c *cluster, tenants int, out io.Writer) (err error) {
	ref, err := newReference(ctx, c, o, tenants)
	if err != nil {
		return err
	}
	w, err := newWorld(ctx, c, o, tenants)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	profile := ""
	if o.cpuProfile != "" {
		profile = fmt.Sprintf("%s-%d.prof", o.cpuProfile, tenants)
	}
	n, err := w.startNode(ctx, profile)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.stop()) }()
	m := measurement{options: o, cluster: c, world: w, node: n, reference: ref}
	for round := 1; round <= o.rounds; round++ {
		if err := m.round(ctx); err != nil {
			return err
		}
		printRound(out, tenants, round, m.ours[round-1], m.theirs[round-1])
	}
	printResult(out, tenants, m.ours, m.theirs)
	return failures(m.ours)
}

// measurement is the node and the reference under load, in turn.
type measurement struct {
	options
	cluster   *cluster
	world     *world
	node      *node
	reference *reference
	ours      []sample
	theirs    []float64
}

func (m *measurement) round(ctx context.Context) error {
	load := load{address: m.node.address, merchants: m.world.merchants, payers: m.world.payers, callers: m.callers}
	if err := m.cluster.checkpoint(ctx); err != nil {
		return err
	}
	if _, err := load.run(ctx, m.warmUp); err != nil {
		return err
	}
	postmaster := m.cluster.postmaster()
	before := m.world.use(m.node, postmaster)
	s, err := load.run(ctx, m.time)
	if err != nil {
		return err
	}
	s.used = m.world.use(m.node, postmaster).since(before)
	tps, err := m.reference.run(ctx, m.options)
	if err != nil {
		return err
	}
	m.ours, m.theirs = append(m.ours, s), append(m.theirs, tps)
	return nil
}
