package sdk_test

import (
	"bytes"
	"testing"

	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/sdktest"
)

func TestMemoryStoreContract(t *testing.T) {
	t.Parallel()
	sdktest.RunStore(t, func(*testing.T) func() sdk.Store {
		store := sdk.NewMemoryStore()
		return func() sdk.Store { return store }
	})
}

func FuzzDecodeRecord(f *testing.F) {
	sample, err := sdk.EncodeRecord(sdk.Record{Version: 1<<64 - 1, Token: sdk.Token{Access: sdk.NewSecret("a"), Scopes: []string{"GET /x"}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sample)
	f.Add([]byte(`{"format":1,"version":"7","issued":"2026-01-02T03:04:05Z","extra":{"k":"v"}}`))
	f.Add([]byte(`{"format":2}`))
	f.Fuzz(func(t *testing.T, encoded []byte) {
		record, err := sdk.DecodeRecord(encoded)
		if err != nil {
			return
		}
		once, err := sdk.EncodeRecord(record)
		if err != nil {
			return // a time that JSON cannot write
		}
		again, err := sdk.DecodeRecord(once)
		if err != nil {
			t.Fatal(err)
		}
		if twice, err := sdk.EncodeRecord(again); err != nil || !bytes.Equal(once, twice) {
			t.Errorf("%s became %s, %v", once, twice, err)
		}
	})
}
