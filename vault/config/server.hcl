# Vault beside the host in one compose network. Initialise and unseal it once by hand,
# keep the unseal keys elsewhere, then run the bootstrap.
#
# In production give the listener a certificate (tls_cert_file, tls_key_file) and remove
# tls_disable: keys travel over this connection.

storage "raft" {
  path    = "/vault/file"
  node_id = "vault-1"
}

listener "tcp" {
  address         = "0.0.0.0:8200"
  cluster_address = "0.0.0.0:8201"
  tls_disable     = true
}

api_addr     = "http://vault:8200"
cluster_addr = "http://vault:8201"

# Raft keeps its data in memory-mapped files: forbid swap on the machine instead.
disable_mlock = true
ui            = false

# Leases of hosts are short; nothing needs longer ones.
default_lease_ttl = "1h"
max_lease_ttl     = "24h"
