package grant

import (
	"bytes"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
)

func tokens(all ...liveToken) (l liveTokens) {
	for _, t := range all {
		l = appendToken(l, t)
	}
	return l
}

func samples() []record {
	return []record{
		{},
		{
			Login: "root", Epoch: 7, Name: "a name", Scopes: []string{"GET /objects", ""}, Agent: "curl/8", Addr: "192.0.2.1", Issued: 1767355200123, Renewed: 1767355200999,
			Tokens:  tokens(liveToken{Digest: digest("a"), Ends: 1767355200124}, liveToken{Digest: digest("b"), Ends: -1}),
			Refresh: &refreshState{Counter: 4, Made: 1, Ends: 2, AccessEnds: 3, Used: true, Key: "k1"},
		},
		{
			Login: strings.Repeat("é\x00", 300), Epoch: math.MinInt64, Issued: math.MaxInt64,
			Tokens:  tokens(liveToken{Ends: math.MaxInt64}),
			Refresh: &refreshState{},
		},
	}
}

func TestRecordsComeBackWhole(t *testing.T) {
	t.Parallel()
	for _, want := range samples() {
		value := want.encode()
		got, err := decode(value)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("the record is\n%+v (%v), want\n%+v", got, err, want)
		}
		for cut := range value {
			if _, err := decode(value[:cut]); !errors.Is(err, errRecord) {
				t.Errorf("the first %d of %d bytes are read as a record (%v)", cut, len(value), err)
			}
		}
		if _, err := decode(append(value, 0)); !errors.Is(err, errRecord) {
			t.Errorf("a record with a byte too many is read (%v)", err)
		}
	}
	other := samples()[0].encode()
	other[0]++
	if _, err := decode(other); !errors.Is(err, errRecord) {
		t.Errorf("a record of another version is read (%v)", err)
	}
}

// TestOldRecordsAreRead reads what earlier programs wrote: of version 1 a session with the
// digest of its access token, and of both a grant with two tokens.
func TestOldRecordsAreRead(t *testing.T) {
	t.Parallel()
	none := strings.Repeat("\x00", len(tokenDigest{}))
	for value, want := range map[string]record{
		"\x01\x03ann\x0e\x00\x00\x06curl/8\t192.0.2.1\xf6ɡ\xe9\xeff\x01" + none + "\xf6\xe8\xea\xe9\xeff\x03\x01\x04\x02\x04\x06\x02k1\x01": {
			Login: "ann", Epoch: 7, Issued: 1767355200123, Agent: "curl/8", Addr: "192.0.2.1",
			Refresh: &refreshState{Counter: 4, Made: 1, Ends: 2, AccessEnds: 3, Used: true, Key: "k1"},
		},
		"\x01\x03ann\x00\x00\x00\x00\x00\x00\x02" + none + "\n\x00" + none + "\f\x00\x00": {
			Login: "ann", Tokens: tokens(liveToken{Ends: 5}, liveToken{Ends: 6}),
		},
		"\x02\x03ann\x00\x00\x00\x00\x00\x00\x02" + none + "\n" + none + "\f\x00": {
			Login: "ann", Tokens: tokens(liveToken{Ends: 5}, liveToken{Ends: 6}),
		},
		"\x02\x03ann\x0e\x00\x00\x06curl/8\t192.0.2.1\xf6ɡ\xe9\xeff\x00\x01\x04\x02\x04\x06\x02k1\x01": {
			Login: "ann", Epoch: 7, Issued: 1767355200123, Agent: "curl/8", Addr: "192.0.2.1",
			Refresh: &refreshState{Counter: 4, Made: 1, Ends: 2, AccessEnds: 3, Used: true, Key: "k1"},
		},
	} {
		if got, err := decode([]byte(value)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("the record is\n%+v (%v), want\n%+v", got, err, want)
		}
	}
}

func FuzzRecord(f *testing.F) {
	for _, sample := range samples() {
		f.Add(sample.encode())
	}
	f.Add([]byte("\x01\x03ann\x00\x00\x00\x00\x00\x00\x00\x01\x04\x02\x04\x06\x02k1\x01"))
	f.Add([]byte("\x02\x03ann\x00\x00\x00\x00\x00\x00\x00\x01\x04\x02\x04\x06\x02k1\x01"))
	f.Add([]byte{recordVersion, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, value []byte) {
		r, err := decode(value)
		if err != nil {
			return
		}
		again, err := decode(r.encode())
		if err != nil || !bytes.Equal(again.encode(), r.encode()) {
			t.Errorf("%x is read as %+v, and written and read again as %+v (%v)", value, r, again, err)
		}
	})
}
