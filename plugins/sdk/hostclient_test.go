package sdk

import (
	"errors"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	providerpb "github.com/zhanggui-pay/zhanggui/plugins/sdk/proto"
)

// TestAnOlderHost: a service that the host lacks is not supported, as the compatibility policy says.
func TestAnOlderHost(t *testing.T) {
	t.Parallel()
	for code, want := range map[codes.Code]string{codes.Unimplemented: ErrNotSupported, codes.Unavailable: ErrInternal} {
		_, err := value(nil, status.Error(code, "no"))
		if !errors.Is(err, &Error{Code: want}) {
			t.Errorf("%s: %v", code, err)
		}
		if err := nothing(nil, status.Error(code, "no")); !errors.Is(err, &Error{Code: want}) {
			t.Errorf("%s: %v", code, err)
		}
	}
	if err := nothing(&providerpb.EmptyReply{Failure: &providerpb.Failure{Code: ErrDenied}}, nil); !errors.Is(err, &Error{Code: ErrDenied}) {
		t.Error(err)
	}
}
