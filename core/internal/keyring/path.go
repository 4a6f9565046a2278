package keyring

import (
	"github.com/zhanggui-pay/zhanggui/core"
)

// pathOf is where a path's versions live in a store. Identifiers only: names in Vault
// can be listed by whoever may list, so nothing readable goes into them.
func pathOf(path core.KeyPath) string {
	if path.TenantID.IsZero() {
		return "platform/" + path.AccountID.String()
	}
	return "tenants/" + path.TenantID.String() + "/accounts/" + path.AccountID.String()
}

func notFound() error {
	return core.Errorf(core.CodeNotFound, "There are no such keys: they were never entered, or this version was retired.")
}

func conflict() error {
	return core.Errorf(core.CodeConflict, "The keys were changed meanwhile: load them again and repeat the change.")
}

// checkRetire keeps the platform's wrapping keys: without them everything sealed is lost.
func checkRetire(path core.KeyPath, version int) error {
	if path.TenantID.IsZero() {
		return core.Errorf(core.CodeNotSupported, "The platform's own keys are never destroyed: what they sealed could not be opened again.")
	}
	if version <= 0 {
		return notFound()
	}
	return nil
}
