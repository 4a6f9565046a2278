// Package sdktest is the conformance suite of provider plugins. One call of Run checks a
// plugin's manifest and what it makes of bad replies, in the test's process and over a real
// connection:
//
//   - the manifest is complete and asks for no more than it needs;
//   - time-outs, broken connections, 5xx, garbage and truncated replies are unknown, never
//     a final outcome;
//   - a call sends at most what its grant allows, and one request where money moves;
//   - no reply makes the plugin panic.
package sdktest
