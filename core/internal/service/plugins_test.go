package service

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// shelf is a plugin directory with two versions of one plugin; the second asks for more.
type shelf struct {
	scripted

	mu      sync.Mutex
	tested  []string
	refuses error
}

func sumOf(letter string) string { return strings.Repeat(letter, 64) }

func (s *shelf) Plugins(context.Context) []core.PluginStatus {
	first, second := scriptedManifest(), scriptedManifest()
	first.Version, second.Version = "1.0.0", "2.0.0"
	second.Hosts = append(second.Hosts, "more.example")
	return []core.PluginStatus{{ID: "sample", State: core.PluginEnabled, Versions: []core.PluginVersion{
		{SHA256: sumOf("a"), Files: []string{"sample"}, State: core.PluginEnabled, Manifest: &first},
		{SHA256: sumOf("b"), Files: []string{"sample-2"}, State: core.PluginPending, Manifest: &second},
		{SHA256: sumOf("c"), Files: []string{"readme"}, State: core.PluginIncompatible, Reason: core.Text{EN: "No executable.", ZH: "不是"}},
	}}}
}

func (s *shelf) TestVersion(_ context.Context, _, sha256 string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tested = append(s.tested, sha256[:1])
	return s.refuses
}

func (s *shelf) CheckBinary(data []byte) error {
	if strings.HasPrefix(string(data), "text") {
		return core.Errorf(core.CodePluginRefused, "No executable.")
	}
	return nil
}

func shelfHouse(t *testing.T) (*house, *shelf, context.Context) {
	t.Helper()
	h := newHouse(t)
	s := &shelf{}
	h.Providers = s
	admin := h.adminIn(t, core.ID{})
	return h, s, admin
}

func (h *house) word(t *testing.T) core.PluginWord {
	t.Helper()
	var word core.PluginWord
	err := h.Database.InDirectory(t.Context(), func(tx core.DirectoryTx) (err error) {
		word, err = tx.PluginWord(t.Context(), "sample")
		return err
	})
	if err != nil && core.CodeOf(err) != core.CodeNotFound {
		t.Fatal(err)
	}
	return word
}

func TestApproveUpgradeAndRollBack(t *testing.T) {
	t.Parallel()
	h, s, admin := shelfHouse(t)
	_, err := h.RollBackPlugin(admin, "sample")
	wantCode(t, "rolled back before anything was live", err, core.CodeNotFound)
	p, err := h.ApprovePlugin(admin, "sample", sumOf("a"))
	if err != nil || p.Word.SHA256 != sumOf("a") || p.Offers[0].Approved == nil || len(p.Offers[0].Risks) == 0 {
		t.Fatalf("%+v %v", p, err)
	}
	_, err = h.RollBackPlugin(admin, "sample")
	wantCode(t, "rolled back with one version", err, core.CodeInvalidState)
	if adds := p.Offers[1].Adds; len(adds) != 1 || !strings.Contains(adds[0].EN, "more.example") || !strings.Contains(adds[0].ZH, "more.example") {
		t.Errorf("what the second asks for beyond the first: %+v", adds)
	}
	h.clock.Move(time.Second)
	if p, err = h.ApprovePlugin(admin, "sample", sumOf("b")); err != nil || p.Word.SHA256 != sumOf("b") || len(p.Offers[1].Adds) != 0 {
		t.Fatalf("%+v %v", p, err)
	}
	for _, want := range []string{"a", "b"} {
		h.clock.Move(time.Second)
		if p, err = h.RollBackPlugin(admin, "sample"); err != nil || p.Word.SHA256 != sumOf(want) {
			t.Fatalf("%+v %v", p.Word, err)
		}
	}
	if got := strings.Join(s.tested, ""); got != "abab" {
		t.Errorf("tested %s", got)
	}
	if n := h.rows(t, "SELECT count(*) FROM audit_log WHERE action IN ('plugin.approve', 'plugin.rollback') AND object = 'sample'"); n != 4 {
		t.Errorf("%d audit rows", n)
	}
}

func TestWhatIsRefusedChangesNothing(t *testing.T) {
	t.Parallel()
	h, s, admin := shelfHouse(t)
	if _, err := h.ApprovePlugin(admin, "sample", sumOf("a")); err != nil {
		t.Fatal(err)
	}
	for sum, want := range map[string]core.Code{sumOf("c"): core.CodePluginRefused, sumOf("d"): core.CodeNotFound} {
		_, err := h.ApprovePlugin(admin, "sample", sum)
		wantCode(t, sum[:1], err, want)
	}
	s.refuses = core.Errorf(core.CodePluginRefused, "It does not answer.")
	_, err := h.ApprovePlugin(admin, "sample", sumOf("b"))
	wantCode(t, "failed its self-test", err, core.CodePluginRefused)
	if w := h.word(t); w.SHA256 != sumOf("a") || w.Version != 1 {
		t.Errorf("%+v", w)
	}
}

func TestWhoMayDecideAboutPlugins(t *testing.T) {
	t.Parallel()
	h, _, admin := shelfHouse(t)
	if _, err := h.ApprovePlugin(admin, "sample", sumOf("a")); err != nil {
		t.Fatal(err)
	}
	decide := func(ctx context.Context) map[string]error {
		_, approve := h.ApprovePlugin(ctx, "sample", sumOf("b"))
		_, back := h.RollBackPlugin(ctx, "sample")
		_, off := h.SwitchPlugin(ctx, "sample", true)
		_, upload := h.CreatePluginUpload(ctx, core.NewPluginUpload{FileName: "x", SHA256: sumOf("b"), Bytes: 1})
		_, chunk := h.PutPluginChunk(ctx, core.NewID(time.Now()), 0, []byte("x"))
		_, finish := h.FinishPluginUpload(ctx, core.NewID(time.Now()))
		cancel := h.CancelPluginUpload(ctx, core.NewID(time.Now()))
		return map[string]error{"approve": approve, "rollback": back, "off": off, "upload": upload, "chunk": chunk, "finish": finish, "cancel": cancel}
	}
	a := h.tenant(t, "A")
	for name, who := range map[string]core.SessionReply{
		"operations": h.person(t, core.ID{}, "o@example.com", core.RolePlatformOperations), "owner": h.person(t, a.ID, "w@a.example", core.RoleTenantOwner),
	} {
		tenant := core.ID{}
		if name == "owner" {
			tenant = a.ID
		}
		ctx := h.as(t, who, tenant)
		for what, err := range decide(ctx) {
			wantCode(t, name+" "+what, err, core.CodeForbidden)
		}
		_, err := h.InspectPlugins(ctx)
		want := core.Code("")
		if name == "owner" {
			want = core.CodeForbidden
		}
		if core.CodeOf(err) != want {
			t.Errorf("%s inspects: %v", name, err)
		}
	}
	h.clock.Move(stepUpLife)
	for what, err := range decide(h.adminIn(t, core.ID{})) {
		wantCode(t, "without a fresh confirmation: "+what, err, core.CodeStepUpRequired)
	}
	if w := h.word(t); w.Version != 1 || w.Disabled {
		t.Errorf("%+v", w)
	}
}

func TestPluginsAreSwitchedOffAndOn(t *testing.T) {
	t.Parallel()
	h, _, admin := shelfHouse(t)
	_, err := h.SwitchPlugin(admin, "sample", true)
	wantCode(t, "nothing was decided yet", err, core.CodeNotFound)
	if _, err := h.ApprovePlugin(admin, "sample", sumOf("a")); err != nil {
		t.Fatal(err)
	}
	for _, off := range []bool{true, true, false} {
		if p, err := h.SwitchPlugin(admin, "sample", off); err != nil || p.Word.Disabled != off || p.Word.SHA256 != sumOf("a") {
			t.Fatalf("%+v %v", p.Word, err)
		}
	}
	if n := h.rows(t, "SELECT count(*) FROM audit_log WHERE action IN ('plugin.disable', 'plugin.enable')"); n != 2 {
		t.Errorf("%d audit rows", n)
	}
	if _, err := h.SwitchPlugin(admin, "sample", true); err != nil {
		t.Fatal(err)
	}
	if p, err := h.ApprovePlugin(admin, "sample", sumOf("a")); err != nil || p.Word.Disabled {
		t.Errorf("approving does not switch on: %+v %v", p.Word, err)
	}
}

func TestPluginUploads(t *testing.T) {
	t.Parallel()
	h, _, admin := shelfHouse(t)
	file := strings.Repeat("x", core.ChunkBytes) + "end"
	sum := sha256.Sum256([]byte(file))
	u, err := h.CreatePluginUpload(admin, core.NewPluginUpload{FileName: "sample-3", SHA256: hex.EncodeToString(sum[:]), Bytes: int64(len(file))})
	if err != nil || u.Chunks() != 2 {
		t.Fatalf("%+v %v", u, err)
	}
	_, err = h.PutPluginChunk(admin, u.ID, 0, []byte("short"))
	wantCode(t, "a short chunk", err, core.CodeInvalidRequest)
	_, err = h.PutPluginChunk(admin, u.ID, 2, []byte("x"))
	wantCode(t, "a chunk too many", err, core.CodeInvalidRequest)
	if _, err = h.PutPluginChunk(admin, u.ID, 1, []byte("end")); err != nil {
		t.Fatal(err)
	}
	_, err = h.FinishPluginUpload(admin, u.ID)
	wantCode(t, "with a chunk missing", err, core.CodeInvalidState)
	other := strings.Repeat("y", core.ChunkBytes)
	if _, err = h.PutPluginChunk(admin, u.ID, 0, []byte(other)); err != nil {
		t.Fatal(err)
	}
	_, err = h.FinishPluginUpload(admin, u.ID)
	wantCode(t, "other bytes", err, core.CodePluginRefused)
	if _, err = h.PutPluginChunk(admin, u.ID, 0, []byte(file[:core.ChunkBytes])); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if u, err = h.FinishPluginUpload(admin, u.ID); err != nil || !u.Ready {
			t.Fatalf("%+v %v", u, err)
		}
	}
	_, err = h.PutPluginChunk(admin, u.ID, 1, []byte("End"))
	wantCode(t, "a finished file", err, core.CodeInvalidState)
	wantCode(t, "giving up a finished file", h.CancelPluginUpload(admin, u.ID), core.CodeInvalidState)
	text := sha256.Sum256([]byte("text"))
	v, err := h.CreatePluginUpload(admin, core.NewPluginUpload{FileName: "readme", SHA256: hex.EncodeToString(text[:]), Bytes: 4})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = h.PutPluginChunk(admin, v.ID, 0, []byte("text")); err != nil {
		t.Fatal(err)
	}
	_, err = h.FinishPluginUpload(admin, v.ID)
	wantCode(t, "a text file", err, core.CodePluginRefused)
	if err := h.CancelPluginUpload(admin, v.ID); err != nil {
		t.Error(err)
	}
	wantCode(t, "giving up twice", h.CancelPluginUpload(admin, v.ID), core.CodeNotFound)
	for range uploadsUnderWay {
		_, err = h.CreatePluginUpload(admin, core.NewPluginUpload{FileName: "more", SHA256: sumOf("e"), Bytes: 1})
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err = h.CreatePluginUpload(admin, core.NewPluginUpload{FileName: "more", SHA256: sumOf("e"), Bytes: 1})
	wantCode(t, "too many under way", err, core.CodeLimitExceeded)
	for name, in := range map[string]core.NewPluginUpload{
		"path": {FileName: "../x", SHA256: sumOf("e"), Bytes: 1}, "hidden": {FileName: ".x", SHA256: sumOf("e"), Bytes: 1}, "hash": {FileName: "x", SHA256: "abc", Bytes: 1},
		"empty": {FileName: "x", SHA256: sumOf("e")}, "huge": {FileName: "x", SHA256: sumOf("e"), Bytes: core.MaxPluginBytes + 1},
	} {
		_, err := h.CreatePluginUpload(admin, in)
		wantCode(t, name, err, core.CodeInvalidRequest)
	}
}

func TestAnUpgradeMustTakeEveryAccount(t *testing.T) {
	t.Parallel()
	h, _, _ := shelfHouse(t)
	a := h.tenant(t, "Shop")
	if _, err := h.CreateAccount(h.adminIn(t, a.ID), core.AccountInput{Provider: "sample", Name: "Main", Settings: json.RawMessage(`{"store_name":"x"}`)}); err != nil {
		t.Fatal(err)
	}
	m := scriptedManifest()
	if err := h.CheckAccounts(t.Context(), m); err != nil {
		t.Error("the same form:", err)
	}
	m.Settings = json.RawMessage(`{"type":"object","required":["region"],"properties":{"region":{"type":"string"}}}`)
	err := h.CheckAccounts(t.Context(), m)
	wantCode(t, "a form that asks for more", err, core.CodePluginRefused)
	if !strings.Contains(err.Error(), "Main") || !strings.Contains(err.Error(), "Shop") || !strings.Contains(err.Error(), "region") {
		t.Error(err)
	}
	m.ID = "another"
	if err := h.CheckAccounts(t.Context(), m); err != nil {
		t.Error("another provider's:", err)
	}
	for _, broken := range []string{`{"type":7}`, `{"$ref":"file:///etc/passwd"}`, `[`} {
		m.Settings = json.RawMessage(broken)
		wantCode(t, broken, h.CheckManifest(m), core.CodePluginRefused)
	}
}
