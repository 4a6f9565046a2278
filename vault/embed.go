// Package vault prepares a Vault server for Zhanggui: the store for keys, the AppRole
// hosts log in by, and least-privilege policies.
package vault

import "embed"

//go:embed policies/*.hcl
var policies embed.FS

// The names in Vault that policies, bootstrap and host agree on.
const (
	Mount           = "zhanggui"
	AuthMount       = "approle"
	HostRole        = "zhanggui-host"
	HostPolicy      = "zhanggui-host"
	BootstrapPolicy = "zhanggui-bootstrap"
)

// Policy gives the text of one of our policies by its name in Vault.
func Policy(name string) (string, error) {
	text, err := policies.ReadFile("policies/" + name + ".hcl")
	return string(text), err //nolint:wrapcheck // the error names the file
}
