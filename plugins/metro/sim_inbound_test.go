package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	sim "github.com/zhanggui-pay/zhanggui/plugins/sim/metro"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
	"github.com/zhanggui-pay/zhanggui/plugins/sdk/sdktest"
)

// doorman is the host's side of the provider's messages: it takes each nonce once, keeps
// the members, and answers what the plugin says.
type doorman struct {
	t      *testing.T
	plugin able
	host   *testHost

	mu      sync.Mutex
	nonces  map[string]bool
	members map[string]string // phone by uid; "" after closing
}

func (d *doorman) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		d.t.Error(err)
	}
	req := sdk.InboundRequest{Kind: r.URL.Path[len(r.URL.Path)-1:], Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Headers: map[string]string{}, Body: body}
	for name := range r.Header {
		req.Headers[name] = r.Header.Get(name)
	}
	result, err := d.plugin.HandleInbound(r.Context(), d.host.Call(r.Context(), sdk.CapInbound, testURL, testSettings), req)
	if err != nil {
		d.t.Errorf("%s: %v", req.Kind, err)
	}
	answer := d.apply(result)
	for name, value := range answer.Headers {
		w.Header().Set(name, value)
	}
	w.WriteHeader(answer.Status)
	_, _ = w.Write(answer.Body)
}

func (d *doorman) apply(r sdk.InboundResult) sdk.InboundAnswer {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !r.Verified {
		return r.Answer
	}
	if r.Nonce == "" || d.nonces[r.Nonce] {
		return sdk.InboundAnswer{Status: http.StatusConflict, Body: []byte("{}")}
	}
	d.nonces[r.Nonce] = true
	for _, e := range r.Events {
		uid := e.Values["uid"]
		_, known := d.members[uid]
		switch {
		case e.Type == sdk.EventMemberClosed && !known:
			return *r.Unknown
		case e.Type == sdk.EventMemberClosed:
			d.members[uid] = ""
		default:
			phone := e.Secrets["phone"]
			d.members[uid] = phone.Text()
		}
	}
	return r.Answer
}

func (d *doorman) phone(uid string) (string, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	phone, known := d.members[uid]
	return phone, known
}

// openDoor puts a doorman where the simulated provider sends its messages.
func openDoor(t *testing.T, plugin able) (*sim.Simulator, *doorman) {
	t.Helper()
	d := &doorman{t: t, plugin: plugin, host: newHost(t, nil), nonces: map[string]bool{}, members: map[string]string{}}
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)
	s := openShop(t, sim.Options{})
	s.metro.AddMerchant(sim.Merchant{
		MchID: testMerchant, PublicKey: sim.PublicKey{PublicKey: &rsaKey(t, "merchant.pem").PublicKey},
		OpenURL: server.URL + "/c/" + kindOpen, UnbindURL: server.URL + "/c/" + kindClose, PhoneURL: server.URL + "/c/" + kindPhone,
		PhoneKey: []byte(testPhoneKey), PhoneIV: []byte(testPhoneIV), ProviderKey: sim.PrivateKey{PrivateKey: rsaKey(t, "provider.pem")},
	})
	return s.metro, d
}

func send(ctx context.Context, t *testing.T, metro *sim.Simulator, call sim.Call, uid, phone string) sim.Delivery {
	t.Helper()
	delivery, err := metro.NotifyOnce(ctx, sim.Message{MchID: testMerchant, Call: call, UID: uid, Phone: phone})
	if err != nil {
		t.Fatal(err)
	}
	if !delivery.Accepted || delivery.Status != http.StatusOK {
		t.Errorf("%s: %+v", call, delivery)
	}
	return delivery
}

// TestSimMembers: ME1 and ME2, in process and over the wire, twice over.
func TestSimMembers(t *testing.T) {
	t.Parallel()
	for where, plugin := range map[string]able{"in process": provider{}, "over the wire": sdktest.OverTheWire(t, provider{})} {
		t.Run(where, func(t *testing.T) {
			t.Parallel()
			metro, door := openDoor(t, plugin)
			ctx := t.Context()
			want(t, "close before open", send(ctx, t, metro, sim.CallUnbind, simUID, "13800000001").VIPStatus, sim.VIPUnactive)
			for range 2 {
				want(t, "open", send(ctx, t, metro, sim.CallOpen, simUID, "13800000001").VIPStatus, sim.VIPActive)
			}
			phone, _ := door.phone(simUID)
			want(t, "phone", phone, "13800000001")
			for range 2 {
				send(ctx, t, metro, sim.CallPhone, simUID, "13900000002")
			}
			phone, _ = door.phone(simUID)
			want(t, "new phone", phone, "13900000002")
			for range 2 {
				want(t, "close", send(ctx, t, metro, sim.CallUnbind, simUID, "13900000002").VIPStatus, sim.VIPClosed)
			}
			phone, known := door.phone(simUID)
			want(t, "closed", phone, "")
			want(t, "closed", known, true)
		})
	}
}

// TestSimForgeries: whatever is not the provider's own word deceives nobody.
func TestSimForgeries(t *testing.T) {
	t.Parallel()
	for _, kind := range sim.Forgeries() {
		for _, call := range []sim.Call{sim.CallOpen, sim.CallUnbind, sim.CallPhone} {
			metro, door := openDoor(t, provider{})
			send(t.Context(), t, metro, call, simUID, "13800000001")
			before, known := door.phone(simUID)
			delivery, err := metro.Forge(t.Context(), sim.Message{MchID: testMerchant, Call: call, UID: simUID, Phone: "13700000009"}, kind)
			if err != nil {
				t.Fatalf("%s: %v", kind, err)
			}
			after, still := door.phone(simUID)
			if delivery.Accepted || delivery.Status == http.StatusOK || after != before || still != known {
				t.Errorf("%s of %s: %+v, %q and then %q", kind, call, delivery, before, after)
			}
		}
	}
}
