# What a running host may do, and nothing else: write and read the keys of accounts and
# its own wrapping keys, and destroy retired versions of accounts' keys. It cannot list
# names, delete or change metadata, or destroy a wrapping key.

path "zhanggui/data/tenants/+/accounts/+" {
  capabilities = ["create", "read", "update"]
}

path "zhanggui/destroy/tenants/+/accounts/+" {
  capabilities = ["update"]
}

path "zhanggui/data/platform/+" {
  capabilities = ["create", "read", "update"]
}

# Its own token: look, renew, give back. The role leaves out Vault's default policy.
path "auth/token/lookup-self" {
  capabilities = ["read"]
}

path "auth/token/renew-self" {
  capabilities = ["update"]
}

path "auth/token/revoke-self" {
  capabilities = ["update"]
}
