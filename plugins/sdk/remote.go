package sdk

import (
	"context"
	"errors"
	"time"

	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	providerpb "github.com/zhanggui-pay/zhanggui/plugins/sdk/proto"
)

// errNoHost says that a Remote was used before Attach.
var errNoHost = errors.New("sdk: the remote plugin has no host attached")

var _ = time.Now

// Remote is the other end of a plugin in a test: a Provider with every capability, each
// call of which goes over the wire. The product's own host speaks to plugins itself.
type Remote struct {
	broker *goplugin.GRPCBroker
	conn   providerpb.ProviderClient
}

func newRemote(broker *goplugin.GRPCBroker, conn *grpc.ClientConn) *Remote {
	return &Remote{broker: broker, conn: providerpb.NewProviderClient(conn)}
}

// Describe reads the manifest over the wire.
func (r *Remote) Describe(ctx context.Context) (Manifest, error) {
	reply, err := r.conn.Describe(ctx, &providerpb.DescribeRequest{})
	if err != nil {
		return Manifest{}, err
	}
	return manifestFromWire(reply.GetManifest()), nil
}
