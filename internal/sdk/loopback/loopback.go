// Package loopback knows this machine by its names.
package loopback

import "net/netip"

// Is says whether host, a name or an address without a port, is this machine,
// by its name alone: nothing is looked up.
func Is(host string) bool {
	if host == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.Unmap().IsLoopback()
}
