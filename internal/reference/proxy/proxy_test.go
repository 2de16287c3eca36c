package proxy_test

import (
	"net/netip"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/reference/proxy"
)

func TestClient(t *testing.T) {
	t.Parallel()
	trusted, err := proxy.Trust("10.0.0.0/8", "192.0.2.1", "2001:db8::/32")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		what, peer string
		forwarded  []string
		want       string
	}{
		{"the header of an untrusted peer", "203.0.113.9", []string{"1.2.3.4"}, "203.0.113.9"},
		{"no header", "10.0.0.1", nil, "10.0.0.1"},
		{"one hop", "192.0.2.1", []string{"203.0.113.9"}, "203.0.113.9"},
		{"two hops", "10.0.0.1", []string{"203.0.113.9, 10.0.0.2"}, "203.0.113.9"},
		{"two headers", "10.0.0.1", []string{"6.6.6.6", "203.0.113.9"}, "203.0.113.9"},
		{"a forged start", "10.0.0.1", []string{"127.0.0.1, 10.9.9.9, 203.0.113.9"}, "203.0.113.9"},
		{"with a port", "10.0.0.1", []string{"203.0.113.9:4711"}, "203.0.113.9"},
		{"IPv6", "2001:db8::1", []string{"[2001:dead::1]:4711"}, "2001:dead::1"},
		{"IPv6 in brackets", "2001:db8::1", []string{"[2001:dead::1]"}, "2001:dead::1"},
		{"IPv4 in IPv6", "::ffff:10.0.0.1", []string{"::ffff:203.0.113.9"}, "203.0.113.9"},
		{"no address", "10.0.0.1", []string{"203.0.113.9, unknown"}, "10.0.0.1"},
		{"no address further off", "10.0.0.1", []string{"unknown, 10.0.0.2"}, "10.0.0.2"},
		{"all are proxies", "10.0.0.1", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		{"no peer", "", []string{"203.0.113.9"}, ""},
	} {
		if got := trusted.Client(row.peer, row.forwarded); got != row.want {
			t.Errorf("%s: %q, want %q", row.what, got, row.want)
		}
	}
	if got := (proxy.Trusted{}).Client("10.0.0.1", []string{"1.2.3.4"}); got != "10.0.0.1" {
		t.Errorf("no proxy is trusted, and the client is %s", got)
	}
}

func TestTrustSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "10.0.0.0/33", "proxy.example.com"} {
		if _, err := proxy.Trust(text); err == nil {
			t.Errorf("%q is trusted", text)
		}
	}
}

// FuzzClient: the client is an address, or the peer as it was.
func FuzzClient(f *testing.F) {
	trusted, err := proxy.Trust("10.0.0.0/8")
	if err != nil {
		f.Fatal(err)
	}
	f.Add("10.0.0.1", "203.0.113.9, 10.0.0.2")
	f.Add("10.0.0.1", ",,[::1]:0,%zone")
	f.Fuzz(func(t *testing.T, peer, forwarded string) {
		got := trusted.Client(peer, []string{forwarded})
		if _, err := netip.ParseAddr(got); err != nil && got != peer {
			t.Errorf("the client behind %q is %q", peer, got)
		}
	})
}
