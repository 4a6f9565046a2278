package outbound

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// names answers what a test says, and that there is no such name for the rest.
type names map[string][]string

func (n names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	texts, known := n[strings.TrimSuffix(host, ".")]
	if !known {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	addrs := make([]netip.Addr, len(texts))
	for i, text := range texts {
		addrs[i] = netip.MustParseAddr(text)
	}
	return addrs, nil
}

func newSender(t *testing.T, o Options) *Sender {
	t.Helper()
	o.Clock = time.Now
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestCheckURL is the table of what is refused, by the text or by where the name leads.
func TestCheckURL(t *testing.T) {
	t.Parallel()
	s := newSender(t, Options{Resolver: names{
		"good.example.com":     {"93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"},
		"private.example.com":  {"10.0.0.7"},
		"mixed.example.com":    {"93.184.215.14", "127.0.0.1"},
		"mapped.example.com":   {"::ffff:192.168.1.1"},
		"metadata.example.com": {"169.254.169.254"},
		"six.example.com":      {"fd00:ec2::254"},
		"nothing.example.com":  {},
	}})
	good := []string{
		"https://good.example.com", "https://GOOD.example.com./hook?x=1#part", "https://good.example.com:8443/hook", "https://93.184.215.14/",
		"https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/",
	}
	bad := []string{
		"", "good.example.com", "//good.example.com/", "http://good.example.com/", "ftp://good.example.com/", "https:good.example.com", "https:///hook",
		"https://user@good.example.com/", "https://user:word@good.example.com/", "https://good.example.com:22/", "https://good.example.com:80/",
		"https://good.example.com:0/", "https://good.example.com:65536/", "https://good.example.com:x/",
		"https://good.example.com/\n", "https://good%2eexample.com:99/", "https://" + strings.Repeat("a", maxURL) + ".example.com/",
		"https://localhost/", "https://a.localhost/", "https://intranet/", "https://bücher.example.com/", "https://good..example.com/", "https://good.example.com%00/",
		"https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/", "https://0x7f.1/", "https://1.2.3/", "https://127.0.0.1./",
		"https://0.0.0.0/", "https://10.1.2.3/", "https://100.64.0.1/", "https://100.100.100.200/", "https://169.254.169.254/latest/meta-data/",
		"https://172.16.0.1/", "https://192.0.0.192/", "https://192.0.2.1/", "https://192.168.0.1/", "https://198.18.0.1/", "https://198.51.100.1/", "https://203.0.113.1/",
		"https://224.0.0.1/", "https://240.0.0.1/", "https://255.255.255.255/", "https://168.63.129.16/",
		"https://[::]/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://[::ffff:93.184.215.14]/", "https://[::127.0.0.1]/",
		"https://[64:ff9b::7f00:1]/", "https://[64:ff9b:1::1]/", "https://[2002:7f00:1::]/", "https://[2001::1]/", "https://[2001:db8::1]/", "https://[3fff::1]/",
		"https://[fe80::1]/", "https://[fe80::1%25eth0]/", "https://[2606:4700::1111%25eth0]/", "https://[fc00::1]/", "https://[fd00:ec2::254]/", "https://[ff02::1]/", "https://[fec0::1]/",
		"https://private.example.com/", "https://mixed.example.com/", "https://mapped.example.com/", "https://metadata.example.com/", "https://six.example.com/",
		"https://nothing.example.com/", "https://missing.example.com/",
	}
	for _, url := range good {
		if err := s.CheckURL(t.Context(), url); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
	for _, url := range bad {
		if err := s.CheckURL(t.Context(), url); core.CodeOf(err) != core.CodeInvalidURL {
			t.Errorf("%q: %v", url, err)
		}
		if _, err := s.Post(t.Context(), core.OutboundRequest{URL: url}); core.CodeOf(err) != core.CodeInvalidURL {
			t.Errorf("%q is posted to: %v", url, err)
		}
	}
}

// receiver is a TLS server that the sender finds under hook.example.com, and its requests.
func receiver(t *testing.T, handle http.HandlerFunc) (s *Sender, url string) {
	t.Helper()
	server := httptest.NewTLSServer(handle)
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	s = newSender(t, Options{AllowLocal: true, Roots: roots, Resolver: names{"example.com": {"127.0.0.1"}, "other.example.net": {"127.0.0.1"}}})
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	return s, "https://example.com:" + port
}

// TestPost sends once, keeps the beginning of the reply, follows nothing.
func TestPost(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	s, url := receiver(t, func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		_, _ = io.Copy(io.Discard, r.Body) // only then does the server see that the sender has left
		switch r.URL.Path {
		case "/redirect":
			http.Redirect(w, r, "https://169.254.169.254/latest/meta-data/", http.StatusTemporaryRedirect)
		case "/long":
			_, _ = w.Write(make([]byte, 1<<20))
		case "/headers":
			for range 200 {
				w.Header().Add("X-Filler", strings.Repeat("x", 1000))
			}
		case "/slow":
			<-r.Context().Done()
		case "/cut":
			c, _, _ := http.NewResponseController(w).Hijack()
			_ = c.Close()
		default:
			if r.Header.Get("X-One") != "1" || r.Header.Get("Accept-Encoding") != "" || r.Host == "" {
				w.WriteHeader(http.StatusTeapot)
			}
			_, _ = w.Write([]byte("taken"))
		}
	})
	send := func(path string) (core.OutboundReply, error) {
		return s.Post(t.Context(), core.OutboundRequest{URL: url + path, Headers: map[string]string{"X-One": "1"}, Body: []byte("{}"), Timeout: time.Second})
	}
	if reply, err := send("/"); err != nil || reply.Status != 200 || string(reply.Body) != "taken" || !strings.HasPrefix(reply.Address, "127.0.0.1:") {
		t.Errorf("%+v %v", reply, err)
	}
	if reply, err := send("/redirect"); err != nil || reply.Status != http.StatusTemporaryRedirect {
		t.Errorf("a redirect: %+v %v", reply, err)
	}
	if reply, err := send("/long"); err != nil || len(reply.Body) != maxReply {
		t.Errorf("a long reply: %d bytes, %v", len(reply.Body), err)
	}
	for _, path := range []string{"/headers", "/slow", "/cut"} {
		before := calls.Load()
		reply, err := send(path)
		if core.CodeOf(err) != core.CodeDeliveryFailed || reply.Status != 0 {
			t.Errorf("%s: %+v %v", path, reply, err)
		}
		if n := calls.Load() - before; n != 1 {
			t.Errorf("%s was called %d times", path, n)
		}
	}
}

// TestThePinHolds: what is dialled is what was checked, not what the name leads to by then,
// and the certificate must be that of the name.
func TestThePinHolds(t *testing.T) {
	t.Parallel()
	s, url := receiver(t, func(http.ResponseWriter, *http.Request) {})
	if _, err := s.Post(t.Context(), core.OutboundRequest{URL: strings.Replace(url, "example.com", "other.example.net", 1)}); core.CodeOf(err) != core.CodeDeliveryFailed ||
		!strings.Contains(err.Error(), "certificate") {
		t.Errorf("another name's certificate: %v", err)
	}
	strict := newSender(t, Options{})
	addrs := []netip.Addr{netip.MustParseAddr("127.0.0.1")}
	if _, err := strict.dial(t.Context(), "tcp", addrs, "443"); core.CodeOf(err) != core.CodeInvalidURL {
		t.Errorf("the socket itself: %v", err)
	}
	// A name that is good when it is checked and bad when it is asked for again.
	fickle := &turning{}
	s = newSender(t, Options{Resolver: fickle})
	_, err := s.Post(t.Context(), core.OutboundRequest{URL: "https://turning.example.com/", Timeout: 50 * time.Millisecond})
	if core.CodeOf(err) != core.CodeDeliveryFailed || fickle.asked.Load() != 1 {
		t.Errorf("asked %d times: %v", fickle.asked.Load(), err)
	}
}

// turning gives a public address (of a block that nobody routes) first and a private one then.
type turning struct{ asked atomic.Int32 }

func (r *turning) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	if r.asked.Add(1) == 1 {
		return []netip.Addr{netip.MustParseAddr("192.31.196.1")}, nil
	}
	return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
}

// TestNoProxy: a proxy of the environment would resolve the name itself.
func TestNoProxy(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	s, url := receiver(t, func(http.ResponseWriter, *http.Request) {})
	if _, err := s.Post(t.Context(), core.OutboundRequest{URL: url}); err != nil {
		t.Error(err)
	}
}

// TestAWrongResolver is no verdict about the address.
func TestAWrongResolver(t *testing.T) {
	t.Parallel()
	s := newSender(t, Options{Resolver: failing{}})
	if err := s.CheckURL(t.Context(), "https://good.example.com/"); core.CodeOf(err) != core.CodeDeliveryFailed {
		t.Error(err)
	}
}

type failing struct{}

func (failing) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	return nil, errors.New("the server does not answer")
}
