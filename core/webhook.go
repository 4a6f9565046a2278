package core

import (
	"context"
	"encoding/json"
	"time"
)

// The prefixes of webhooks, their secrets and deliveries in the API.
const (
	PrefixWebhook       = "whk"
	PrefixWebhookSecret = "whs"
	PrefixDelivery      = "dlv"
)

// DueWebhook is an endpoint with deliveries whose time has come. It is claimed by
// ClaimWebhooks, apart from money, so that receivers cannot hold providers' answers up.
const DueWebhook DueKind = "webhook"

// WebhookEndpoint is an address of a merchant's program that is told what happens.
type WebhookEndpoint struct {
	TenantID    ID
	ID          ID
	URL         string
	Description string
	Types       []string // of events; empty: all
	Enabled     bool
	// DisabledReason says who disabled it: WebhookDisabledByPerson, …Gone, …Failing; empty when enabled.
	DisabledReason string
	DisabledAt     time.Time
	FailingSince   time.Time // the first failure after the last success; zero when it works
	CreatedBy      string
	CreatedAt      time.Time
	UpdatedAt      time.Time
	RemovedAt      time.Time
	Version        int             // counts changes by people; guards them
	Secrets        []WebhookSecret // the one in use first; expired ones are left out
}

// Why an endpoint is disabled.
const (
	WebhookDisabledByPerson = "person"
	WebhookDisabledGone     = "gone"    // it answered 410
	WebhookDisabledFailing  = "failing" // nothing was taken for a week
)

// WebhookSecret signs what is sent to an endpoint.
type WebhookSecret struct {
	TenantID   ID
	ID         ID
	EndpointID ID
	Sealed     []byte `json:"-"` // purpose WebhookSecretPurpose
	Display    string // its beginning
	CreatedBy  string
	CreatedAt  time.Time
	ExpiresAt  time.Time // zero: the one in use
}

// WebhookSecretPurpose binds a sealed secret to its row.
func WebhookSecretPurpose(id ID) string { return "webhook_secrets.sealed/" + id.String() }

// WebhookDelivery is one event on its way to one endpoint. Deliveries of one object to one
// endpoint are sent in the order of Sequence.
type WebhookDelivery struct {
	TenantID    ID
	ID          ID
	EndpointID  ID
	EventID     ID
	EventType   string
	ObjectID    ID
	Sequence    int64 // the event's
	State       DeliveryState
	Attempts    int       // since it was last asked for
	NextCheckAt time.Time // when it is sent, or sent again; zero when it is not pending
	LastStatus  int       // the receiver's HTTP status; 0: no reply came
	LastError   string
	CreatedAt   time.Time
	FinishedAt  time.Time
	// Event is what is sent; filled for sending and for the detail. Zero when it is no longer kept.
	Event Event
	Tries []DeliveryAttempt // newest first; filled for the detail
	// WaitsFor is the earlier delivery of the object that goes first; filled for the detail.
	WaitsFor ID
}

// DeliveryState is where a delivery stands.
type DeliveryState string

// The states of a delivery.
const (
	DeliveryPending   DeliveryState = "pending"
	DeliveryDelivered DeliveryState = "delivered" // the receiver answered 2xx
	DeliveryFailed    DeliveryState = "failed"    // it did not within three days
	DeliveryCanceled  DeliveryState = "canceled"  // its endpoint was disabled or removed
)

// DeliveryAttempt is one request to a receiver.
type DeliveryAttempt struct {
	TenantID   ID
	ID         ID
	DeliveryID ID
	Status     int    // 0: no reply came
	Error      string // a sentence; empty when delivered
	Reply      []byte // cut at 16 KiB
	Address    string // that was dialled
	StartedAt  time.Time
	Duration   time.Duration
}

// DeliveryFilter narrows a list of deliveries. Zero fields do not filter.
type DeliveryFilter struct {
	EndpointID ID
	ObjectID   ID
	// Number is an order's number; the service finds the ObjectIDs that have it.
	Number    string
	ObjectIDs []ID // nil: any; empty: none
	States    []DeliveryState
	Types     []string
	From, To  time.Time
	Page      Page
}

// WebhookSummary is how an endpoint has fared with the events since a time, tests left out.
type WebhookSummary struct {
	Since     time.Time
	Delivered int64
	Failed    int64
	Canceled  int64
	Pending   int64 // those older than Since too
	Retrying  int64 // of Pending: were tried and not taken
	// OldestPending is when the event happened that waits longest; zero: nothing waits.
	OldestPending time.Time
	Failures      []WebhookFailure // the latest kinds first; at most ten
}

// WebhookFailure is one way in which attempts failed.
type WebhookFailure struct {
	Status int // 0: no reply came
	Error  string
	Count  int64
	LastAt time.Time
}

// ResendRange asks to send the events of [From, To) to an endpoint again.
type ResendRange struct {
	EndpointID ID
	From, To   time.Time
	Types      []string // empty: all that the endpoint wants
	// All sends every event of the time, delivered or never meant for the endpoint before.
	// Otherwise only what failed or was canceled.
	All bool
}

// WebhookInput makes or changes an endpoint.
type WebhookInput struct {
	URL         string
	Description string
	Types       []string
	Enabled     bool
}

// Webhooks tells merchants' programs what happens, by the Standard Webhooks specification.
type Webhooks interface {
	ListWebhooks(ctx context.Context) ([]WebhookEndpoint, error)
	Webhook(ctx context.Context, id ID) (WebhookEndpoint, error)
	// WebhookSummary says how an endpoint has fared in the last seven days.
	WebhookSummary(ctx context.Context, id ID) (WebhookSummary, error)
	// EventTypes are the types that webhooks can be told of, with what each means.
	EventTypes(ctx context.Context) ([]EventType, error)
	// CreateWebhook gives the first secret once. Errors: CodeStepUpRequired, CodeInvalidURL,
	// CodeLimitExceeded when the merchant has too many.
	CreateWebhook(ctx context.Context, in WebhookInput) (WebhookEndpoint, Secret, error)
	// UpdateWebhook changes it. Errors: CodeInvalidURL; CodeStepUpRequired for another URL.
	UpdateWebhook(ctx context.Context, id ID, in WebhookInput) (WebhookEndpoint, error)
	RemoveWebhook(ctx context.Context, id ID) error
	// RotateWebhookSecret gives a new secret once; those before it sign too until overlap is over.
	RotateWebhookSecret(ctx context.Context, id ID, overlap time.Duration) (WebhookEndpoint, Secret, error)
	// RemoveWebhookSecret ends a secret now. Errors: CodeInvalidState for the one in use.
	RemoveWebhookSecret(ctx context.Context, id, secret ID) (WebhookEndpoint, error)
	// TestWebhook sends an event of the type webhook.test now, enabled or not.
	TestWebhook(ctx context.Context, id ID) (WebhookDelivery, error)

	ListDeliveries(ctx context.Context, f DeliveryFilter) ([]WebhookDelivery, error)
	Delivery(ctx context.Context, id ID) (WebhookDelivery, error)
	// ResendDelivery sends it anew, with all its retries. Errors: CodeInvalidState when it is
	// pending or its endpoint is disabled.
	ResendDelivery(ctx context.Context, id ID) (WebhookDelivery, error)
	// ResendDeliveries says how many were asked for. Errors: CodeInvalidState as above,
	// CodeLimitExceeded when they are more than are sent again at once.
	ResendDeliveries(ctx context.Context, r ResendRange) (int, error)
}

// WebhookReader reads endpoints and deliveries of the transaction's tenant.
type WebhookReader interface {
	WebhookEndpoints(ctx context.Context) ([]WebhookEndpoint, error) // those not removed
	WebhookEndpoint(ctx context.Context, id ID) (WebhookEndpoint, error)
	WebhookDeliveries(ctx context.Context, f DeliveryFilter) ([]WebhookDelivery, error)
	WebhookDelivery(ctx context.Context, id ID) (WebhookDelivery, error) // with event and tries
	WebhookSummary(ctx context.Context, endpoint ID, since time.Time) (WebhookSummary, error)
}

// WebhookWriter writes endpoints and deliveries of the transaction's tenant. New deliveries
// are written by AppendEvent, for every endpoint that is enabled and wants the event.
type WebhookWriter interface {
	InsertWebhookEndpoint(ctx context.Context, e WebhookEndpoint) error
	// UpdateWebhookEndpoint writes what people change. Errors: CodeConflict when Version moved on.
	UpdateWebhookEndpoint(ctx context.Context, e WebhookEndpoint) error
	// MarkWebhookFailing notes since when the endpoint fails, or with a zero time that it works.
	MarkWebhookFailing(ctx context.Context, endpoint ID, since time.Time) error
	// DisableWebhook says whether the endpoint was enabled until now.
	DisableWebhook(ctx context.Context, endpoint ID, reason string, now time.Time) (bool, error)
	InsertWebhookSecret(ctx context.Context, s WebhookSecret) error
	// ExpireWebhookSecrets lets the secrets in use end at a time.
	ExpireWebhookSecrets(ctx context.Context, endpoint ID, at time.Time) error
	DeleteWebhookSecret(ctx context.Context, endpoint, secret ID) error

	// DueDeliveries gives up to limit deliveries of the endpoint that are due and have no earlier
	// one of the same object pending, with their events.
	DueDeliveries(ctx context.Context, endpoint ID, now time.Time, limit int) ([]WebhookDelivery, error)
	// InsertDelivery writes a delivery that is finished: a test.
	InsertDelivery(ctx context.Context, d WebhookDelivery, a DeliveryAttempt) error
	// RecordDelivery writes what came of an attempt and lets the next of the object go. Errors:
	// CodeConflict when somebody else recorded one meanwhile.
	RecordDelivery(ctx context.Context, d WebhookDelivery, a DeliveryAttempt) error
	// CancelDeliveries cancels up to limit of what waits for the endpoint.
	CancelDeliveries(ctx context.Context, endpoint ID, now time.Time, limit int) (int, error)
	RequeueDelivery(ctx context.Context, id ID, now time.Time) error
	// RequeueDeliveries is RequeueDelivery for a range. Errors: CodeLimitExceeded over limit.
	RequeueDeliveries(ctx context.Context, r ResendRange, now time.Time, limit int) (int, error)
}

// WebhookQueue gives out endpoints with deliveries that are due.
type WebhookQueue interface {
	// ClaimWebhooks leases up to limit endpoints, the longest waiting first.
	ClaimWebhooks(ctx context.Context, now time.Time, limit int, lease time.Duration) ([]Due, error)
}

// webhookBody is what a receiver gets: the specification's type, timestamp and data, and
// what ordering and deduplication need.
type webhookBody struct {
	ID        string          `json:"id"`
	Type      string          `json:"type"`
	Timestamp time.Time       `json:"timestamp"`
	ObjectID  string          `json:"object_id"`
	Sequence  int64           `json:"sequence"`
	Data      json.RawMessage `json:"data"`
}

// WebhookMessage is an event as it is sent: its id for deduplication, and the body.
func WebhookMessage(e Event) (id string, body []byte, err error) {
	b := webhookBody{
		ID: e.ID.Prefixed(PrefixEvent), Type: e.Type, Timestamp: e.CreatedAt.UTC(),
		ObjectID: e.ObjectID.Prefixed(EventObjectPrefix(e.Type)), Sequence: e.Sequence, Data: e.Data,
	}
	if len(b.Data) == 0 {
		b.Data = json.RawMessage("{}")
	}
	body, err = json.Marshal(b)
	return b.ID, body, err
}
