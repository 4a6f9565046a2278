// Package vaulttest gives tests a real Vault: the vault program of the machine if there
// is one, else the server in vault/devserver, which is built once into the user's cache
// (minutes, then never again until its sources change). Run
//
//	go run ./vault/vaulttest/cmd/testvault build
//
// before tests with a time-out. It is for tests and development only: one unseal key,
// held by the test.
package vaulttest
