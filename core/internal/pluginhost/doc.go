// Package pluginhost finds provider plugins, verifies, launches, confines and supervises
// them, and serves them what they may have: HTTP to the provider and keys by name.
//
// A plugin is a confined guest (no network, file, environment, fork or database). Every
// request it makes to the host carries the token of one call, and the grant of that call
// says what is allowed. The host alone knows whether bytes left, and it redacts the evidence.
//
// A program that uses this package calls RunShim first thing in main, and in TestMain.
package pluginhost
