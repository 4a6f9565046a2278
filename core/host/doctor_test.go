//go:build e2e

package host_test

import (
	"bytes"
	"context"
	"net"
	"testing"

	"github.com/zhanggui-pay/zhanggui/core/host"
)

// TestDoctorTellsWhatIsWrong: beside a node that serves, and with everything pointing nowhere.
func TestDoctorTellsWhatIsWrong(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	h, stop := w.startNode()
	defer stop()
	cfg := testConfig(w.database, w.plugins, w.call)
	cfg.PublicURL = "http://" + h.Address()
	said := doctor(t, cfg)
	for _, want := range []string{"ok  public_url ", "ok  postgresql ", "ok  migrations ", "ok  clock ", "NO  vault "} {
		if !bytes.Contains(said, []byte(want)) {
			t.Errorf("it does not say %q: %s", want, said)
		}
	}
	if bytes.Contains(said, []byte(" mail ")) {
		t.Errorf("it speaks of mail, which is not set: %s", said)
	}

	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	w.must(err)
	nobody, _ := l.Addr().(*net.TCPAddr)
	w.must(l.Close())
	cfg.PublicURL, cfg.Mail.Host, cfg.Mail.Port = "http://"+nobody.String(), "127.0.0.1", nobody.Port
	cfg.Database.URL = "postgres://nobody@" + nobody.String() + "/nothing?sslmode=disable"
	said = doctor(t, cfg)
	for _, want := range []string{"NO  public_url ", "NO  postgresql ", "NO  mail ", "NO  vault "} {
		if !bytes.Contains(said, []byte(want)) {
			t.Errorf("it does not say %q: %s", want, said)
		}
	}
	// Another server than ours answers there.
	cfg.PublicURL = w.gateway.URL
	if said = doctor(t, cfg); !bytes.Contains(said, []byte("something else than a node")) {
		t.Errorf("it takes a provider for a node: %s", said)
	}
}

func doctor(t *testing.T, cfg host.Config) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := host.Doctor(t.Context(), cfg, &out); err == nil {
		t.Error("it is content without Vault")
	}
	return out.Bytes()
}
