package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

func issued(sn, key string) fields { return fields{"terminal_sn": sn, "terminal_key": key} }

// flat is a reply whose fields stand beside biz_response.result_code.
func flat(inner fields) string {
	return encodeReply(map[string]any{"result_code": "200", "biz_response": inner})
}

// TestIssuedKey: only a usable key, of the right terminal, replaces the one that works.
func TestIssuedKey(t *testing.T) {
	t.Parallel()
	const fresh = "ffffffffffffffffffffffffffffffff"
	cases := []struct {
		reply              string
		checkIn, activated sdk.Outcome
	}{
		{flat(issued(testTerminal, fresh)), succeeded, succeeded},
		{biz("SUCCESS", "", issued(testTerminal, fresh)), succeeded, succeeded},
		{biz("", "", issued(testTerminal, fresh)), succeeded, succeeded},
		{flat(issued("100000010009", fresh)), unknown, succeeded},
		{flat(issued("", fresh)), unknown, unknown},
		{flat(issued(testTerminal, "")), unknown, unknown},
		{flat(issued(testTerminal, "with space")), unknown, unknown},
		{flat(issued(testTerminal, "换行\n")), unknown, unknown},
		{flat(issued(testTerminal, strings.Repeat("f", 129))), unknown, unknown},
		{flat(issued(strings.Repeat("1", 33), fresh)), unknown, unknown},
		{flat(fields{}), unknown, unknown},
		{biz("FAIL", "INVALID_PARAMS", nil), refused, refused},
		{biz("FAIL", "", issued(testTerminal, fresh)), refused, refused},
		{biz("UNKNOWN", "", issued(testTerminal, fresh)), unknown, unknown},
	}
	for _, c := range cases {
		for name, want := range map[string]sdk.Outcome{"check-in": c.checkIn, "activate": c.activated} {
			h := answering(200, c.reply)
			r, err := exchanges[name](t, h)
			if err != nil || r.outcome != want {
				t.Errorf("%s: %s, %v; want %s for %s", name, r.outcome, err, want, c.reply)
			}
			if stored := h.keys[credTerminalKey] != testKey; stored != (want == succeeded) {
				t.Errorf("%s: the key was replaced: %v, for %s", name, stored, c.reply)
			}
		}
	}
}

// TestKeyNotStored: if the host cannot store the new key, the call fails with the host's
// reason; the old key stays good at the gateway.
func TestKeyNotStored(t *testing.T) {
	t.Parallel()
	h := answering(200, flat(issued(testTerminal, "ffff")))
	h.lose = sdk.Errorf(sdk.ErrKeysUnavailable, "The keys cannot be stored now.")
	if r, err := exchanges["check-in"](t, h); !errors.Is(err, h.lose) || r.outcome != unknown {
		t.Errorf("%s, %v", r.outcome, err)
	}
}

// TestIssuedKeyStaysSecret: what may be shown is the number, never the key.
func TestIssuedKeyStaysSecret(t *testing.T) {
	t.Parallel()
	h := answering(200, flat(issued(testTerminal, "ffff")))
	r, err := provider{}.CheckIn(t.Context(), h.plain(t, sdk.CapCheckIn))
	if err != nil || len(r.Values) != 1 || r.Values[credTerminalSN] != testTerminal {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestDevice: the device of an account is always the same and fits the provider.
func TestDevice(t *testing.T) {
	t.Parallel()
	h := answering(200, "")
	call := h.call(t, sdk.CapCheckIn, "", "{}")
	call.AccountID = "pacct_0198c0de-0000-7000-8000-000000000001"
	made := settings{}.device(call)
	if made != (settings{}).device(call) || len(made) > maxDevice || !strings.HasPrefix(made, "zg-pacct") {
		t.Errorf("made up: %q", made)
	}
	if got := (settings{DeviceID: "POS-1"}).device(call); got != "POS-1" {
		t.Errorf("set: %q", got)
	}
}
