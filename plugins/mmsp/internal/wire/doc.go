// Package wire is the protocol of MMSP's three products that are signed with MD5 (quick pay,
// scan, gateway): the message with its header, its Body and its signature over the Body, what
// a reply says, and what may be believed of it.
package wire
