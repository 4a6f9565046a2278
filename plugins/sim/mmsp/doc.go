// Package mmsp is a simulated MMSP open platform (seed 003), written from the provider's document alone: payout, quick
// pay, scan and gateway.
//
// It is an independent witness: it imports nothing of the platform, checks every documented field, keeps its own ledger
// of the money it moved, and can be told to misbehave. README.md lists routes, faults and decisions.
//
// # Shape
//
// The three MD5 products share one envelope (3.1: CommandID, SeqID, NodeType … Body, Sign) and differ in their path
// ([PathScan], [PathQuick], [PathGateway]) and commands. admit.go checks a message (transport, header, merchant,
// signature, the Body's fields), serve.go lets the faults decide and calls the operation's run, reply.go puts the answer
// into the envelope, and canonical.go signs.
//
// An operation is a row of a table: scanOperations, quickOperations and gatewayOperations return the rows of their
// product, each with its command, documented fields, a check over several fields, the faults it knows, and run, which
// gets an admitted request and returns an answer made by done or refused. What is not in a row's fields is refused.
// Browser addresses (GET) are rows of scanPages, quickPages and gatewayPages.
//
// Payout has another envelope (RSA, 4.1): servePayout admits it by itself; its rows in payoutOperations serve the
// names, faults and counts only.
//
// One book holds the orders of the MD5 products: a MERORDERID is unique for its merchant in all of them. What only one
// product knows stands in Order.Scan, Order.Quick or Order.Gateway. An order changes, and its money moves, under its lock, and
// each change is one line of the journal. notices says what each product pushes, how often, and under which command.
package mmsp
