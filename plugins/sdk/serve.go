package sdk

import (
	"context"
	"errors"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	providerpb "github.com/zhanggui-pay/zhanggui/plugins/sdk/proto"
)

// Serve runs p as a plugin process. It is the whole of a plugin's main and returns when
// the host ends the plugin. Started by hand, the program says what it is and exits.
func Serve(p Provider) {
	goplugin.Serve(&goplugin.ServeConfig{
		HandshakeConfig: goplugin.HandshakeConfig{MagicCookieKey: providerpb.CookieKey, MagicCookieValue: providerpb.CookieValue},
		VersionedPlugins: map[int]goplugin.PluginSet{
			providerpb.ProtocolVersion: {providerpb.PluginName: GRPCPlugin(p)},
		},
		GRPCServer: newServer,
		// The host reads the plugin's own log through Call.Log; go-plugin's chatter is not for it.
		Logger: hclog.New(&hclog.LoggerOptions{Level: hclog.Error, JSONFormat: true}),
	})
}

func newServer(opts []grpc.ServerOption) *grpc.Server {
	return grpc.NewServer(append(opts,
		// Workers keep their grown stacks: growing one for each call costs more than the call.
		grpc.NumStreamWorkers(32), grpc.MaxRecvMsgSize(providerpb.MaxMessage), grpc.MaxSendMsgSize(providerpb.MaxMessage))...)
}

// GRPCPlugin wraps p for go-plugin. Serve uses it; a test that runs a plugin over a real
// connection in its own process does too.
func GRPCPlugin(p Provider) goplugin.Plugin { return &grpcPlugin{provider: p} }

type grpcPlugin struct {
	goplugin.NetRPCUnsupportedPlugin
	provider Provider
}

var _ goplugin.GRPCPlugin = (*grpcPlugin)(nil)

// GRPCServer is the plugin's side.
func (g *grpcPlugin) GRPCServer(broker *goplugin.GRPCBroker, s *grpc.Server) error {
	server := &providerServer{provider: g.provider}
	server.dial = func(id uint32) (*grpc.ClientConn, error) {
		return broker.DialWithOptions(id, grpc.WithIdleTimeout(0), grpc.WithDefaultCallOptions(
			grpc.MaxCallRecvMsgSize(providerpb.MaxMessage), grpc.MaxCallSendMsgSize(providerpb.MaxMessage)))
	}
	providerpb.RegisterProviderServer(s, server)
	return nil
}

// GRPCClient is the host's side of a test: it gives a *Remote.
func (g *grpcPlugin) GRPCClient(ctx context.Context, broker *goplugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return NewRemote(ctx, broker, conn)
}

// failureOf says on the wire what went wrong. An error that is no *Error is internal.
func failureOf(err error) *providerpb.Failure {
	var known *Error
	if errors.As(err, &known) {
		return failureToWire(known)
	}
	return failureToWire(Errorf(ErrInternal, "%v", err))
}
