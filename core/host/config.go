// Package host reads the configuration, wires the rooms together and runs their life
// cycle. Nothing imports it but cmd/zhanggui.
package host

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/providers/posflag"
	"github.com/knadh/koanf/providers/structs"
	"github.com/knadh/koanf/v2"
	"github.com/spf13/pflag"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/internal/service"
)

// Config is everything that can be set: defaults < file < environment < flags. The
// environment's names are ZHANGGUI_ and the key in capitals with _ for a dot; DATABASE_URL,
// VAULT_ADDR and OTEL_EXPORTER_OTLP_ENDPOINT are read by these names too.
type Config struct {
	Listen      string         `koanf:"listen"`       // host:port of the API and console
	AdminListen string         `koanf:"admin_listen"` // host:port of /metrics; empty: none
	PublicURL   string         `koanf:"public_url"`   // where browsers and providers reach us
	LogLevel    string         `koanf:"log_level"`    // debug, info, warn, error
	Proxies     []string       `koanf:"trusted_proxies"`
	Database    DatabaseConfig `koanf:"database"`
	Vault       VaultConfig    `koanf:"vault"`
	Plugins     PluginConfig   `koanf:"plugins"`
	Alerts      AlertConfig    `koanf:"alerts"`
	Mail        MailConfig     `koanf:"mail"`
	Tracing     TracingConfig  `koanf:"tracing"`
	// TestMode lets provider accounts point at private and plain-http addresses: for
	// simulators only. It is said loudly at every start.
	TestMode bool          `koanf:"test_mode"`
	Balances BalanceConfig `koanf:"balances"`
	// Reconciliation says when days are compared with what providers say.
	Reconciliation ReconciliationConfig `koanf:"reconciliation"`
	CallTimeout    time.Duration        `koanf:"call_timeout"` // of one call to a provider
	// Retention says how long what is kept for a while is kept; docs/retention.md.
	Retention RetentionConfig `koanf:"retention"`
	Drain     time.Duration   `koanf:"drain"` // how long requests may finish at shutdown
}

// DatabaseConfig says where PostgreSQL is.
type DatabaseConfig struct {
	// URL's login must hold the roles zhanggui_app and zhanggui_platform, and zhanggui_owner
	// when this process migrates. sslmode must be given: verify-full in production.
	URL      string `koanf:"url"`
	MaxConns int    `koanf:"max_conns"`
}

// VaultConfig says where Vault is and who we are there.
type VaultConfig struct {
	Address      string `koanf:"addr"`
	RoleID       string `koanf:"role_id"`
	SecretIDFile string `koanf:"secret_id_file"` // holds the AppRole's secret id
	CACert       string `koanf:"ca_cert"`
	Namespace    string `koanf:"namespace"`
}

// BalanceConfig says how often live accounts' balances are asked for.
type BalanceConfig struct {
	Every time.Duration `koanf:"every"` // by day; 0: never by themselves
	Night time.Duration `koanf:"night"` // at other hours
	From  int           `koanf:"from"`  // the day's first hour in Beijing
	To    int           `koanf:"to"`    // and the hour that ends it
}

// ReconciliationConfig says when and how fast providers are asked about the day before.
type ReconciliationConfig struct {
	At               string `koanf:"at"`                 // from when on, in Beijing: 03:00; the accounts are spread over an hour
	QueriesPerSecond int    `koanf:"queries_per_second"` // about single orders, of one account; 0: days are not compared
}

func (c ReconciliationConfig) schedule() (service.ReconciliationSchedule, error) {
	at, err := time.Parse("15:04", c.At)
	if err != nil {
		return service.ReconciliationSchedule{}, core.Errorf(core.CodeInvalidRequest, "reconciliation.at (ZHANGGUI_RECONCILIATION_AT) must be a time of day such as 03:00; it is %q.", c.At).At("reconciliation.at")
	}
	return service.ReconciliationSchedule{
		At: time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute, QueriesPerSecond: c.QueriesPerSecond,
	}, nil
}

// PluginConfig says where plugins are found and how tightly they are held.
type PluginConfig struct {
	Dir                    string        `koanf:"dir"`
	RequireFullConfinement bool          `koanf:"require_full_confinement"`
	AllowPrivateNetworks   bool          `koanf:"allow_private_networks"`
	BackOff                time.Duration `koanf:"back_off"` // before the first restart after a crash
	MaxBackOff             time.Duration `koanf:"max_back_off"`
	// Verify runs the conformance suite against versions that are found, before they are approved.
	Verify bool `koanf:"verify"`
}

// AlertConfig says when people are told.
type AlertConfig struct {
	// An order may be in doubt for so long before it raises an alert.
	UnknownPayments time.Duration `koanf:"unknown_payments"`
	UnknownRefunds  time.Duration `koanf:"unknown_refunds"`
	UnknownPayouts  time.Duration `koanf:"unknown_payouts"`
}

func (c AlertConfig) unknownAfter() service.UnknownAfter {
	return service.UnknownAfter{Payments: c.UnknownPayments, Refunds: c.UnknownRefunds, Payouts: c.UnknownPayouts}
}

// RetentionConfig is core.Retention as it is set; 0 keeps for ever.
type RetentionConfig struct {
	Evidence            time.Duration `koanf:"evidence"`
	Attempts            time.Duration `koanf:"attempts"`
	Callbacks           time.Duration `koanf:"callbacks"`
	UnverifiedCallbacks time.Duration `koanf:"unverified_callbacks"`
	Deliveries          time.Duration `koanf:"deliveries"`
	Balances            time.Duration `koanf:"balances"`
	Nonces              time.Duration `koanf:"nonces"`
	Alerts              time.Duration `koanf:"alerts"`
	Requests            time.Duration `koanf:"requests"`
}

func (c RetentionConfig) kept() core.Retention { return core.Retention(c) }

// TracingConfig says where OpenTelemetry's spans go.
type TracingConfig struct {
	// Endpoint is a collector's base address for OTLP over HTTP; empty: no tracing.
	// OTEL_EXPORTER_OTLP_ENDPOINT is read too, and headers and certificates from the
	// variables beside it.
	Endpoint string  `koanf:"endpoint"`
	Ratio    float64 `koanf:"ratio"` // of the requests that are traced, 0 to 1
}

// Defaults are what is used where nothing is set.
func Defaults() Config {
	return Config{
		Listen: "127.0.0.1:8080", AdminListen: "127.0.0.1:9090", LogLevel: "info",
		Database:       DatabaseConfig{MaxConns: 40},
		Plugins:        PluginConfig{Dir: "plugins", BackOff: 5 * time.Second, MaxBackOff: 2 * time.Minute, Verify: true},
		Alerts:         AlertConfig{UnknownPayments: 30 * time.Minute, UnknownRefunds: 2 * time.Hour, UnknownPayouts: 2 * time.Hour},
		Mail:           MailConfig{Port: 587},
		Balances:       BalanceConfig{Every: 15 * time.Minute, Night: time.Hour, From: 8, To: 22},
		Tracing:        TracingConfig{Ratio: 1},
		Reconciliation: ReconciliationConfig{At: "03:00", QueriesPerSecond: 5},
		Retention:      RetentionConfig(core.DefaultRetention()),
		CallTimeout:    30 * time.Second, Drain: 20 * time.Second,
	}
}

// envPrefix begins the names of the environment's settings.
const envPrefix = "ZHANGGUI_"

// LoadConfig merges the sources. path may be empty; flags may be nil.
func LoadConfig(path string, flags *pflag.FlagSet) (Config, error) {
	k := koanf.New(".")
	if err := k.Load(structs.Provider(Defaults(), "koanf"), nil); err != nil {
		return Config{}, fmt.Errorf("host: defaults: %w", err)
	}
	if path != "" {
		if err := k.Load(file.Provider(path), yaml.Parser()); err != nil {
			return Config{}, fmt.Errorf("The configuration file %s cannot be read: %w", path, err) //nolint:staticcheck // shown to a person as it is
		}
	}
	if err := k.Load(environment(k), nil); err != nil {
		return Config{}, fmt.Errorf("host: environment: %w", err)
	}
	if flags != nil {
		if err := k.Load(posflag.Provider(flags, ".", k), nil); err != nil {
			return Config{}, fmt.Errorf("host: flags: %w", err)
		}
	}
	var c Config
	if err := k.Unmarshal("", &c); err != nil {
		return Config{}, fmt.Errorf("A setting has the wrong form: %w", err) //nolint:staticcheck // shown to a person as it is
	}
	return c, nil
}

// environment maps ZHANGGUI_DATABASE_URL to database.url by the keys that exist.
func environment(k *koanf.Koanf) *env.Env {
	known := map[string]string{"DATABASE_URL": "database.url", "VAULT_ADDR": "vault.addr", "OTEL_EXPORTER_OTLP_ENDPOINT": "tracing.endpoint"}
	for _, key := range k.Keys() {
		known[envPrefix+strings.ToUpper(strings.ReplaceAll(key, ".", "_"))] = key
	}
	return env.Provider(".", env.Opt{TransformFunc: func(name, value string) (string, any) {
		key := known[name]
		if key == "trusted_proxies" {
			return key, strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' })
		}
		return key, value
	}})
}

// Check says what serve lacks, one sentence for the first thing found.
func (c Config) Check() error {
	if c.Database.URL == "" {
		return core.Errorf(core.CodeDatabaseUnavailable, "DATABASE_URL is not set. Give the address of PostgreSQL, for instance postgres://zhanggui@db/zhanggui?sslmode=verify-full.")
	}
	if c.Vault.Address == "" {
		return core.Errorf(core.CodeKeysUnavailable, "VAULT_ADDR is not set. serve keeps keys in Vault only; for a trial without Vault use `zhanggui dev`.")
	}
	if c.Vault.RoleID == "" || c.Vault.SecretIDFile == "" {
		return core.Errorf(core.CodeKeysUnavailable, "ZHANGGUI_VAULT_ROLE_ID and ZHANGGUI_VAULT_SECRET_ID_FILE are not set. `zhanggui vault bootstrap` makes them.")
	}
	if err := c.Retention.kept().Check(); err != nil {
		return err
	}
	return checkPublicURL(c.PublicURL)
}

func checkPublicURL(raw string) error {
	u, err := url.Parse(raw)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || (u.Path != "" && u.Path != "/") || u.RawQuery != "" {
		return core.Errorf(core.CodeInvalidRequest, "public_url (ZHANGGUI_PUBLIC_URL) must be an address such as https://pay.example.com, without a path; it is %q.", raw).At("public_url")
	}
	return nil
}
