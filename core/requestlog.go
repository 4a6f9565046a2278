package core

import (
	"context"
	"time"
)

// PrefixRequest is the prefix of entries of the request log in the API.
const PrefixRequest = "rql"

// RequestEntry is one request of a merchant's program that was let in by its API key. It holds
// neither bodies nor queries nor paths: only what cannot be a secret.
type RequestEntry struct {
	TenantID   ID
	ID         ID
	APIKeyID   ID
	Method     string
	Route      string // the operation's path with its parameters' names: /v1/payments/{payment_id}
	Status     int
	Code       Code   // of the refusal; empty when it succeeded
	Message    string // the sentence the program was told, without long numbers and keys
	Param      string // the field at fault
	RequestID  string
	Duration   time.Duration
	IP         string
	ObjectID   ID     // what was asked about or made; zero: nothing in particular
	ObjectKind string // its prefix: pay, ref …
	CreatedAt  time.Time
}

// RequestResult says how requests ended.
type RequestResult string

// How requests end.
const (
	RequestSucceeded RequestResult = "succeeded" // a status below 400
	RequestRefused   RequestResult = "refused"   // 400 to 499: the program has to do something
	RequestFailed    RequestResult = "failed"    // 500 and above: we or a provider have to
)

// RequestFilter narrows a list of requests. Zero fields do not filter.
type RequestFilter struct {
	Results   []RequestResult
	Methods   []string
	Codes     []Code
	Route     string
	RequestID string
	APIKeyID  ID
	ObjectIDs []ID // nil: any; empty: none
	// Number is an order's number, ours, the merchant's or the provider's. The service finds the
	// ObjectIDs that have it.
	Number   string
	From, To time.Time
	Page     Page
}

// RequestLog shows developers what their programs asked and what they were told.
type RequestLog interface {
	// ListRequests lists them, newest first.
	ListRequests(ctx context.Context, f RequestFilter) ([]RequestEntry, error)
	Request(ctx context.Context, id ID) (RequestEntry, error)
}

// RequestReader reads the log of the transaction's tenant.
type RequestReader interface {
	Requests(ctx context.Context, f RequestFilter) ([]RequestEntry, error)
	Request(ctx context.Context, id ID) (RequestEntry, error)
}

// RequestRecorder takes entries without ever waiting: under pressure they are lost, and counted.
type RequestRecorder interface {
	Record(e RequestEntry)
}

// RequestKeeper writes entries of any merchants, each merchant's in a short transaction of its own
// that nobody waits for. It says how many were written before an error.
type RequestKeeper interface {
	KeepRequests(ctx context.Context, list []RequestEntry) (int, error)
}
