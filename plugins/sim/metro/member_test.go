package metro_test

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/metro"
)

var (
	phoneKey = []byte("0123456789abcdef0123456789abcdef")
	phoneIV  = []byte("fedcba9876543210")
)

const phone = "13800138000"

// shop is a merchant that takes the provider's calls and checks all of the document. What it answers can be scripted.
type shop struct {
	t     *testing.T
	clock *clock
	url   string

	mu      sync.Mutex
	seen    map[string]bool // nonces
	phones  map[string]string
	status  map[string]string
	scripts []string // answers to give before the true one: an HTTP status, or a body
	calls   []string // path, uid and phone of what was accepted
	refused []string // why
	lax     bool     // believe everything
}

func newShop(t *testing.T, c *clock) *shop {
	t.Helper()
	s := &shop{t: t, clock: c, seen: map[string]bool{}, phones: map[string]string{}, status: map[string]string{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// openShop is a world whose first merchant has a shop.
func openShop(t *testing.T, change ...func(*metro.Options)) (*world, *shop) {
	t.Helper()
	var s *shop
	w := newWorld(t, append([]func(*metro.Options){func(o *metro.Options) {
		c := newClock()
		o.Now, o.Sleep = c.Now, c.Sleep
		s = newShop(t, c)
		o.ProviderKey = metro.PrivateKey{PrivateKey: providerKey()}
		o.ForgerKey = metro.PrivateKey{PrivateKey: strangerKey()}
		m := &o.Merchants[0]
		m.OpenURL, m.UnbindURL, m.PhoneURL = s.url+"/open", s.url+"/unbind", s.url+"/phone"
		m.PhoneKey, m.PhoneIV = phoneKey, phoneIV
	}}, change...)...)
	w.clock = s.clock
	return w, s
}

func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Error(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.scripts) > 0 {
		script := s.scripts[0]
		s.scripts = s.scripts[1:]
		if status, err := strconv.Atoi(script); err == nil {
			w.WriteHeader(status)
			return
		}
		_, _ = io.WriteString(w, script)
		return
	}
	uid, number, wrong := s.read(r, body)
	if wrong != "" && !s.lax {
		s.refused = append(s.refused, wrong)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	s.calls = append(s.calls, r.URL.Path+" "+uid+" "+number)
	_, _ = io.WriteString(w, s.enter(r.URL.Path, uid, number))
}

func (s *shop) enter(path, uid, number string) string {
	s.phones[uid] = number
	switch path {
	case "/open":
		s.status[uid] = "ACTIVE"
	case "/unbind":
		s.status[uid] = "CLOSED"
	default:
		return "{}"
	}
	return `{"vip_status":"` + s.status[uid] + `"}`
}

// read verifies as the document says, and what it leaves unsaid as a careful merchant would.
func (s *shop) read(r *http.Request, body []byte) (uid, number, wrong string) {
	var message map[string]string
	if err := json.Unmarshal(body, &message); err != nil {
		return "", "", "body"
	}
	uid = message["uid"]
	number, ok := decryptPhone(message["phone"])
	mch, nonce, at := r.Header.Get("mch_id"), r.Header.Get("nonce_str"), r.Header.Get("timestamp")
	signature, err := base64.StdEncoding.DecodeString(r.Header.Get("Authorization"))
	digest := sha256.Sum256([]byte(named(mch, nonce, at)))
	seconds, _ := strconv.ParseInt(at, 10, 64)
	away := s.clock.Now().Sub(time.Unix(seconds, 0)).Abs()
	switch {
	case r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json":
		wrong = "transport"
	case err != nil || rsa.VerifyPKCS1v15(&providerKey().PublicKey, crypto.SHA256, digest[:], signature) != nil:
		wrong = "signature"
	case mch != mchID:
		wrong = "account"
	case len(at) != 10 || away > 5*time.Minute:
		wrong = "time"
	case len(nonce) != 16 || s.seen[nonce]:
		wrong = "nonce"
	case uid == "" || !ok || len(message) != 2:
		wrong = "contents"
	default:
		s.seen[nonce] = true
	}
	return uid, number, wrong
}

// decryptPhone undoes AES-CBC and the padding by its own means.
func decryptPhone(text string) (string, bool) {
	raw, err := base64.StdEncoding.DecodeString(text)
	block, blockErr := aes.NewCipher(phoneKey)
	if err != nil || blockErr != nil || len(raw) == 0 || len(raw)%aes.BlockSize != 0 {
		return "", false
	}
	cipher.NewCBCDecrypter(block, phoneIV).CryptBlocks(raw, raw)
	n := int(raw[len(raw)-1])
	if n < 1 || n > aes.BlockSize {
		return "", false
	}
	for _, b := range raw[len(raw)-n:] {
		if int(b) != n {
			return "", false
		}
	}
	number := string(raw[:len(raw)-n])
	_, err = strconv.ParseUint(number, 10, 64)
	return number, err == nil
}

func (s *shop) script(answers ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.scripts = append(s.scripts, answers...)
}

func (s *shop) heard() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// believeAll makes the merchant lax, and returns why it has refused messages so far.
func (s *shop) believeAll() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lax = true
	return slices.Clone(s.refused)
}

// settled waits until the message's schedule has ended, and returns its attempts.
func (w *world) settled(id string, attempts int) []metro.Delivery {
	w.t.Helper()
	var found []metro.Delivery
	for range 5000 {
		found = nil
		for _, d := range w.sim.Deliveries() {
			if d.Key == id {
				found = append(found, d)
			}
		}
		if len(found) >= attempts {
			return found
		}
		time.Sleep(time.Millisecond) // waits for a goroutine, not for the clock of the test
	}
	w.t.Fatalf("%d attempts, want %d: %+v", len(found), attempts, found)
	return nil
}

func TestMembership(t *testing.T) {
	t.Parallel()
	w, s := openShop(t)
	steps := []struct {
		send   func(mchID, uid, phone string) (string, error)
		phone  string
		call   metro.Call
		answer string // vip_status of the delivery
		status string // of the member
	}{
		{w.sim.OpenMember, phone, metro.CallOpen, "ACTIVE", "ACTIVE"},
		{w.sim.ChangePhone, "13900139000", metro.CallPhone, "", "ACTIVE"},
		{w.sim.UnbindMember, "13900139000", metro.CallUnbind, "CLOSED", "CLOSED"},
	}
	for _, step := range steps {
		id, err := step.send(mchID, uid, step.phone)
		if err != nil {
			t.Fatal(err)
		}
		d := w.settled(id, 1)[0]
		if !d.Accepted || d.Status != 200 || d.Attempt != 1 || d.Call != step.call || d.MchID != mchID || d.UID != uid || d.VIPStatus != step.answer {
			t.Errorf("%s: %+v", step.call, d)
		}
		member, _ := w.sim.Member(mchID, uid)
		if member.VIPStatus != step.status || member.Phone != step.phone {
			t.Errorf("after %s: %+v", step.call, member)
		}
	}
	want := []string{"/open " + uid + " " + phone, "/phone " + uid + " 13900139000", "/unbind " + uid + " 13900139000"}
	if heard := s.heard(); !slices.Equal(heard, want) {
		t.Errorf("the merchant heard %v", heard)
	}
	earlier, err := w.sim.OpenMember(mchID, "000000000001", phone)
	if err != nil {
		t.Fatal(err)
	}
	w.settled(earlier, 1)
	if list := w.sim.Members(); len(list) != 2 || list[0].UID != "000000000001" || list[1].UID != uid {
		t.Errorf("members: %+v", list)
	}
	w.clean()
}

func TestResendSchedule(t *testing.T) {
	t.Parallel()
	w, s := openShop(t)
	s.script("500", "404", `{"vip_status":"OPENED"}`)
	id, err := w.sim.OpenMember(mchID, uid, phone)
	if err != nil {
		t.Fatal(err)
	}
	list := w.settled(id, 4)
	for i, want := range []int{500, 404, 200, 200} {
		if d := list[i]; d.Status != want || d.Attempt != i+1 || d.Accepted != (i == 3) {
			t.Errorf("attempt %d: %+v", i+1, d)
		}
	}
	want := []time.Duration{0, 10 * time.Second, time.Minute, 5 * time.Minute}
	if slept := w.clock.Slept(); !slices.Equal(slept, want) {
		t.Errorf("waited %v, want %v", slept, want)
	}
	if v := w.sim.Violations(); len(v) != 1 || v[0].Operation != "open" || v[0].Field != "vip_status" || v[0].Rule != "format" {
		t.Errorf("recorded %+v", v)
	}

	s.script("500", "500", "500", "500")
	if id, err = w.sim.UnbindMember(mchID, uid, phone); err != nil {
		t.Fatal(err)
	}
	w.settled(id, 4)
	w.end() // nothing is sent after the schedule
	if n := len(w.sim.Deliveries()); n != 8 {
		t.Errorf("%d deliveries, want 8", n)
	}
	if member, _ := w.sim.Member(mchID, uid); member.VIPStatus != "ACTIVE" {
		t.Errorf("after an unbind that nobody took: %+v", member)
	}
	if _, err := w.sim.OpenMember(mchID, uid, phone); err != nil || len(w.sim.Deliveries()) != 8 {
		t.Errorf("after Close something is sent: %v", err)
	}
}

func TestDocumentedAnswers(t *testing.T) {
	t.Parallel()
	cases := []struct {
		call   metro.Call
		answer string
		field  string
		rule   string // "" = as documented
	}{
		{metro.CallOpen, `{"vip_status":"UNACTIVE"}`, "", ""},
		{metro.CallUnbind, `{"vip_status":"UNACTIVE"}`, "", ""},
		{metro.CallPhone, ` {} `, "", ""},
		{metro.CallOpen, `{}`, "vip_status", "missing"},
		{metro.CallOpen, `{"vip_status":1}`, "vip_status", "type"},
		{metro.CallOpen, `{"vip_status":"active"}`, "vip_status", "format"},
		{metro.CallUnbind, `{"code":0,"data":{"vip_status":"CLOSED"}}`, "vip_status", "missing"},
		{metro.CallUnbind, `{"vip_status":"CLOSED","code":0}`, "code", "unknown-field"},
		{metro.CallUnbind, `{"vip_status":"CLOSED","vip_status":"CLOSED"}`, "vip_status", "duplicate-key"},
		{metro.CallPhone, `success`, "", "json"},
		{metro.CallPhone, `{"vip_status":"ACTIVE"}`, "vip_status", "unknown-field"},
	}
	for _, c := range cases {
		t.Run(string(c.call)+" "+c.answer, func(t *testing.T) {
			t.Parallel()
			w, s := openShop(t)
			s.script(c.answer)
			d, err := w.sim.NotifyOnce(t.Context(), metro.Message{MchID: mchID, Call: c.call, UID: uid, Phone: phone})
			if err != nil || d.Accepted != (c.rule == "") || d.Answer != c.answer {
				t.Errorf("%+v %v", d, err)
			}
			if c.rule == "" {
				w.clean()
				return
			}
			for _, v := range w.sim.Violations() {
				if v.Operation == string(c.call) && v.Field == c.field && v.Rule == c.rule && v.Account == mchID {
					return
				}
			}
			t.Errorf("recorded %+v, want %s of %q", w.sim.Violations(), c.rule, c.field)
		})
	}
	t.Run("another answer was agreed", func(t *testing.T) {
		t.Parallel()
		w, s := openShop(t, func(o *metro.Options) { o.PhoneReply = `{"code":0}` })
		s.script(`{"code":0}`)
		m := metro.Message{MchID: mchID, Call: metro.CallPhone, UID: uid, Phone: phone}
		if d, err := w.sim.NotifyOnce(t.Context(), m); err != nil || !d.Accepted {
			t.Errorf("%+v %v", d, err)
		}
		if d, err := w.sim.NotifyOnce(t.Context(), m); err != nil || d.Accepted {
			t.Errorf("{} was accepted: %+v %v", d, err)
		}
	})
}

// TestDuplicatesAndDisorder sends the same message again, newly signed, and an older one after a newer.
func TestDuplicatesAndDisorder(t *testing.T) {
	t.Parallel()
	w, s := openShop(t)
	send := func(call metro.Call) metro.Delivery {
		t.Helper()
		d, err := w.sim.NotifyOnce(t.Context(), metro.Message{MchID: mchID, Call: call, UID: uid, Phone: phone})
		if err != nil || !d.Accepted {
			t.Fatalf("%s: %+v %v", call, d, err)
		}
		return d
	}
	open := send(metro.CallOpen)
	send(metro.CallUnbind)
	d, err := w.sim.Resend(t.Context(), open.Key)
	if err != nil || !d.Accepted || d.Attempt != 2 || d.Key != open.Key || d.VIPStatus != "ACTIVE" {
		t.Errorf("%+v %v", d, err)
	}
	if heard := s.heard(); len(heard) != 3 || heard[0] != heard[2] {
		t.Errorf("the merchant heard %v", heard)
	}
	if _, err := w.sim.Resend(t.Context(), "message-9"); err == nil {
		t.Error("an unknown message was sent again")
	}
	w.clean()
}

func TestNothingToSend(t *testing.T) {
	t.Parallel()
	w, _ := openShop(t, func(o *metro.Options) {
		o.Merchants = append(o.Merchants,
			metro.Merchant{MchID: "M3", OpenURL: "http://127.0.0.1:1/", PhoneKey: []byte("short"), PhoneIV: phoneIV},
			metro.Merchant{MchID: "M4", OpenURL: "http://127.0.0.1:1/", PhoneKey: phoneKey, PhoneIV: []byte("short")})
	})
	for name, m := range map[string]metro.Message{
		"unknown merchant": {MchID: "M9", Call: metro.CallOpen, UID: uid, Phone: phone},
		"no address":       {MchID: otherMch, Call: metro.CallOpen, UID: uid, Phone: phone},
		"unknown call":     {MchID: mchID, Call: "close", UID: uid, Phone: phone},
		"no uid":           {MchID: mchID, Call: metro.CallOpen, Phone: phone},
		"no phone":         {MchID: mchID, Call: metro.CallOpen, UID: uid},
		"bad key":          {MchID: "M3", Call: metro.CallOpen, UID: uid, Phone: phone},
		"bad iv":           {MchID: "M4", Call: metro.CallOpen, UID: uid, Phone: phone},
	} {
		if _, err := w.sim.Notify(m); err == nil {
			t.Errorf("%s: it was sent", name)
		}
		if _, err := w.sim.NotifyOnce(t.Context(), m); err == nil {
			t.Errorf("%s: it was sent once", name)
		}
		if _, err := w.sim.Forge(t.Context(), m, metro.ForgeNoSignature); err == nil {
			t.Errorf("%s: it was forged", name)
		}
	}
	if len(w.sim.Deliveries()) != 0 || len(w.sim.Messages()) != 0 {
		t.Errorf("sent %+v", w.sim.Messages())
	}
}
