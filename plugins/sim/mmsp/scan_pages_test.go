package mmsp_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"
)

const returnURL = "https://merchant.example/h5?order=1&次=2"

func wakeUpQuery() url.Values {
	return url.Values{
		"memo": {merNo}, "termno": {termNo}, "tradetype": {"1"}, "merurl": {base64.StdEncoding.EncodeToString([]byte(returnURL))},
	}
}

func identityQuery(tradeType string) url.Values {
	return url.Values{"merurl": {returnURL}, "merno": {merNo}, "tradetype": {tradeType}}
}

func (w *world) visit(path, query string) (status int, location, text string) {
	w.t.Helper()
	resp, raw, err := w.raw(http.MethodGet, path+"?"+query, nil, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return resp.StatusCode, resp.Header.Get("Location"), string(raw)
}

func TestWakeUpPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	status, location, _ := w.visit(mmsp.PathWakeUp, wakeUpQuery().Encode())
	if decoded, err := url.PathUnescape(location); status != http.StatusFound || err != nil || decoded != returnURL {
		t.Errorf("HTTP %d to %s", status, location)
	}
	w.clean()
	if w.sim.Calls("scan-wakeup") != 1 {
		t.Errorf("%d calls", w.sim.Calls("scan-wakeup"))
	}
}

func TestIdentityPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tokens := map[string]bool{}
	for tradeType, prefix := range map[string]string{"1": "oSIM-", "2": "2088"} {
		for range 2 {
			status, location, _ := w.visit(mmsp.PathIdentity, identityQuery(tradeType).Encode())
			target, err := url.Parse(location)
			if status != http.StatusFound || err != nil || target.Query().Get("order") != "1" {
				t.Fatalf("HTTP %d to %s: %v", status, location, err)
			}
			token := target.Query().Get("token_id")
			if !strings.HasPrefix(token, prefix) || len(token) > 32 || tokens[token] {
				t.Errorf("token_id %q", token)
			}
			tokens[token] = true
		}
	}
	for merurl, want := range map[string]string{
		"https://merchant.example/a": "https://merchant.example/a?token_id=", "https://merchant.example/a?b=c#d": "https://merchant.example/a?b=c&token_id=",
		"https://merchant.example/a#d": "https://merchant.example/a?token_id=",
	} {
		query := identityQuery("1")
		query.Set("merurl", merurl)
		_, location, _ := w.visit(mmsp.PathIdentity, query.Encode())
		if !strings.HasPrefix(location, want) || strings.HasSuffix(location, "#d") != strings.HasSuffix(merurl, "#d") {
			t.Errorf("%s went to %s", merurl, location)
		}
	}
	w.clean()
}

func TestPagesAreStrict(t *testing.T) {
	t.Parallel()
	change := func(query url.Values, name, value string) string {
		query.Set(name, value)
		return query.Encode()
	}
	without := func(query url.Values, name string) string {
		query.Del(name)
		return query.Encode()
	}
	raw64 := base64.StdEncoding.EncodeToString([]byte("https://merchant.example/?~~~>>>"))
	rows := []struct{ path, op, query, field, rule string }{
		{mmsp.PathWakeUp, "scan-wakeup", change(wakeUpQuery(), "memo", "9"), "memo", "account"},
		{mmsp.PathWakeUp, "scan-wakeup", change(wakeUpQuery(), "memo", strings.Repeat("1", 16)), "memo", "length"},
		{mmsp.PathWakeUp, "scan-wakeup", change(wakeUpQuery(), "termno", "84970002"), "termno", "account"},
		{mmsp.PathWakeUp, "scan-wakeup", change(wakeUpQuery(), "termno", "123456789"), "termno", "length"},
		{mmsp.PathWakeUp, "scan-wakeup", change(wakeUpQuery(), "tradetype", "2"), "tradetype", "format"},
		{mmsp.PathWakeUp, "scan-wakeup", change(wakeUpQuery(), "merurl", returnURL), "merurl", "format"},
		{mmsp.PathWakeUp, "scan-wakeup", change(wakeUpQuery(), "merurl", "aGVsbG8="), "merurl", "format"},
		{mmsp.PathWakeUp, "scan-wakeup", change(wakeUpQuery(), "merurl", "aHR0cHM6Ly9hLmJ="), "merurl", "format"},   // https://a.b, one bit too many
		{mmsp.PathWakeUp, "scan-wakeup", without(wakeUpQuery(), "merurl") + "&merurl=" + raw64, "merurl", "format"}, // its + is a space
		{mmsp.PathWakeUp, "scan-wakeup", wakeUpQuery().Encode() + "&memo=1", "memo", "duplicate-key"},
		{mmsp.PathWakeUp, "scan-wakeup", wakeUpQuery().Encode() + "&amount=1", "amount", "unknown-field"},
		{mmsp.PathWakeUp, "scan-wakeup", without(wakeUpQuery(), "merurl") + "&merurl=%zz", "merurl", "type"},
		{mmsp.PathIdentity, "scan-identity", change(identityQuery("1"), "merno", "9"), "merno", "account"},
		{mmsp.PathIdentity, "scan-identity", change(identityQuery("1"), "merno", strings.Repeat("1", 16)), "merno", "length"},
		{mmsp.PathIdentity, "scan-identity", change(identityQuery("1"), "tradetype", "3"), "tradetype", "format"},
		{mmsp.PathIdentity, "scan-identity", change(identityQuery("1"), "merurl", "javascript:alert(1)"), "merurl", "format"},
		{mmsp.PathIdentity, "scan-identity", identityQuery("1").Encode() + "&memo=1", "memo", "unknown-field"},
	}
	if !strings.Contains(raw64, "+") {
		t.Fatalf("%s has no plus sign", raw64)
	}
	for _, name := range []string{"memo", "termno", "merurl", "tradetype"} {
		rows = append(rows, struct{ path, op, query, field, rule string }{
			mmsp.PathWakeUp, "scan-wakeup", without(wakeUpQuery(), name), name, "missing",
		})
	}
	for _, name := range []string{"merurl", "merno", "tradetype"} {
		rows = append(rows, struct{ path, op, query, field, rule string }{
			mmsp.PathIdentity, "scan-identity", without(identityQuery("1"), name), name, "missing",
		})
	}
	w := newWorld(t)
	for _, row := range rows {
		since := len(w.sim.Violations())
		status, location, _ := w.visit(row.path, row.query)
		if status != http.StatusBadRequest || location != "" {
			t.Errorf("%s %s: HTTP %d %s", row.field, row.rule, status, location)
		}
		w.breach(since, row.op, row.field, row.rule)
	}
	since := len(w.sim.Violations())
	resp, _, err := w.raw(http.MethodPost, mmsp.PathIdentity+"?"+identityQuery("1").Encode(), nil, nil)
	if err != nil || resp.StatusCode != http.StatusBadRequest {
		t.Errorf("POST: %v %v", resp, err)
	}
	w.breach(since, "scan-identity", "", "method")
}

func TestFaultsOfPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	query := identityQuery("1").Encode()
	for kind, want := range map[mmsp.FaultKind]int{
		mmsp.FaultRefuse: http.StatusBadRequest, mmsp.FaultHTTP500: http.StatusInternalServerError, mmsp.FaultFail: http.StatusFound,
	} {
		w.sim.ClearFaults()
		w.fault(mmsp.Fault{Operation: "scan-identity", Account: merNo, Kind: kind})
		status, location, _ := w.visit(mmsp.PathIdentity, query)
		if status != want || strings.Contains(location, "token_id") {
			t.Errorf("%s: HTTP %d %s", kind, status, location)
		}
	}
	w.sim.ClearFaults()
	w.fault(mmsp.Fault{Operation: "scan-identity", Kind: mmsp.FaultLostBefore})
	if _, _, err := w.raw(http.MethodGet, mmsp.PathIdentity+"?"+query, nil, nil); err == nil {
		t.Error("the connection was not closed")
	}
	w.clean()
}
