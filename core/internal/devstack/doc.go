// Package devstack runs what `zhanggui dev` and the tests need on a machine that has only installed
// binaries: a private PostgreSQL with its own data directory, password and sockets.
//
// There are two ways to own a server. StartPostgres makes one that belongs to the calling process
// and ends with it, however that process ends. TestPostgres shares one throw-away server among all
// test binaries and leaves it running for the next; `go run ./core/internal/devstack/cmd/testpg stop` ends it.
package devstack
