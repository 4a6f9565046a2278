// Command provider-sim runs the simulated payment providers as a program of its own, so that their ledgers are kept
// in another process than the platform's database. plugins/sim/README.md describes it.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/shouqianba"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(2)
	}
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "provider-sim:", err)
		os.Exit(1)
	}
}

type settings struct {
	listen, control, config, ledgerFile string
	exitOnEOF, demo                     bool
	merchants                           int
}

func parse(args []string, stderr io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("provider-sim", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&s.listen, "listen", "127.0.0.1:0", "address of the simulated Shouqianba gateway")
	flags.StringVar(&s.control, "control", "127.0.0.1:0", "address of the remote control; keep it on loopback")
	flags.StringVar(&s.config, "config", "", "JSON file with vendors, terminals and faults")
	flags.StringVar(&s.ledgerFile, "ledger-file", "", "append-only file that keeps orders, ledger and keys across restarts")
	flags.BoolVar(&s.exitOnEOF, "exit-on-stdin-eof", false, "exit when standard input is closed")
	flags.BoolVar(&s.demo, "demo", false, "run the built-in demo merchants and payers and announce them")
	flags.IntVar(&s.merchants, "demo-merchants", demoTerminals, "how many merchants --demo has")
	if err := flags.Parse(args); err != nil {
		return settings{}, fmt.Errorf("read the arguments: %w", err)
	}
	if flags.NArg() > 0 {
		return settings{}, fmt.Errorf("unexpected argument %q: everything is a flag, see -h", flags.Arg(0))
	}
	return s, nil
}

// config is the file's form. Faults are armed at the start.
type config struct {
	Shouqianba struct {
		Vendors           []shouqianba.Vendor   `json:"vendors"`
		Terminals         []shouqianba.Terminal `json:"terminals"`
		Faults            []shouqianba.Fault    `json:"faults"`
		Seed              uint64                `json:"seed"`
		ReflectName       string                `json:"reflect_name"`
		IdempotentRefunds bool                  `json:"idempotent_refunds"`
		KeepPreviousKey   bool                  `json:"keep_previous_key"`
	} `json:"shouqianba"`
}

func readConfig(path string) (config, error) {
	var c config
	if path == "" {
		return c, nil
	}
	file, err := os.Open(path) //nolint:gosec // the path is the operator's own choice
	if err != nil {
		return c, fmt.Errorf("open the configuration: %w", err)
	}
	defer func() { _ = file.Close() }()
	decoder := json.NewDecoder(file)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&c); err != nil {
		return c, fmt.Errorf("read the configuration %s: %w", path, err)
	}
	return c, nil
}

// run serves until the context ends or, if asked for, standard input does.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	s, err := parse(args, stderr)
	if err != nil {
		return err
	}
	sim, err := build(s)
	if err != nil {
		return err
	}
	err = serve(ctx, s, sim, stdin, stdout)
	return errors.Join(err, sim.Close())
}

func build(s settings) (*shouqianba.Simulator, error) {
	c, err := readConfig(s.config)
	if err != nil {
		return nil, err
	}
	if s.demo {
		c = demoConfig(s.merchants)
	}
	opts := shouqianba.Options{
		Vendors: c.Shouqianba.Vendors, Terminals: c.Shouqianba.Terminals, Seed: c.Shouqianba.Seed,
		ReflectName: c.Shouqianba.ReflectName, IdempotentRefunds: c.Shouqianba.IdempotentRefunds,
		KeepPreviousKey: c.Shouqianba.KeepPreviousKey,
	}
	if s.ledgerFile != "" {
		if opts.Journal, err = shouqianba.OpenJournal(s.ledgerFile); err != nil {
			return nil, fmt.Errorf("--ledger-file: %w", err)
		}
	}
	sim := shouqianba.New(opts)
	for i, fault := range c.Shouqianba.Faults {
		if _, err := sim.AddFault(fault); err != nil {
			return nil, errors.Join(fmt.Errorf("fault %d in the configuration: %w", i+1, err), sim.Close())
		}
	}
	return sim, nil
}

func serve(ctx context.Context, s settings, sim *shouqianba.Simulator, stdin io.Reader, stdout io.Writer) error {
	var listen net.ListenConfig
	gateway, err := listen.Listen(ctx, "tcp", s.listen)
	if err != nil {
		return fmt.Errorf("--listen: %w", err)
	}
	remote, err := listen.Listen(ctx, "tcp", s.control)
	if err != nil {
		return errors.Join(fmt.Errorf("--control: %w", err), gateway.Close())
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if s.exitOnEOF {
		go func() {
			_, _ = io.Copy(io.Discard, stdin)
			cancel()
		}()
	}
	servers := []*http.Server{server(sim), server(sim.Control())}
	failed := make(chan error, len(servers))
	for i, listener := range []net.Listener{gateway, remote} {
		go func() { failed <- servers[i].Serve(listener) }()
	}
	announce(stdout, gateway, remote, s)
	select {
	case <-ctx.Done():
		err = nil
	case err = <-failed:
	}
	for _, srv := range servers {
		err = errors.Join(err, srv.Close()) // a killed provider is part of the game: no grace for calls under way
	}
	return err
}

func server(handler http.Handler) *http.Server {
	return &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
}

// announce prints the one line that says where everything is.
func announce(stdout io.Writer, gateway, remote net.Listener, s settings) {
	line := map[string]any{
		"providers": map[string]string{shouqianba.Provider: "http://" + gateway.Addr().String()},
		"control":   map[string]string{shouqianba.Provider: "http://" + remote.Addr().String() + shouqianba.ControlPrefix},
		"pid":       os.Getpid(),
	}
	if s.demo {
		line["demo"] = []demo{demoOf("http://"+gateway.Addr().String(), s.merchants)}
	}
	_ = json.NewEncoder(stdout).Encode(line)
}
