package web

import (
	"net"
	"net/netip"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// clientIP gives the caller's address: the peer's, or what a trusted proxy says of it.
// X-Forwarded-For is read from the right, because everything left of what our own
// proxies wrote was written by the caller. Proxies that add a line of their own, instead of
// adding to the caller's, are read the same way.
func clientIP(c *fiber.Ctx, trusted []netip.Prefix) string {
	peer, ok := peerAddress(c)
	if !ok || !contains(trusted, peer) {
		return text(peer)
	}
	var hops []string
	for _, line := range c.Request().Header.PeekAll(fiber.HeaderXForwardedFor) {
		hops = append(hops, strings.Split(string(line), ",")...)
	}
	for i := len(hops) - 1; i >= 0; i-- {
		addr, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		peer = addr.Unmap()
		if !contains(trusted, peer) {
			break
		}
	}
	return text(peer)
}

func peerAddress(c *fiber.Ctx) (netip.Addr, bool) {
	tcp, ok := c.Context().RemoteAddr().(*net.TCPAddr)
	if !ok {
		return netip.Addr{}, false
	}
	addr, ok := netip.AddrFromSlice(tcp.IP)
	return addr.Unmap(), ok
}

func contains(prefixes []netip.Prefix, a netip.Addr) bool {
	for _, p := range prefixes {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

func text(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

// network gives what stands for one caller in the limits: an IPv4 address, or the /64
// that one line of an IPv6 provider is given.
func network(ip string) string {
	addr, err := netip.ParseAddr(ip)
	if err != nil || addr.Is4() {
		return ip
	}
	prefix, err := addr.WithZone("").Prefix(64)
	if err != nil {
		return ip
	}
	return prefix.String()
}
