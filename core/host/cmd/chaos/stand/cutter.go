package stand

import (
	"bytes"
	"net"
	"sync/atomic"
	"time"
)

func (c *Cutter) accept() {
	for {
		client, err := c.listener.Accept()
		if err != nil {
			return
		}
		server, err := (&net.Dialer{Timeout: 5 * time.Second}).Dial("tcp", c.target())
		if err != nil {
			_ = client.Close()
			continue
		}
		p := &pair{Cutter: c, client: client, server: server}
		c.keep(client, server)
		go p.up()
		go p.down()
	}
}

func (c *Cutter) keep(conns ...net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range conns {
		c.open[conn] = true
	}
}

func (c *Cutter) drop(conns ...net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range conns {
		_ = conn.Close()
		delete(c.open, conn)
	}
}

// verdict is what happens to a COMMIT.
type verdict int

const (
	pass verdict = iota
	cutNow
	cutAtAnswer
)

func (c *Cutter) judge() verdict {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.before > 0:
		c.before--
		c.done++
		return cutNow
	case c.after > 0:
		c.after--
		c.done++
		return cutAtAnswer
	}
	return pass
}

// pair is one connection through the proxy.
type pair struct {
	*Cutter

	client, server net.Conn
	lost           atomic.Bool // the answer goes no further
}

// commit is how the driver ends a transaction: a simple query.
var commit = []byte("COMMIT\x00") //nolint:gochecknoglobals // a constant

func (p *pair) up() {
	defer p.drop(p.client, p.server)
	buffer := make([]byte, 64<<10)
	for {
		n, err := p.client.Read(buffer)
		if err != nil {
			return
		}
		if bytes.Contains(buffer[:n], commit) {
			switch p.judge() {
			case cutNow:
				return
			case cutAtAnswer:
				p.lost.Store(true)
			case pass:
			}
		}
		if _, err := p.server.Write(buffer[:n]); err != nil {
			return
		}
	}
}

func (p *pair) down() {
	defer p.drop(p.client, p.server)
	buffer := make([]byte, 64<<10)
	for {
		n, err := p.server.Read(buffer)
		if err != nil || p.lost.Load() {
			return // the answer to COMMIT has arrived here
		}
		if _, err := p.client.Write(buffer[:n]); err != nil {
			return
		}
	}
}
