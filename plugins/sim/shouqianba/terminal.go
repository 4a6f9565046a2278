package shouqianba

import (
	"fmt"
	"sync"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/internal/frame"
)

// terminal guards a terminal and its keys.
type terminal struct {
	mu       sync.Mutex
	now      Terminal
	previous string // the key before the last check-in, while it is still accepted
}

// savedTerminal is a terminal in the journal.
type savedTerminal struct {
	Terminal
	Previous   string `json:"previous_key,omitempty"`
	ActivateBy string `json:"activated_by,omitempty"` // the activation code that was used up
	AppID      string `json:"app_id,omitempty"`
}

func (t *terminal) state() Terminal {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.now
}

func (t *terminal) saved() *savedTerminal {
	t.mu.Lock()
	defer t.mu.Unlock()
	return &savedTerminal{Terminal: t.now, Previous: t.previous}
}

// verify returns the key that signed the body, "" if none did. The first use of a new key ends the old one;
// confirmed reports that this happened just now.
func (t *terminal) verify(body []byte, sign string, keepPrevious bool) (key string, confirmed bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if signature(body, t.now.Key) == sign {
		if t.previous != "" && !keepPrevious {
			t.previous, confirmed = "", true
		}
		return t.now.Key, confirmed
	}
	if t.previous != "" && signature(body, t.previous) == sign {
		return t.previous, false
	}
	return "", false
}

// rotate makes fresh the current key and keeps the one the caller has just shown to hold, so that a lost reply
// does not lock the terminal out, however often it is lost.
func (t *terminal) rotate(fresh, signedBy string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.now.Key, t.previous = fresh, signedBy
}

type vendor struct {
	Vendor
	used map[string]int // activations by code
}

// terminals holds who may sign.
type terminals struct {
	mu      sync.RWMutex
	bySN    map[string]*terminal
	vendors map[string]*vendor
	devices map[string]device // by app_id and device_id
}

type device struct {
	code     string
	terminal *terminal
}

func newTerminals(opts Options) *terminals {
	ts := &terminals{
		bySN: make(map[string]*terminal), vendors: make(map[string]*vendor), devices: make(map[string]device),
	}
	for _, v := range opts.Vendors {
		ts.vendors[v.SN] = &vendor{Vendor: v, used: make(map[string]int)}
	}
	for _, t := range opts.Terminals {
		ts.put(t)
	}
	return ts
}

func (ts *terminals) put(t Terminal) *terminal {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	made := &terminal{now: t}
	ts.bySN[t.SN] = made
	return made
}

func (ts *terminals) find(sn string) *terminal {
	ts.mu.RLock()
	defer ts.mu.RUnlock()
	return ts.bySN[sn]
}

func (ts *terminals) vendor(sn string) *vendor {
	ts.mu.RLock()
	defer ts.mu.RUnlock()
	return ts.vendors[sn]
}

// restore puts a terminal from the journal in place.
func (ts *terminals) restore(saved *savedTerminal) {
	t := ts.find(saved.SN)
	if t == nil {
		t = ts.put(saved.Terminal)
	}
	t.mu.Lock()
	t.now, t.previous = saved.Terminal, saved.Previous
	t.mu.Unlock()
	if saved.ActivateBy == "" {
		return
	}
	ts.mu.Lock()
	defer ts.mu.Unlock()
	ts.devices[saved.AppID+"\x00"+saved.DeviceID] = device{saved.ActivateBy, t}
	for _, v := range ts.vendors {
		if v.AppID == saved.AppID {
			v.used[saved.ActivateBy]++
		}
	}
}

// activate turns a device into a terminal. The same device with the same code gets the same terminal again,
// so that a lost reply can be repeated.
func (s *Simulator) activate(req *request) reply {
	v := req.vendor
	if req.text("app_id") != v.AppID {
		return *s.refuse(req, codeInvalidParams, frame.Problem{Field: "app_id", Rule: frame.RuleValue, Message: "app_id不属于该服务商"})
	}
	key, err := s.newKey()
	if err != nil {
		return serverError(codeUnknownSystemError, "")
	}
	saved, wrong := s.terminals.activate(v, req.text("code"), req.text("device_id"), key)
	if wrong != "" {
		return clientError(codeInvalidParams, wrong)
	}
	s.opts.Journal.Append(record{Terminal: saved})
	return terminalReply(saved.Terminal)
}

func (ts *terminals) activate(v *vendor, code, deviceID, key string) (saved *savedTerminal, wrong string) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	known, activated := ts.devices[v.AppID+"\x00"+deviceID]
	if activated && known.code == code {
		return known.terminal.saved(), ""
	}
	if activated {
		return nil, "device_id已经激活"
	}
	for _, c := range v.Codes {
		if c.Code != code {
			continue
		}
		if v.used[code] >= max(c.Uses, 1) {
			return nil, "激活码已经被使用"
		}
		v.used[code]++
		t := &terminal{now: Terminal{
			SN: fmt.Sprintf("1%011d", 10_298_371_039+len(ts.bySN)), Key: key, StoreID: c.StoreID, DeviceID: deviceID,
		}}
		for ts.bySN[t.now.SN] != nil {
			t.now.SN += "1"
		}
		ts.bySN[t.now.SN] = t
		ts.devices[v.AppID+"\x00"+deviceID] = device{code, t}
		return &savedTerminal{Terminal: t.now, ActivateBy: code, AppID: v.AppID}, ""
	}
	return nil, "激活码不存在"
}

// checkin gives the terminal a new key.
func (s *Simulator) checkin(req *request) reply {
	if own := req.terminal.state().DeviceID; own != "" && own != req.text("device_id") {
		return *s.refuse(req, codeInvalidTerminal, frame.Problem{
			Field: "device_id", Rule: frame.RuleValue, Message: "device_id与激活时不一致",
		})
	}
	key, err := s.newKey()
	if err != nil {
		return serverError(codeUnknownSystemError, "")
	}
	req.terminal.rotate(key, req.signedBy)
	s.opts.Journal.Append(record{Terminal: req.terminal.saved()})
	return terminalReply(req.terminal.state())
}

// terminalReply has its two fields directly in biz_response, as the public edition prints it.
func terminalReply(t Terminal) reply {
	return reply{ResultCode: communicationOK, Biz: &biz{TerminalSN: t.SN, TerminalKey: t.Key}}
}
