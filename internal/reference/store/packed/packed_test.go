package packed_test

import (
	"bytes"
	"math"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/store/packed"
	"github.com/dragoman-auth/dragoman/reference/store"
)

func FuzzPack(f *testing.F) {
	f.Add("form", "key", "root", int64(1), int64(1767355200123), []byte("value"))
	f.Add("", "", "", int64(0), int64(0), []byte{})
	f.Add("rpc", "\x00\xff", "ü", int64(-1), int64(math.MinInt64), bytes.Repeat([]byte{0x80}, 300))
	f.Fuzz(func(t *testing.T, kind, key, owner string, version, expires int64, value []byte) {
		given := store.Record{Kind: store.Kind(kind), Key: key, Owner: owner, Version: version, Value: value}
		if expires != math.MinInt64 {
			given.Expires = time.UnixMilli(expires).UTC()
		}
		p := packed.Pack(given)
		if !p.Is(given.Kind, key) || p.Is(given.Kind, key+"x") || p.Is(given.Kind+"x", key) {
			t.Errorf("%q does not have its own kind and key alone", p)
		}
		got := p.Unpack()
		if got.Kind != given.Kind || got.Key != key || got.Owner != owner || got.Version != version || !bytes.Equal(got.Value, value) {
			t.Errorf("%+v became %+v", given, got)
		}
		if !got.Expires.Equal(given.Expires) && !given.Expires.IsZero() || got.Expires.IsZero() != given.Expires.IsZero() {
			t.Errorf("its end %v became %v", given.Expires, got.Expires)
		}
	})
}

func TestNoRecord(t *testing.T) {
	t.Parallel()
	if packed.Record("").Is("", "") {
		t.Error("the empty record has a kind and a key")
	}
}

func TestPackCopies(t *testing.T) {
	t.Parallel()
	value := []byte("value")
	p := packed.Pack(store.Record{Kind: "form", Key: "a", Value: value})
	value[0] = 'X'
	if got := p.Unpack(); string(got.Value) != "value" || !got.Expires.IsZero() {
		t.Errorf("it became %+v", got)
	}
}
