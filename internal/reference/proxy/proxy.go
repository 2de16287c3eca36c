// Package proxy finds the client's address behind reverse proxies. It accepts
// X-Forwarded-For only from the proxies that the operator names, because every
// client can send that header.
package proxy

import (
	"fmt"
	"net/netip"
	"strings"
)

// Header is where proxies write the address that they forward for. Over gRPC it is
// metadata.
const Header = "X-Forwarded-For"

// Trusted are the networks of the operator's proxies. The zero value trusts no
// proxy. It is immutable.
type Trusted struct{ networks []netip.Prefix }

// Trust reads networks such as "10.0.0.0/8", and single addresses.
func Trust(networks ...string) (Trusted, error) {
	var t Trusted
	for _, text := range networks {
		network, err := netip.ParsePrefix(text)
		if err != nil {
			address, addressErr := netip.ParseAddr(text)
			if addressErr != nil {
				return Trusted{}, fmt.Errorf("trust proxies: %q is neither a network like 10.0.0.0/8 nor an address", text)
			}
			network = netip.PrefixFrom(address, address.BitLen())
		}
		t.networks = append(t.networks, network.Masked())
	}
	return t, nil
}

// Any says whether any proxy is trusted.
func (t Trusted) Any() bool { return len(t.networks) > 0 }

// Client returns the client's address. That is the peer, unless the peer is a
// trusted proxy; then it is the last address in the X-Forwarded-For headers that
// is not a trusted proxy: each proxy appends the address of its own peer, and
// what stands before that may be forged. At an entry that is not an address it
// returns the proxy that wrote the entry.
func (t Trusted) Client(peer string, forwarded []string) string {
	address, err := netip.ParseAddr(peer)
	if err != nil || !t.Trusts(address) {
		return peer
	}
	entries := strings.Split(strings.Join(forwarded, ","), ",")
	for i := len(entries) - 1; i >= 0; i-- {
		next, ok := parse(strings.TrimSpace(entries[i]))
		if !ok {
			break
		}
		address = next
		if !t.Trusts(address) {
			break
		}
	}
	return address.String()
}

// Trusts says whether an address is that of a trusted proxy.
func (t Trusted) Trusts(address netip.Addr) bool {
	address = address.Unmap().WithZone("")
	for _, network := range t.networks {
		if network.Contains(address) {
			return true
		}
	}
	return false
}

// parse reads an address as proxies write it, some with a port.
func parse(text string) (netip.Addr, bool) {
	if withPort, err := netip.ParseAddrPort(text); err == nil {
		return withPort.Addr().Unmap().WithZone(""), true
	}
	address, err := netip.ParseAddr(strings.Trim(text, "[]"))
	return address.Unmap().WithZone(""), err == nil
}
