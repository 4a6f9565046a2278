// Command acmesim serves the simulated Acme Pay, so that a host can be pointed at it:
//
//	acmesim -merchant 10000001 -key 0123456789abcdef0123456789abcdef
//
// GET /orders/pay?order_no=… is the payer: the order is paid and Acme's notice is sent.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk/starter/acme/acmesim"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	address := flag.String("address", "127.0.0.1:18099", "where to listen")
	merchant := flag.String("merchant", "10000001", "the merchant's id")
	key := flag.String("key", "0123456789abcdef0123456789abcdef", "the merchant's API key")
	flag.Parse()
	sim := acmesim.New(acmesim.Merchant{ID: *merchant, APIKey: *key}, time.Now)
	mux := http.NewServeMux()
	mux.Handle("/v1/", sim)
	mux.HandleFunc("/orders/pay", func(w http.ResponseWriter, r *http.Request) {
		if err := pay(r.Context(), sim, r.FormValue("order_no")); err != nil {
			http.Error(w, err.Error(), http.StatusConflict)
			return
		}
		_, _ = fmt.Fprintln(w, "Paid.")
	})
	fmt.Println("Acme Pay is simulated at http://" + *address)
	server := &http.Server{Addr: *address, Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	return server.ListenAndServe()
}

// pay pays an order and sends Acme's notice to the address that came with the order.
func pay(ctx context.Context, sim *acmesim.Simulator, orderNo string) error {
	if err := sim.Pay(orderNo); err != nil {
		return err
	}
	o, _ := sim.Order(orderNo)
	if o.NotifyURL == "" {
		return nil
	}
	body, headers, err := sim.Notice(orderNo)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, o.NotifyURL, bytes.NewReader(body))
	if err != nil {
		return err
	}
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req) //nolint:gosec // a provider sends to the address that came with the order
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return errors.New("the notice was answered with " + resp.Status)
	}
	return nil
}
