package pluginhost

import (
	"context"
	"fmt"
	"os"
	"time"
)

// helperEnv makes the test program a host of its own, to be killed by a test.
const helperEnv = "ZHANGGUI_TEST_HOST_DIR"

// runHelperHost runs a host on the directory until it is killed, and prints its plugins' ids.
func runHelperHost() {
	h, err := New(Options{
		Dir: os.Getenv(helperEnv), Keyring: &memoryKeyring{}, Approvals: ApproveAll{}, AllowPrivateNetworks: true,
		WithoutNamespaces: os.Getenv(helperEnv+"_FLAT") != "",
	})
	if err != nil {
		fmt.Println("error", err)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	if err := h.WaitReady(ctx); err != nil {
		fmt.Println("error", err)
		return
	}
	for _, s := range h.Plugins(ctx) {
		fmt.Println(s.PID, s.State, s.Reason)
	}
	for _, s := range h.Plugins(ctx) {
		for _, l := range s.Confinement {
			fmt.Println("layer", l.Name, l.Active, l.Reason)
		}
	}
	fmt.Println("done")
	time.Sleep(time.Hour)
}
