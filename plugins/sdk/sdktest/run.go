package sdktest

import (
	"testing"

	goplugin "github.com/hashicorp/go-plugin"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/conformance"
)

type (
	// Case is a plugin and what is needed to call it.
	Case = conformance.Case
	// Host is a host without a process: it holds a call to the manifest's grant as the real
	// one does, keeps the credentials, and lets Answer play the provider.
	Host = conformance.Host
)

// CheckManifest lists what is wrong with a plugin's manifest, a sentence each.
func CheckManifest(p sdk.Provider) []string { return conformance.CheckManifest(p) }

// Run checks the plugin in this process and over the wire.
func Run(t *testing.T, c Case) {
	t.Helper()
	c = c.WithDefaults()
	t.Run("manifest", func(t *testing.T) {
		t.Parallel()
		for _, wrong := range CheckManifest(c.Provider) {
			t.Error(wrong)
		}
	})
	t.Run("in process", func(t *testing.T) {
		t.Parallel()
		c.Behaves(t, c.Provider)
	})
	t.Run("over the wire", func(t *testing.T) {
		t.Parallel()
		c.Behaves(t, OverTheWire(t, c.Provider))
	})
}

// OverTheWire puts a connection between the suite and the plugin.
func OverTheWire(t *testing.T, p sdk.Provider) *sdk.Remote {
	t.Helper()
	client, server := goplugin.TestPluginGRPCConn(t, true, map[string]goplugin.Plugin{"provider": sdk.GRPCPlugin(p)})
	t.Cleanup(func() {
		_ = client.Close()
		server.Stop()
	})
	raw, err := client.Dispense("provider")
	if err != nil {
		t.Fatal(err)
	}
	remote, ok := raw.(*sdk.Remote)
	if !ok {
		t.Fatalf("the connection gives a %T", raw)
	}
	return remote
}
