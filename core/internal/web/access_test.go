package web

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

func TestEveryOperationButThePublicNeedsACaller(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *Options) { o.Limits.RefusalsBurst, o.Limits.LoginBurst = 10_000, 10_000 })
	public := map[string]bool{"login": true, "loginByLink": true, "getVersion": true}
	for _, op := range r.server.ops {
		if op.public != public[op.id] {
			t.Errorf("%s: public is %v", op.id, op.public)
		}
		if op.public {
			continue
		}
		path := strings.NewReplacer("{", "", "}", "").Replace(op.path)
		for name, h := range map[string]http.Header{
			"nobody": {}, "wrong key": {"Authorization": {"Bearer zgk_no"}}, "basic": {"Authorization": {"Basic " + goodKey}}, "no scheme": {"Authorization": {goodKey}},
			"two keys": {"Authorization": {"Bearer " + goodKey, "Bearer " + goodKey}}, "wrong session": {"Cookie": {"__Host-zhanggui=x"}},
			"cookie of plain http": {"Cookie": {"zhanggui=" + goodToken}},
			// A bad key beside a good session is judged as a bad key.
			"both": {"Authorization": {"Bearer zgk_no"}, "Cookie": {"__Host-zhanggui=" + goodToken}},
		} {
			got := r.do(op.method, path, "", h)
			if got.status != 401 || got.problem(t).Code != "unauthenticated" {
				t.Errorf("%s as %s: %d %s", op.id, name, got.status, got.body)
			}
			if op.method == http.MethodGet {
				if head := r.do(http.MethodHead, path, "", h); head.status != 401 {
					t.Errorf("HEAD %s as %s: %d", path, name, head.status)
				}
			}
		}
	}
	if n := r.count(); n != 0 {
		t.Errorf("%d use cases were called", n)
	}
}

func TestRequestsOfOtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	cases := []struct {
		name   string
		header http.Header
		ok     bool
	}{
		{"our console", byCookie(), true},
		{"older browser, our origin", with(byCookie(), "Sec-Fetch-Site", "", "Origin", "https://pay.example.com"), true},
		{"script with cookie and token", with(byCookie(), "Sec-Fetch-Site", ""), true},
		{"no token", with(byCookie(), "X-Csrf-Token", ""), false},
		{"another session's token", with(byCookie(), "X-Csrf-Token", "csrf-of-somebody-else"), false},
		{"cross-site", with(byCookie(), "Sec-Fetch-Site", "cross-site"), false},
		{"same-site", with(byCookie(), "Sec-Fetch-Site", "same-site"), false},
		{"none", with(byCookie(), "Sec-Fetch-Site", "none"), false},
		{"other origin", with(byCookie(), "Sec-Fetch-Site", "", "Origin", "https://evil.example"), false},
		{"origin with our name as prefix", with(byCookie(), "Sec-Fetch-Site", "", "Origin", "https://pay.example.com.evil.example"), false},
		{"origin without TLS", with(byCookie(), "Sec-Fetch-Site", "", "Origin", "http://pay.example.com"), false},
		{"null origin", with(byCookie(), "Sec-Fetch-Site", "", "Origin", "null"), false},
	}
	for _, c := range cases {
		before := r.count()
		got := r.do("POST", "/v1/stores", `{"name":"x"}`, c.header)
		if c.ok {
			if got.status != 201 {
				t.Errorf("%s: %d %s", c.name, got.status, got.body)
			}
			continue
		}
		if got.status != 403 || got.problem(t).Code != "csrf_failed" || r.count() != before {
			t.Errorf("%s: %d %s", c.name, got.status, got.body)
		}
	}
	if got := r.do("GET", "/v1/stores", "", with(byCookie(), "X-Csrf-Token", "")); got.status != 200 {
		t.Errorf("reading needs no token: %d", got.status)
	}
	for _, site := range []string{"cross-site", "same-site"} {
		got := r.do("POST", "/v1/session", `{"email":"a@example.com","password":"x"}`, http.Header{"Sec-Fetch-Site": {site}})
		if got.status != 403 {
			t.Errorf("sign-in from %s: %d", site, got.status)
		}
	}
}

func TestDevModeTakesAnyNameOfThisServer(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *Options) { o.DevMode, o.PublicURL = true, "http://localhost:1" })
	h := http.Header{"Cookie": {"zhanggui=" + goodToken}, "X-Csrf-Token": {goodCSRF}}
	if got := r.do("POST", "/v1/stores", `{"name":"x"}`, with(h, "Origin", r.base)); got.status != 201 {
		t.Errorf("own name: %d %s", got.status, got.body)
	}
	if got := r.do("POST", "/v1/stores", `{"name":"x"}`, with(h, "Origin", "http://evil.example")); got.status != 403 {
		t.Errorf("another name: %d", got.status)
	}
}

func TestSessionCookies(t *testing.T) {
	t.Parallel()
	for public, want := range map[string]string{
		"https://pay.example.com": "__Host-zhanggui=" + goodToken + "; Path=/; Max-Age=3600; HttpOnly; Secure; SameSite=Strict",
		"http://127.0.0.1:8080":   "zhanggui=" + goodToken + "; Path=/; Max-Age=3600; HttpOnly; SameSite=Strict",
	} {
		r := newRig(t, func(o *Options) { o.PublicURL, o.Clock = public, at })
		got := r.do("POST", "/v1/session", `{"email":"a@example.com","password":"hunter2-canary"}`, http.Header{"User-Agent": {"browser"}})
		if got.status != 201 || len(got.header.Values("Set-Cookie")) != 1 || got.header.Get("Set-Cookie") != want {
			t.Errorf("%d %q\nwant %q", got.status, got.header.Values("Set-Cookie"), want)
		}
		if strings.Contains(string(got.body), goodToken) || !strings.Contains(string(got.body), `"csrf_token":"`+goodCSRF) {
			t.Errorf("body %s", got.body)
		}
		if in := r.logins[0]; in.IP != "127.0.0.1" || in.UserAgent != "browser" || string(in.Password.Reveal()) != "hunter2-canary" {
			t.Errorf("%+v", in)
		}
		if strings.Contains(r.log.String(), "hunter2-canary") || strings.Contains(r.log.String(), goodToken) {
			t.Error("the log holds a password or a token")
		}
	}
	r := newRig(t)
	got := r.do("DELETE", "/v1/session", "", byCookie())
	if got.status != 204 || got.header.Get("Set-Cookie") != "__Host-zhanggui=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Strict" {
		t.Errorf("%d %q", got.status, got.header.Get("Set-Cookie"))
	}
}

func TestRates(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *Options) {
		o.Clock = at // nothing refills
		o.Limits = Limits{CallerRate: 1, CallerBurst: 3, LoginRate: 1, LoginBurst: 2, RefusalsRate: 1, RefusalsBurst: 2}
	})
	statuses := func(n int, f func() reply) (out []int) {
		for range n {
			got := f()
			if got.status == 429 && (got.problem(t).Code != "rate_limited" || got.header.Get("Retry-After") == "") {
				t.Errorf("%s", got.body)
			}
			out = append(out, got.status)
		}
		return out
	}
	if got := statuses(4, func() reply { return r.do("GET", "/v1/stores", "", byKey()) }); got[2] != 200 || got[3] != 429 {
		t.Errorf("caller: %v", got)
	}
	if got := r.do("GET", "/v1/stores", "", byCookie()); got.status != 200 {
		t.Errorf("another caller is held back too: %d", got.status)
	}
	login := func() reply { return r.do("POST", "/v1/session", `{"email":"a@example.com","password":"x"}`, nil) }
	if got := statuses(3, login); got[1] != 201 || got[2] != 429 {
		t.Errorf("sign-in: %v", got)
	}
	guess := func() reply {
		return r.do("GET", "/v1/stores", "", http.Header{"Authorization": {"Bearer zgk_guess"}})
	}
	if got := statuses(3, guess); got[1] != 401 || got[2] != 429 {
		t.Errorf("guesses: %v", got)
	}
}

func TestBucketsAreBounded(t *testing.T) {
	t.Parallel()
	l := newLimiter(1, 1)
	for i := range maxBuckets + 100 {
		l.allow(string(rune(i))+"x", at().Add(time.Duration(i)*time.Second))
	}
	if len(l.buckets) > maxBuckets {
		t.Errorf("%d buckets", len(l.buckets))
	}
}

func TestForwardedForIsBelievedFromTrustedProxiesOnly(t *testing.T) {
	t.Parallel()
	local := netip.MustParsePrefix("127.0.0.0/8")
	inner := netip.MustParsePrefix("10.0.0.0/8")
	cases := []struct {
		trusted []netip.Prefix
		header  string
		want    string
	}{
		{nil, "203.0.113.9", "127.0.0.1"},
		{[]netip.Prefix{inner}, "203.0.113.9", "127.0.0.1"},
		{[]netip.Prefix{local}, "203.0.113.9", "203.0.113.9"},
		{[]netip.Prefix{local}, "198.51.100.1, 203.0.113.9", "203.0.113.9"}, // the left one was written by the caller
		{[]netip.Prefix{local, inner}, "198.51.100.1, 203.0.113.9, 10.1.1.1", "203.0.113.9"},
		{[]netip.Prefix{local}, "garbage", "127.0.0.1"},
		{[]netip.Prefix{local}, "", "127.0.0.1"},
		{[]netip.Prefix{local}, "2001:db8::1", "2001:db8::1"},
	}
	for _, c := range cases {
		r := newRig(t, func(o *Options) { o.TrustedProxies = c.trusted })
		r.do("GET", "/v1/stores", "", with(byKey(), "X-Forwarded-For", c.header))
		if got := r.ids[0].IP; got != c.want {
			t.Errorf("%v %q: %s, want %s", c.trusted, c.header, got, c.want)
		}
	}
}

// A proxy may add its word as a line of its own, below the one the caller wrote.
func TestForwardedForIsReadOverAllItsLines(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *Options) { o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} })
	header := with(byKey(), "X-Forwarded-For", "198.51.100.1")
	header.Add("X-Forwarded-For", "203.0.113.9")
	r.do("GET", "/v1/stores", "", header)
	if got := r.ids[0].IP; got != "203.0.113.9" {
		t.Errorf("the caller chose its own address: %s", got)
	}
}

func TestChosenMerchantReachesTheIdentity(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.do("GET", "/v1/stores", "", with(byCookie(), "Zhanggui-Tenant", num(42).Prefixed(core.PrefixTenant), "Accept-Language", "en-GB,zh;q=0.5"))
	if got := r.ids[0]; got.TenantID != num(42) || got.Language != "en" {
		t.Errorf("%+v", got)
	}
}

func TestOneLineOfIPv6IsOneCaller(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"192.0.2.1": "192.0.2.1", "2001:db8:1:2::1": "2001:db8:1:2::/64", "2001:db8:1:2:ffff::9": "2001:db8:1:2::/64", "": "",
	} {
		if got := network(given); got != want {
			t.Errorf("%s: %s, want %s", given, got, want)
		}
	}
}

func TestPasswordsAreCheckedAFewAtATime(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *Options) { o.Limits.Passwords, o.Limits.Request = 1, 100*time.Millisecond })
	release, err := r.server.passwordTurn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	login := func() reply { return r.do("POST", "/v1/session", `{"email":"a@example.com","password":"x"}`, nil) }
	if got := login(); got.status != 429 || r.count() != 0 {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := r.do("GET", "/v1/stores", "", byKey()); got.status != 200 {
		t.Errorf("others wait too: %d", got.status)
	}
	release()
	for range 3 {
		if got := login(); got.status != 201 {
			t.Errorf("%d %s", got.status, got.body)
		}
	}
}

func TestSummaryOfADay(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *Options) { o.Clock = at }) // 16:00 in Beijing
	for query, want := range map[string]string{
		"":                         `"from":"2026-11-22T16:00:00Z"`,
		"?to=2026-11-22T16:00:00Z": `"from":"2026-11-21T16:00:00Z"`,
	} {
		if got := r.do("GET", "/v1/summary"+query, "", byKey()); got.status != 200 || !strings.Contains(string(got.body), want) || !strings.Contains(string(got.body), `"paid":1,`) {
			t.Errorf("%s: %s", query, got.body)
		}
	}
}

func TestTheBrowsersNameIsKeptFromTheEndOfWhatItSends(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	agent := "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36 Edg/128.0.0.0"
	for sent, want := range map[string]string{agent: agent, strings.Repeat("长", 300): strings.Repeat("长", mostUserAgent) + "…"} {
		r.do("POST", "/v1/session", `{"email":"a@example.com","password":"hunter2-canary"}`, http.Header{"User-Agent": {sent}})
		if got := r.logins[len(r.logins)-1].UserAgent; got != want {
			t.Errorf("%q", got)
		}
	}
}
