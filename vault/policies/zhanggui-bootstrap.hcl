# What the bootstrap needs, for an operator's token: it prepares Vault for hosts and
# issues their secret ids. It can read no key of any account.

path "sys/mounts" {
  capabilities = ["read"]
}

path "sys/mounts/zhanggui" {
  capabilities = ["create", "read", "update", "sudo"]
}

path "zhanggui/config" {
  capabilities = ["create", "read", "update"]
}

path "sys/auth" {
  capabilities = ["read"]
}

path "sys/auth/approle" {
  capabilities = ["create", "read", "update", "sudo"]
}

path "sys/policies/acl/zhanggui-host" {
  capabilities = ["create", "read", "update"]
}

path "sys/policies/acl/zhanggui-bootstrap" {
  capabilities = ["create", "read", "update"]
}

path "auth/approle/role/zhanggui-host" {
  capabilities = ["create", "read", "update"]
}

path "auth/approle/role/zhanggui-host/role-id" {
  capabilities = ["read"]
}

path "auth/approle/role/zhanggui-host/secret-id" {
  capabilities = ["create", "update"]
}
