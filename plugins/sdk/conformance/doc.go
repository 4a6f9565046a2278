// Package conformance is the suite of checks that every provider plugin passes, without a test
// framework around it: sdktest runs it in an author's tests, and the host against binaries.
package conformance
