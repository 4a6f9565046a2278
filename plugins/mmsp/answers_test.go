package main

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// row finds an operation in the table.
func row(t *testing.T, id, name string) operation {
	t.Helper()
	for _, o := range operations() {
		if o.ID == id && o.Name == name {
			return o
		}
	}
	t.Fatalf("%s %s is not in the table", id, name)
	return operation{}
}

// with is the operation with other fields in its reply's Body, signed again; nil leaves a
// field out.
func (o operation) with(t *testing.T, changes fields) operation {
	t.Helper()
	command, body := o.parts(t)
	o.Reply = reply(command, body.with(changes).json())
	return o
}

// answered is the operation with another reply.
func (o operation) answered(answer string) operation {
	o.Reply = answer
	return o
}

// parts are the command and the Body of the operation's reply.
func (o operation) parts(t *testing.T) (int, fields) {
	t.Helper()
	var message struct {
		CommandID int
		Body      fields
	}
	d := json.NewDecoder(bytes.NewReader([]byte(o.Reply)))
	d.UseNumber()
	if err := d.Decode(&message); err != nil {
		t.Fatal(err)
	}
	return message.CommandID, message.Body
}

// expect calls the operation, which sends one message.
func (o operation) expect(t *testing.T, want sdk.Outcome) result {
	t.Helper()
	h, r, err := o.run(t, testPlugin())
	if err != nil || r.outcome != want || h.Sends() != 1 {
		t.Errorf("%s %s: %q, %v, %d sent; want %q, for %s", o.ID, o.Name, r.outcome, err, h.Sends(), want, o.Reply)
	}
	return r
}

// refuses calls the operation, which sends nothing and blames a field.
func (o operation) refuses(t *testing.T, param string) {
	t.Helper()
	h, r, err := o.run(t, testPlugin())
	var refusal *sdk.Error
	if !asError(err, &refusal) || refusal.Param != param || h.Sends() != 0 {
		t.Errorf("%s %s: %q, %v, %d sent; want the field %q refused", o.ID, o.Name, r.outcome, err, h.Sends(), param)
	}
}
