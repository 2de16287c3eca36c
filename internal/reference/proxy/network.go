package proxy

import "net/netip"

// Network is what a client can easily move within: an IPv4 address alone, the first
// 64 bits of an IPv6 address. An IPv4 address that is mapped into IPv6 is that IPv4
// address. A text that is no address is its own network.
func Network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	return netip.PrefixFrom(ip, 64).Masked().String()
}
