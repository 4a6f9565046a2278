package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/bestpay"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/metro"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/wechatpay"
)

// config is the file's form: a section for each provider, all of them optional.
type config struct {
	Shouqianba shouqianbaConfig `json:"shouqianba"`
	Metro      metro.Config     `json:"metro"`
	BestPay    bestpay.Config   `json:"bestpay"`
	MMSP       mmsp.Config      `json:"mmsp"`
	WeChatPay  wechatpay.Config `json:"wechatpay"`
}

// readConfig reads the file; unknown fields and anything behind the object are refused.
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
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return c, fmt.Errorf("read the configuration %s: there is something behind the JSON object", path)
	}
	return c, nil
}

// simulator is what every provider is made of.
type simulator interface {
	http.Handler

	// Control is the remote control; its routes begin with the provider's control prefix.
	Control() http.Handler
	Close() error
}

// provider is one that runs.
type provider struct {
	simulator

	name, control string
	// enroll enters where a merchant wants to be called; nil: requests say it themselves.
	enroll func(merchant, callbackURL string) error
}

// start builds all providers, in the order of their ports. A journal is kept for each when there is a ledger file.
func (c config) start(ledgerFile string) ([]provider, error) {
	var running []provider
	for _, build := range []func(ledgerFile string) (provider, error){
		c.startShouqianba, c.startMetro, c.startBestPay, c.startMMSP, c.startWeChatPay,
	} {
		p, err := build(ledgerFile)
		if err != nil {
			return nil, errors.Join(err, closeAll(running))
		}
		running = append(running, p)
	}
	return running, nil
}

func closeAll(running []provider) error {
	var err error
	for _, p := range running {
		err = errors.Join(err, p.Close())
	}
	return err
}

// openJournal opens a provider's own file beside the ledger file's name; no name, no journal.
func openJournal[J any](ledgerFile, name string, open func(path string) (*J, error)) (*J, error) {
	if ledgerFile == "" {
		return nil, nil //nolint:nilnil // a simulator takes nil for memory only
	}
	journal, err := open(ledgerFile + "." + name)
	if err != nil {
		return nil, fmt.Errorf("--ledger-file: %w", err)
	}
	return journal, nil
}

// arm arms the faults of a section.
func arm[F any](name string, faults []F, add func(F) (string, error)) error {
	for i, fault := range faults {
		if _, err := add(fault); err != nil {
			return fmt.Errorf("%s: fault %d in the configuration: %w", name, i+1, err)
		}
	}
	return nil
}
