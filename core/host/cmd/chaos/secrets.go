package main

import (
	"bytes"
	"encoding/hex"
	"strings"

	"github.com/zhanggui-pay/zhanggui/core/host/cmd/chaos/stand"
)

// secret is a canary: a piece of a key that stands nowhere but in Vault and at its owner.
type secret struct {
	name  string
	forms [][]byte
}

func (s secret) in(text []byte) bool {
	for _, form := range s.forms {
		if bytes.Contains(text, form) {
			return true
		}
	}
	return false
}

func newSecret(name, value string) secret {
	return secret{name: name, forms: [][]byte{[]byte(value), []byte(hex.EncodeToString([]byte(value)))}}
}

// shortest is the length from which a credential is searched for: shorter ones stand in texts by chance.
const shortest = 14

// secretsOf are the keys of every account, the API keys, and the keys to Vault.
func secretsOf(s *stand.Stand) []secret {
	secrets := []secret{
		newSecret("Vault's root token", string(s.Vault.RootToken.Reveal())),
		newSecret("the AppRole's secret id", string(s.Vault.SecretID.Reveal())),
	}
	for _, t := range s.Tenants {
		secrets = append(secrets, newSecret("the API key of "+t.Mark, t.Key), newSecret("the webhook's secret of "+t.Mark, t.HookSecret))
	}
	known := map[string]bool{}
	for _, p := range s.Sims.Providers {
		for i := range s.Tenants {
			for name, value := range p.Accounts[i].Credentials {
				if piece := pieceOf(value); piece != "" && !known[piece] {
					known[piece] = true
					secrets = append(secrets, newSecret(name+" at "+p.Provider, piece))
				}
			}
		}
	}
	return secrets
}

// pieceOf gives a line from the middle of a key, or "" for what is no secret: numbers, names,
// public keys and certificates.
func pieceOf(value string) string {
	if strings.Contains(value, "PUBLIC KEY") || strings.Contains(value, "CERTIFICATE") || len(value) < shortest {
		return ""
	}
	if strings.Trim(value, "0123456789") == "" {
		return ""
	}
	if len(value) < 128 {
		return value
	}
	if lines := strings.Split(strings.TrimSpace(value), "\n"); len(lines) > 4 {
		return lines[len(lines)/2]
	}
	return value[len(value)/2 : len(value)/2+48]
}
