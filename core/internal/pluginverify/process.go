package pluginverify

import (
	"context"

	"google.golang.org/grpc"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// Process is a plugin's process, launched and confined as the host launches any, with nobody yet
// who serves it.
type Process struct {
	SHA256 string // of its binary, hexadecimal
	Broker sdk.Broker
	Conn   *grpc.ClientConn
	Exited <-chan struct{}
	// Ending says how it ended, once it has.
	Ending func() string
	// Lines are the last lines it wrote to stdout and stderr; Written counts all bytes of them.
	Lines   func() []string
	Written func() int64
	// PeakMemory is the most memory it had, in bytes; 0 when nobody knows.
	PeakMemory func() int64
	// End kills it and waits until it is gone.
	End func()
}

// Launcher starts the binary that is verified. Errors: core.CodePluginRefused with the reason.
type Launcher func(ctx context.Context) (*Process, error)
