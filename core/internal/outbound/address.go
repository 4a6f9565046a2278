package outbound

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/zhanggui-pay/zhanggui/core"
)

// maxURL is longer than any address that a receiver needs.
const maxURL = 2048

// target is an address that was read and found to be allowed by its form.
type target struct {
	url  *url.URL
	host string // without brackets and without the last dot
	port string
}

// parse refuses by form: what the text alone shows. Where its name leads is resolve's.
func (s *Sender) parse(raw string) (target, error) {
	if len(raw) > maxURL {
		return target{}, refused("it is longer than %d characters", maxURL)
	}
	u, err := url.Parse(raw)
	if err != nil || u.Opaque != "" || u.Host == "" {
		return target{}, refused("it is not an address such as https://example.com/webhooks")
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !s.AllowLocal) {
		return target{}, refused("it does not begin with https://")
	}
	if u.User != nil {
		return target{}, refused("it holds a user name or a password")
	}
	t := target{url: u, host: strings.ToLower(strings.TrimSuffix(u.Hostname(), ".")), port: u.Port()}
	if t.port == "" {
		t.port = "443"
		if u.Scheme == "http" {
			t.port = "80"
		}
	}
	if n, err := strconv.ParseUint(t.port, 10, 16); err != nil || n < 1024 && n != 443 {
		return target{}, refused("its port is neither 443 nor over 1023")
	}
	// The fragment is a browser's matter.
	u.Fragment, u.RawFragment = "", ""
	return t, s.checkName(t.host)
}

// checkName refuses what is no plain domain name and no plain IP address. Old notations of
// IPv4 addresses (2130706433, 0x7f.1, 0177.0.0.1) are read differently by different
// resolvers; all of them end in a label that is a number.
func (s *Sender) checkName(host string) error {
	if addr, err := netip.ParseAddr(host); err == nil {
		return s.checkAddress(addr)
	}
	labels := strings.Split(host, ".")
	last := labels[len(labels)-1]
	if last == "localhost" && s.AllowLocal {
		return nil
	}
	if len(host) > 253 || len(labels) < 2 || last == "localhost" {
		return refused("%q is no name on the public internet", host)
	}
	for _, label := range labels {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return refused("%q is no domain name; write a name in another script as xn--…", host)
		}
	}
	if strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x") {
		return refused("%q is a number and no domain name", host)
	}
	return nil
}

// resolve gives the addresses behind the target's name. One that is not allowed refuses
// them all: who mixes them in wants us to try them.
func (s *Sender) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	if addr, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{addr}, s.checkAddress(addr)
	}
	name := host
	if strings.Contains(name, ".") {
		name += "." // a search list of this machine is not asked
	}
	addrs, err := s.Resolver.LookupNetIP(ctx, "ip", name)
	if err != nil {
		if unknown, ok := errors.AsType[*net.DNSError](err); ok && unknown.IsNotFound {
			return nil, core.Wrap(err, core.CodeInvalidURL, "The name %s does not exist.", host).At("url")
		}
		return nil, core.Wrap(err, core.CodeDeliveryFailed, "The name %s cannot be looked up now.", host)
	}
	if len(addrs) == 0 {
		return nil, core.Errorf(core.CodeInvalidURL, "The name %s leads to no address.", host).At("url")
	}
	for i, addr := range addrs {
		// A resolver may give IPv4 addresses in their IPv6 form.
		addrs[i] = addr.Unmap()
		if err := s.checkAddress(addrs[i]); err != nil {
			return nil, err
		}
	}
	return addrs, nil
}

// checkAddress refuses what is not on the public internet.
func (s *Sender) checkAddress(addr netip.Addr) error {
	if addr.Zone() == "" && (public(addr) || s.AllowLocal && addr.IsLoopback()) {
		return nil
	}
	return refused("it leads to %s, which is not on the public internet", addr)
}

// public says whether an address is one of the internet's. IPv6 addresses that carry an IPv4
// address (mapped, compatible, NAT64, 6to4, Teredo) are not: no receiver needs them.
func public(addr netip.Addr) bool {
	if !addr.Is4() && !globalIPv6.Contains(addr) {
		return false
	}
	for _, p := range special {
		if p.Contains(addr) {
			return false
		}
	}
	return true
}

var globalIPv6 = netip.MustParsePrefix("2000::/3")

// special are the blocks of IANA's special-purpose registries that lie within what would be
// public, and the address of a cloud's own services.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),        // this network
	netip.MustParsePrefix("10.0.0.0/8"),       // private
	netip.MustParsePrefix("100.64.0.0/10"),    // carrier-grade NAT; metadata of Alibaba Cloud
	netip.MustParsePrefix("127.0.0.0/8"),      // loopback
	netip.MustParsePrefix("168.63.129.16/32"), // services of the host in Azure
	netip.MustParsePrefix("169.254.0.0/16"),   // link-local; metadata of most clouds
	netip.MustParsePrefix("172.16.0.0/12"),    // private
	netip.MustParsePrefix("192.0.0.0/24"),     // protocol assignments; metadata of Oracle Cloud
	netip.MustParsePrefix("192.0.2.0/24"),     // documentation
	netip.MustParsePrefix("192.88.99.0/24"),   // 6to4 relays
	netip.MustParsePrefix("192.168.0.0/16"),   // private
	netip.MustParsePrefix("198.18.0.0/15"),    // benchmarks
	netip.MustParsePrefix("198.51.100.0/24"),  // documentation
	netip.MustParsePrefix("203.0.113.0/24"),   // documentation
	netip.MustParsePrefix("224.0.0.0/3"),      // multicast, reserved, broadcast
	netip.MustParsePrefix("2001::/23"),        // protocol assignments, Teredo, benchmarks
	netip.MustParsePrefix("2001:db8::/32"),    // documentation
	netip.MustParsePrefix("2002::/16"),        // 6to4
	netip.MustParsePrefix("3fff::/20"),        // documentation
}

func refused(format string, args ...any) *core.Error {
	e := core.Errorf(core.CodeInvalidURL, format, args...)
	e.Message = "Nothing is sent to this address: " + e.Message + "."
	return e.At("url")
}
