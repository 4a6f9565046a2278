package keyring

import (
	"context"
	"errors"
	"io/fs"
	"net/http"

	"github.com/hashicorp/vault/api"

	"github.com/zhanggui-pay/zhanggui/core"
)

// The sentences people read when keys cannot be had. Whatever wanted the key has not been
// sent anywhere.
const (
	saySealed      = "Vault is sealed: nothing was sent. Unseal it; the host goes on by itself."
	sayUnreachable = "Vault cannot be reached: nothing was sent. Check that it runs and that its address is right."
	sayUninit      = "Vault has never been initialised: initialise and unseal it, then run the bootstrap."
	sayLogin       = "Vault does not accept this host's AppRole ids: give the host a new secret id."
	sayPolicy      = "Vault refuses this host's role: run the bootstrap again, it writes the policies."
	sayMount       = "Vault has no store for the keys at the configured mount: run the bootstrap."
	sayBusy        = "Vault answers with an error: nothing was sent. Its log says more."
	saySecretFile  = "The file with this host's AppRole secret id cannot be read: check its path and its rights."
)

// outage turns a failed exchange into what callers see.
func outage(err error) error {
	return core.Wrap(err, core.CodeKeysUnavailable, "%s", outageSentence(err))
}

func outageSentence(err error) string {
	refused, ok := errors.AsType[*api.ResponseError](err)
	switch {
	case errors.Is(err, errUninitialised):
		return sayUninit
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		return saySecretFile
	case !ok:
		return sayUnreachable
	case refused.StatusCode == http.StatusServiceUnavailable:
		return saySealed
	case refused.StatusCode == http.StatusBadRequest:
		return sayLogin
	case refused.StatusCode == http.StatusForbidden:
		return sayPolicy
	case refused.StatusCode == http.StatusNotFound:
		return sayMount
	}
	return sayBusy
}

// errUninitialised stands for the 503 of a Vault that has never been initialised.
var errUninitialised = errors.New("vault is not initialised")

// gaveUp is a caller's own deadline or cancellation while Vault had not answered yet.
func gaveUp(ctx context.Context) error {
	return core.Wrap(ctx.Err(), core.CodeKeysUnavailable, "%s", sayUnreachable)
}
