package postgres_test

import (
	"bufio"
	"bytes"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
)

// newsOfTheEnd returns once no connection to the host of a URL is established any more: the
// end of one that was closed at the other side takes a moment to arrive here, on a
// busy machine a longer one.
func newsOfTheEnd(t *testing.T, location string) {
	t.Helper()
	address, err := url.Parse(location)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(address.Port())
	if err != nil {
		t.Fatal(err)
	}
	const established = "01"
	eventually(t, "the end of the connections", func() bool {
		table, err := os.ReadFile("/proc/net/tcp")
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(bytes.NewReader(table))
		for lines.Scan() { // number, local address, remote address, state
			fields := strings.Fields(lines.Text())
			if len(fields) > 3 && strings.HasSuffix(fields[2], fmt.Sprintf(":%04X", port)) && fields[3] == established {
				return false
			}
		}
		return true
	})
}
