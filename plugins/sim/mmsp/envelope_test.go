package mmsp_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"
)

func TestEveryHeaderField(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name     string
		required bool
		long     any
		types    []any
		other    any
		rule     string // of other
	}{
		{"CommandID", true, nil, []any{"2310", true, nil}, 999, "value"},
		{"SeqID", true, nil, []any{true, nil, fields{}}, "x", "format"},
		{"NodeType", true, nil, []any{true, nil, fields{}}, 2, "value"},
		{"NodeID", true, strings.Repeat("o", 21), []any{1, true, nil}, "openapi", "value"},
		{"Version", true, "1.0.0.0.0.0", []any{1, nil}, "1.0", "format"},
		{"AGENTNO", false, strings.Repeat("1", 16), []any{1, nil}, agentNo, "account"},
		{"MERNO", true, strings.Repeat("1", 16), []any{1, nil}, "001440353999899", "account"},
		{"TERMNO", true, "123456789", []any{1, nil}, "84970003", "account"},
		{"Extends", false, strings.Repeat("e", 256), []any{1, nil, fields{}}, nil, ""},
		{"Attach", false, nil, []any{1, nil, fields{}}, nil, ""},
		{"Body", true, nil, []any{"", "{}", 1, nil, []string{}}, nil, ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			good := w.message(mmsp.PathScan, 2310, numberBody("E1"))
			op := "scan-query"
			if row.name == "CommandID" {
				op = "scan"
			}
			check := func(message fields, rule string) {
				t.Helper()
				w.refusedMessage(mmsp.PathScan, op, compact(t, message), row.name, rule)
			}
			if row.required {
				check(good.without(row.name), "missing")
			}
			for _, wrong := range row.types {
				if row.name == "CommandID" && wrong == "2310" {
					op = "scan-query" // it can be read, but must be a number
				} else if row.name == "CommandID" {
					op = "scan"
				}
				check(good.with(row.name, wrong), "type")
			}
			if row.long != nil {
				check(good.with(row.name, row.long), "length")
			}
			if row.other != nil {
				check(good.with(row.name, row.other), row.rule)
			}
			if row.name == "NodeID" || row.name == "Version" || row.name == "MERNO" || row.name == "TERMNO" || row.name == "SeqID" {
				check(good.with(row.name, ""), "missing")
			}
		})
	}
}

func TestHeaderAsTheSamplesHaveIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good := w.message(mmsp.PathScan, 2310, numberBody("E2"))
	for name, message := range map[string]fields{
		"quoted numbers": good.with("SeqID", "7").with("NodeType", "3"), "NodeType 1": good.with("NodeType", 1),
		"no AGENTNO": good.without("AGENTNO"), "extras": good.with("Attach", "QUJD").with("Extends", "扩展"),
	} {
		a, err := w.post(mmsp.PathScan, compact(t, message))
		if err != nil || a.String() != "refused 0 -2002" {
			t.Errorf("%s: %v %v, want the reply to an unknown order", name, a, err)
		}
	}
	w.clean()
	for _, extra := range []string{"RetCode", "ErrorMsg", "Sign2", "MERN0"} {
		w.refusedMessage(mmsp.PathScan, "scan-query", compact(t, good.with(extra, "1")), extra, "unknown-field")
	}
	w.refusedMessage(mmsp.PathQuick, "quick", compact(t, good.with("NodeID", "openapi").with("NodeType", 1).with("CommandID", 1)), "NodeType", "value")
}

func TestSignatureCoversTheBodysOwnValues(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := preorderBody("G1").with("GOODSNAME", `<a>&"\中文 é😀`).with("NOTIFY_URL", "https://merchant.example/a/b?c=d&e")
	w.want(mmsp.PathScan, 2306, body, "1 1")
	// The body may be written in another way as long as its values are the same.
	number := numberBody("G2")
	message := compact(t, w.message(mmsp.PathScan, 2310, number))
	message = strings.Replace(message, `"MERORDERID":"G2"`, ` "MERORDERID" : "\u00472"`, 1)
	if a, err := w.post(mmsp.PathScan, message); err != nil || a.String() != "refused 0 -2002" {
		t.Errorf("another spelling of the same values: %v %v", a, err)
	}
	w.clean()
	// Numbers stand bare in the signed text: signing them quoted is wrong, signing them bare is a matter of types.
	bare := numberBody("G3").with("MERORDERID", 123)
	w.refusedAs(mmsp.PathScan, 2310, "scan-query", bare, "MERORDERID", "type")
	quoted := w.message(mmsp.PathScan, 2310, bare).with("Sign", sign(t, bare.with("MERORDERID", "123"), merKey))
	w.refusedMessage(mmsp.PathScan, "scan-query", compact(t, quoted), "Sign", "signature")
	// An unescaped slash is the classical mistake.
	unescaped := preorderBody("G4").with("NOTIFY_URL", "")
	w.refusedMessage(mmsp.PathScan, "scan-wechat-preorder",
		compact(t, w.message(mmsp.PathScan, 2306, preorderBody("G4")).with("Sign", sign(t, unescaped, merKey))), "Sign", "signature")
}

// TestPublishedFormula holds the signature against a value computed outside this repository:
// printf '%s' '{"MERORDERID":"1","NOTIFY_URL":"http:\/\/a.b\/c","RANDSTR":"中"}&key=k' | md5sum.
func TestPublishedFormula(t *testing.T) {
	t.Parallel()
	body := fields{"RANDSTR": "中", "NOTIFY_URL": "http://a.b/c", "MERORDERID": "1"}
	if got := sign(t, body, "k"); got != "9DB252557F379A32547A2FE0A9FFE9C6" {
		t.Errorf("the test's own signature is %s", got)
	}
}

func TestAgentMode(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good := w.agentMessage(mmsp.PathScan, 2306, preorderBody("AG1"))
	a, err := w.post(mmsp.PathScan, compact(t, good))
	if err != nil || a.String() != "1 1" || a.AgentNo == nil || *a.AgentNo != agentNo || a.MerNo != merNo2 || a.TermNo != termNo2 {
		t.Fatalf("%+v %v", a, err)
	}
	w.genuine(a, 2306, agentKey)
	w.clean()
	w.refusedMessage(mmsp.PathScan, "scan-wechat-preorder", compact(t, good.without("AGENTNO")), "AGENTNO", "account")
	w.refusedMessage(mmsp.PathScan, "scan-wechat-preorder",
		compact(t, good.with("Sign", sign(t, preorderBody("AG1"), merKey2))), "Sign", "signature")
}

func TestReplyEchoesTheHeader(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	message := w.message(mmsp.PathScan, 2306, preorderBody("EC1")).with("SeqID", 42).without("AGENTNO")
	_, raw, err := w.raw(http.MethodPost, mmsp.PathScan, []byte(compact(t, message)), map[string]string{"Content-Type": "application/json;charset=UTF-8"})
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		`"CommandID":35074`, `"SeqID":42`, `"NodeType":3`, `"NodeID":"openplat"`, `"Version":"1.0.0"`, `"RetCode":1`, `"ErrorMsg":""`,
		`"AGENTNO":null`, `"MERNO":"` + merNo + `"`, `"TERMNO":"` + termNo + `"`, `https:\/\/`,
	} {
		if !strings.Contains(string(raw), part) {
			t.Errorf("%s is not in %s", part, raw)
		}
	}
}

func TestErrMsg(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *mmsp.Options) { o.ErrMsg = true })
	message := compact(t, w.message(mmsp.PathScan, 2310, numberBody("EM")))
	_, raw, err := w.raw(http.MethodPost, mmsp.PathScan, []byte(message), map[string]string{"Content-Type": "application/json"})
	if err != nil || !strings.Contains(string(raw), `"ErrMsg":"[-2002] `) || strings.Contains(string(raw), "ErrorMsg") {
		t.Errorf("%s %v", raw, err)
	}
}

func TestTransport(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		method, path, contentType, encoding, body string
		field, rule                               string
	}{
		"get":                {http.MethodGet, "/scan", "application/json", "", "", "", "method"},
		"form":               {http.MethodPost, "/scan", "application/x-www-form-urlencoded", "", "a=b", "web_api", "missing"},
		"no type":            {http.MethodPost, "/scan", "", "", "{}", "", "content-type"},
		"wrong charset":      {http.MethodPost, "/scan", "application/json; charset=gbk", "", "{}", "", "content-type"},
		"compressed":         {http.MethodPost, "/scan", "application/json", "gzip", "{}", "", "content-type"},
		"empty":              {http.MethodPost, "/scan", "application/json", "", "", "", "json"},
		"array":              {http.MethodPost, "/scan", "application/json", "", "[]", "", "json"},
		"not UTF-8":          {http.MethodPost, "/scan", "application/json", "", "{\"a\":\"\xff\"}", "", "json"},
		"two objects":        {http.MethodPost, "/scan", "application/json", "", "{}{}", "", "json"},
		"over 64 KiB":        {http.MethodPost, "/scan", "application/json", "", strings.Repeat(" ", 70_000), "", "json"},
		"trailing comma":     {http.MethodPost, "/scan", "application/json", "", `{"CommandID":1,}`, "", "json"},
		"empty object":       {http.MethodPost, "/scan", "application/json", "", "{}", "CommandID", "missing"},
		"quick's own 776":    {http.MethodPost, "/scan", "application/json", "", `{"CommandID":776}`, "CommandID", "value"},
		"a key that repeats": {http.MethodPost, "/scan", "application/json", "", `{"MERNO":"1","MERNO":"2"}`, "MERNO", "duplicate-key"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			headers := map[string]string{}
			if c.contentType != "" {
				headers["Content-Type"] = c.contentType
			}
			if c.encoding != "" {
				headers["Content-Encoding"] = c.encoding
			}
			resp, raw, err := w.raw(c.method, c.path, []byte(c.body), headers)
			if err != nil {
				t.Fatal(err)
			}
			a, err := decodeAnswer(raw)
			if err != nil || resp.StatusCode != http.StatusOK || a.CommandID != 32768 || a.RetCode != 0 {
				t.Errorf("HTTP %d %s %v, want the general refusal", resp.StatusCode, raw, err)
			}
			w.breach(0, "scan", c.field, c.rule)
		})
	}
}

func TestUnknownPath(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	resp, _, err := w.raw(http.MethodPost, "/Scan", []byte("{}"), map[string]string{"Content-Type": "application/json"})
	if err != nil || resp.StatusCode != http.StatusNotFound {
		t.Errorf("%v %v, want 404", resp, err)
	}
	w.breach(0, "", "", "path")
}

func TestDuplicateKeyInTheBody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	message := compact(t, w.message(mmsp.PathScan, 2310, numberBody("D1")))
	message = strings.Replace(message, `"Body":{`, `"Body":{"MERORDERID":"D0",`, 1)
	w.refusedMessage(mmsp.PathScan, "scan-query", message, "MERORDERID", "duplicate-key")
}

func TestRequiredCertificate(t *testing.T) {
	t.Parallel()
	c := newClock()
	sim := mmsp.New(mmsp.Options{
		Now: c.Now, Sleep: c.Sleep, RequireCertificate: true, Merchants: []mmsp.Merchant{{MerNo: merNo, TermNo: termNo, Key: merKey}},
	})
	server := httptest.NewUnstartedServer(sim)
	server.TLS = &tls.Config{ClientAuth: tls.RequestClientCert, MinVersion: tls.VersionTLS12}
	server.StartTLS()
	t.Cleanup(func() {
		server.Close()
		if err := sim.Close(); err != nil {
			t.Error(err)
		}
	})
	w := &world{t: t, sim: sim, url: server.URL, clock: c}
	ask := func(certificates []tls.Certificate, command int, body fields) answer {
		t.Helper()
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{
			InsecureSkipVerify: true, Certificates: certificates, MinVersion: tls.VersionTLS12,
		}}}
		defer client.CloseIdleConnections()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+mmsp.PathScan,
			strings.NewReader(compact(t, w.message(mmsp.PathScan, command, body))))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		return w.read(client.Do(req))
	}
	refund := refundBody("TLS", "R", "1")
	if a := ask(nil, 2310, numberBody("TLS")); a.String() != "refused 0 -2002" {
		t.Errorf("a query needs no certificate: %v", a)
	}
	w.clean()
	for command, op := range map[int]string{2311: "scan-cancel", 2312: "scan-refund"} {
		body := numberBody("TLS")
		if command == 2312 {
			body = refund
		}
		since := len(sim.Violations())
		if a := ask(nil, command, body); a.CommandID != 32768 {
			t.Errorf("%s without a certificate: %v", op, a)
		}
		w.breach(since, op, "", mmsp.RuleCertificate)
		since = len(sim.Violations())
		if a := ask(server.TLS.Certificates, command, body); a.String() != "refused 0 -2002" || len(sim.Violations()) != since {
			t.Errorf("%s with a certificate: %v, %+v", op, a, sim.Violations()[since:])
		}
	}
}
