// Package postgres keeps the product's data in PostgreSQL: the schema's roles, row-level
// security, transactions, the sweeper's claims and the audit chain. It implements core.Database.
//
// One login is granted three roles, and every connection takes one of them at its start:
// zhanggui_app reads and writes one tenant, zhanggui_platform reads all tenants,
// zhanggui_owner owns the tables and migrates. A pool in transaction mode between us and the
// server loses that and the prepared statements: connect directly, or with a session-mode pool.
//
// # Trips
//
// A transaction costs as few round trips as the protocol allows: BEGIN travels with the
// tenant's setting; statements are prepared once a connection; and what has no answer a caller
// waits for (new payments, refunds and attempts, finished attempts, events, audit rows,
// saved replies) is kept in the transaction and sent as one statement before the next read, or
// before COMMIT. Its errors, CodeOrderNoUsed for one, come from that later call or from
// InTenant itself.
//
// # Backup
//
//	pg_dump --role=zhanggui_owner --enable-row-security
//
// dumps as the owner; a superuser needs none of the options. After a restore call
// AfterRestore before anything is served; docs/backup.md says it all.
package postgres
