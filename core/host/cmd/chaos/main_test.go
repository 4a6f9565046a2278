package main

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/zhanggui-pay/zhanggui/core/host"
	"github.com/zhanggui-pay/zhanggui/core/host/cmd/chaos/stand"
)

// TestMain is three programs: the plugin host's shim, a node, and the tests.
func TestMain(m *testing.M) {
	host.RunShim()
	if node, err := stand.RunNode(context.Background()); node {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}
