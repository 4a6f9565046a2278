package sdktest

import (
	"errors"
	"net"
	"net/http"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// OverHTTP makes a Host's Answer that really sends, to a simulator for instance, and reports what
// broke as the real host does: not sent when there was no connection, perhaps sent otherwise. Give
// it a transport that keeps no connections: Go repeats some requests on one that has died.
func OverHTTP(transport http.RoundTripper) func(*http.Request) (*http.Response, error) {
	return func(req *http.Request) (*http.Response, error) {
		resp, err := transport.RoundTrip(req)
		var dial *net.OpError
		if errors.As(err, &dial) && dial.Op == "dial" {
			return nil, sdk.Errorf(sdk.ErrNotSent, "No connection: %v.", err)
		}
		if err != nil {
			return nil, sdk.Errorf(sdk.ErrSentMaybe, "The exchange broke: %v.", err)
		}
		return resp, nil
	}
}
