// Command provider-sim runs the simulated payment providers as a program of its own, so that their ledgers are kept
// in another process than the platform's database. plugins/sim/README.md describes it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
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
	flags.StringVar(&s.listen, "listen", "127.0.0.1:0",
		"address of the first provider; the others take the ports after it, or any free port")
	flags.StringVar(&s.control, "control", "127.0.0.1:0", "address of the remote control of all; keep it on loopback")
	flags.StringVar(&s.config, "config", "", "JSON file with a section for each provider")
	flags.StringVar(&s.ledgerFile, "ledger-file", "",
		"append-only files, <this>.<provider>, that keep orders, ledger and keys across restarts")
	flags.BoolVar(&s.exitOnEOF, "exit-on-stdin-eof", false, "exit when standard input is closed")
	flags.BoolVar(&s.demo, "demo", false, "run the built-in demo merchants and payers and announce them")
	flags.IntVar(&s.merchants, "demo-merchants", demoMerchants, "how many merchants --demo has at each provider")
	if err := flags.Parse(args); err != nil {
		return settings{}, fmt.Errorf("read the arguments: %w", err)
	}
	switch {
	case flags.NArg() > 0:
		return settings{}, fmt.Errorf("unexpected argument %q: everything is a flag, see -h", flags.Arg(0))
	case s.demo && s.config != "":
		return settings{}, errors.New("--demo brings its own configuration: give it or --config, not both")
	case s.merchants < 1:
		return settings{}, fmt.Errorf("--demo-merchants must be at least 1, not %d", s.merchants)
	}
	return s, nil
}

// run serves until the context ends or, if asked for, standard input does.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	s, err := parse(args, stderr)
	if err != nil {
		return err
	}
	c, offers, err := configuration(s)
	if err != nil {
		return err
	}
	running, err := c.start(s.ledgerFile)
	if err != nil {
		return err
	}
	err = serve(ctx, s, running, offers, stdin, stdout)
	return errors.Join(err, closeAll(running))
}

// configuration is the demo's with what it offers, or the file's.
func configuration(s settings) (config, []offer, error) {
	if s.demo {
		return demoConfig(s.ledgerFile, s.merchants)
	}
	c, err := readConfig(s.config)
	return c, nil, err
}
