package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"
)

// serve gives every provider a listener of its own and all of them one for the remote control.
func serve(ctx context.Context, s settings, running []provider, offers []offer, stdin io.Reader, stdout io.Writer) error {
	gateways, err := listen(ctx, s.listen, len(running))
	if err != nil {
		return fmt.Errorf("--listen: %w", err)
	}
	remote, err := new(net.ListenConfig).Listen(ctx, "tcp", s.control)
	if err != nil {
		return errors.Join(fmt.Errorf("--control: %w", err), closeListeners(gateways))
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if s.exitOnEOF {
		go func() {
			_, _ = io.Copy(io.Discard, stdin)
			cancel()
		}()
	}
	servers := []*http.Server{server(remoteControl(running))}
	for _, p := range running {
		servers = append(servers, server(p))
	}
	failed := make(chan error, len(servers))
	for i, listener := range append([]net.Listener{remote}, gateways...) {
		go func() { failed <- servers[i].Serve(listener) }()
	}
	announce(stdout, running, gateways, remote, offers)
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

// listen opens the address given and, for the other providers, the ports after it. Only the first must be free: where
// the others are is announced, and an account is told by that.
func listen(ctx context.Context, address string, n int) ([]net.Listener, error) {
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("%q is no host:port", address)
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return nil, fmt.Errorf("the port of %q is no number", address)
	}
	var config net.ListenConfig
	var opened []net.Listener
	for i := range n {
		wanted := port
		if port != 0 {
			wanted += i
		}
		listener, err := config.Listen(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(wanted)))
		if err != nil && i > 0 {
			listener, err = config.Listen(ctx, "tcp", net.JoinHostPort(host, "0"))
		}
		if err != nil {
			return nil, errors.Join(err, closeListeners(opened))
		}
		opened = append(opened, listener)
	}
	return opened, nil
}

func closeListeners(listeners []net.Listener) error {
	var err error
	for _, l := range listeners {
		err = errors.Join(err, l.Close())
	}
	return err
}

// remoteControl joins the controls of all providers.
func remoteControl(running []provider) http.Handler {
	mux := http.NewServeMux()
	for _, p := range running {
		mux.Handle(p.control+"/", p.Control())
		if p.enroll != nil {
			mux.Handle("POST "+enrollPath(p.name, "{merchant}"), enrollment(p))
		}
	}
	return mux
}

// announce prints the one line that says where everything is.
func announce(stdout io.Writer, running []provider, gateways []net.Listener, remote net.Listener, offers []offer) {
	control := "http://" + remote.Addr().String()
	line := announcement{PID: os.Getpid(), Providers: map[string]string{}, Control: map[string]string{}}
	for i, p := range running {
		line.Providers[p.name] = "http://" + gateways[i].Addr().String()
		line.Control[p.name] = control + p.control
	}
	for _, o := range offers {
		line.Demo = append(line.Demo, o.at(line.Providers[o.Provider], control))
	}
	_ = json.NewEncoder(stdout).Encode(line)
}

type announcement struct {
	PID       int               `json:"pid"`
	Providers map[string]string `json:"providers"` // base URLs
	Control   map[string]string `json:"control"`
	Demo      []offer           `json:"demo,omitempty"` // Shouqianba's first
}
