package postgres

import (
	"bytes"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// cutter is a TCP proxy before the server that can cut a connection at a word.
type cutter struct {
	listener net.Listener
	target   string
	mode     atomic.Int32
	mu       sync.Mutex
	open     []net.Conn
}

const (
	pass       int32 = iota
	cutBefore        // the server never sees COMMIT
	cutAfter         // the server commits, its answer is lost
	cutAtBegin       // the connection dies while it is idle in the pool
	stall            // nothing comes back, and nothing is closed
)

// newCutter gives the proxy and the database's URL through it.
func newCutter(t *testing.T, raw string) (c *cutter, through string) {
	t.Helper()
	u, err := url.Parse(raw)
	must(t, err)
	c = &cutter{target: u.Host}
	c.listener, err = (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = c.listener.Close(); c.dropAll() })
	go c.accept()
	u.Host = c.listener.Addr().String()
	return c, u.String()
}

func (c *cutter) accept() {
	for {
		client, err := c.listener.Accept()
		if err != nil {
			return
		}
		server, err := (&net.Dialer{Timeout: 5 * time.Second}).Dial("tcp", c.target)
		if err != nil {
			_ = client.Close()
			continue
		}
		c.mu.Lock()
		c.open = append(c.open, client, server)
		c.mu.Unlock()
		var lost atomic.Bool
		go c.copy(server, client, &lost, true)
		go c.copy(client, server, &lost, false)
	}
}

func (c *cutter) copy(to, from net.Conn, lost *atomic.Bool, fromClient bool) {
	defer func() { _ = to.Close(); _ = from.Close() }()
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		if fromClient {
			switch mode := c.mode.Load(); {
			case mode == cutBefore && bytes.Contains(buf[:n], []byte("COMMIT\x00")), mode == cutAtBegin && bytes.Contains(buf[:n], []byte("BEGIN")):
				return
			case mode == cutAfter && bytes.Contains(buf[:n], []byte("COMMIT\x00")):
				lost.Store(true)
			}
		} else if lost.Load() {
			return // the answer to COMMIT has arrived here and goes no further
		}
		if c.mode.Load() == stall && !fromClient {
			continue
		}
		if _, err := to.Write(buf[:n]); err != nil {
			return
		}
	}
}

func (c *cutter) dropAll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.open {
		_ = conn.Close()
	}
	c.open = nil
}
