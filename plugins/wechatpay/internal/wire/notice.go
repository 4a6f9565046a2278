package wire

import (
	"context"
	"net/http"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk/strictjson"
)

// Notice is a notification, verified and opened.
type Notice struct {
	ID       string
	Event    string // event_type, for instance TRANSACTION.SUCCESS
	Kind     string // what the resource is: transaction or refund
	resource strictjson.Object
}

// Open verifies a notification's signature over the very bytes of its body, then opens what
// it is about. An error with sdk.ErrVerification, or ErrForm, is nothing that WeChat Pay said.
func (p Platform) Open(ctx context.Context, header http.Header, body []byte) (Notice, error) {
	if err := (validator{p.Call.Now, p}).message(ctx, header, body); err != nil {
		return Notice{}, err
	}
	fields, err := strictjson.Read(body)
	if err != nil {
		return Notice{}, err
	}
	f := reader{fields: fields}
	notice, sealed := Notice{ID: f.text("id"), Event: f.text("event_type")}, f.object("resource")
	notice.Kind = sealed.text("original_type")
	if err := first(f.err, sealed.err); err != nil {
		return Notice{}, err
	}
	plain, err := p.unseal(sealed)
	if err != nil {
		return Notice{}, err
	}
	notice.resource, err = strictjson.Read(plain)
	return notice, err
}

// Payment reads the order that the notification is about.
func (n Notice) Payment() (Payment, error) { return payment(n.resource) }

// Refund reads the refund that the notification is about.
func (n Notice) Refund() (Refund, error) { return refund(n.resource, "refund_status") }
