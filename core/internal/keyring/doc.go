// Package keyring keeps the secrets of provider accounts: in Vault for production
// (Vault) and encrypted on disk for development (Embedded). Both obey one contract,
// core.Keyring, proved by one suite.
//
// Beside the stores it has the Sealer, which encrypts what the database keeps and
// nobody reads, and the Parser, which turns pasted text and uploaded files into the
// normal form of a credential.
package keyring
