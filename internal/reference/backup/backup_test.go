package backup_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/backup"
	"github.com/dragoman-auth/dragoman/internal/reference/store/memory"
	"github.com/dragoman-auth/dragoman/reference/store"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func all(store.Record) bool { return true }

// filled is a store with some records, some of which are no text.
func filled(t testing.TB) *memory.Store {
	t.Helper()
	s := memory.New()
	for i := range 100 {
		record := store.Record{Kind: "form", Key: fmt.Sprintf("%d\x00\xff", i), Owner: "Zoë", Expires: noon.Add(123 * time.Millisecond), Value: []byte{0, byte(i)}}
		if i%3 == 0 {
			record = store.Record{Kind: "account", Key: fmt.Sprint(i), Value: []byte("{}")}
		}
		if err := s.Create(t.Context(), record); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func written(t testing.TB, s *memory.Store) string {
	t.Helper()
	var file bytes.Buffer
	summary, err := backup.Write(t.Context(), &file, s, noon)
	if err != nil || summary != (backup.Summary{Made: noon, Records: 100}) {
		t.Fatalf("%+v (%v)", summary, err)
	}
	return file.String()
}

// contents are the records of a store by kind and key.
func contents(t *testing.T, s *memory.Store) map[string]string {
	t.Helper()
	found := map[string]string{}
	if err := s.Scan(t.Context(), func(r store.Record) error {
		found[string(r.Kind)+"/"+r.Key] = fmt.Sprintf("%q %v %x", r.Owner, r.Expires, r.Value)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return found
}

func TestARestoredStoreIsTheSame(t *testing.T) {
	t.Parallel()
	from, to := filled(t), memory.New()
	summary, err := backup.Restore(t.Context(), strings.NewReader(written(t, from)), to, all)
	if err != nil || summary.Records != 100 || !summary.Made.Equal(noon) {
		t.Fatalf("%+v (%v)", summary, err)
	}
	if got, want := contents(t, to), contents(t, from); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the store holds\n%v\nwant\n%v", got, want)
	}
	if _, err := backup.Restore(t.Context(), strings.NewReader(written(t, from)), to, all); !errors.Is(err, backup.ErrNotEmpty) {
		t.Errorf("a store that is not empty is filled (%v)", err)
	}
	if err := backup.Empty(t.Context(), to); err != nil || len(contents(t, to)) != 0 {
		t.Errorf("an emptied store holds %v (%v)", contents(t, to), err)
	}
	accounts := func(r store.Record) bool { return r.Kind == "account" }
	if summary, err := backup.Restore(t.Context(), strings.NewReader(written(t, from)), to, accounts); err != nil || summary.Records != 34 {
		t.Errorf("%d accounts are restored (%v), want 34", summary.Records, err)
	}
}

// TestDamagedFilesRestoreNothing cuts a file off at every place, and changes it.
func TestDamagedFilesRestoreNothing(t *testing.T) {
	t.Parallel()
	whole := written(t, filled(t))
	lines := strings.SplitAfter(whole, "\n")
	damaged := map[string]string{
		"no backup":       "PRAGMA foreign_keys=OFF;\n",
		"a newer version": strings.Replace(whole, `"version":1`, `"version":2`, 1),
		"two in one":      whole + whole,
		"a line missing":  strings.Replace(whole, lines[7], "", 1),
		"a line twice":    strings.Replace(whole, lines[7], lines[7]+lines[7], 1),
		"another kind":    strings.Replace(whole, `"kind":"form"`, `"kind":"fort"`, 1),
		"a new member":    strings.Replace(whole, `{"kind"`, `{"version":2,"kind"`, 1),
	}
	for cut := 0; cut < len(whole)-1; cut += 17 {
		damaged[fmt.Sprintf("cut at %d", cut)] = whole[:cut]
	}
	for name, text := range damaged {
		to := memory.New()
		if _, err := backup.Restore(t.Context(), strings.NewReader(text), to, all); err == nil || len(contents(t, to)) != 0 {
			t.Errorf("%s: %d records are restored (%v)", name, len(contents(t, to)), err)
		}
	}
}

// broken is a store that cannot be read to its end.
type broken struct{ *memory.Store }

var errBroken = errors.New("the disk does not answer")

func (b broken) Scan(ctx context.Context, each func(store.Record) error) error {
	return errors.Join(b.Store.Scan(ctx, each), errBroken)
}

// full is a store that takes no records.
type full struct{ *memory.Store }

func (full) Create(context.Context, store.Record) error { return errBroken }

func TestBrokenStores(t *testing.T) {
	t.Parallel()
	file, err := os.Create(filepath.Join(t.TempDir(), "backup"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := backup.Write(t.Context(), file, broken{filled(t)}, noon); !errors.Is(err, errBroken) {
		t.Errorf("a store that is not read to its end: %v", err)
	}
	if _, err := backup.Restore(t.Context(), strings.NewReader(written(t, filled(t))), full{memory.New()}, all); !errors.Is(err, errBroken) {
		t.Errorf("a store that takes nothing: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	whole := written(f, filled(f))
	f.Add([]byte(whole))
	f.Add([]byte(whole[:len(whole)/2]))
	f.Add([]byte(`{"backup":"dragoman","version":1,"made":"2026-01-02T12:00:00Z"}` + "\n" + `{"end":{"records":0,"sha256":""}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		records := 0
		summary, err := backup.Read(bytes.NewReader(text), func(store.Record) error { records++; return nil })
		if err == nil && summary.Records != records {
			t.Errorf("%d records were read of %d", records, summary.Records)
		}
	})
}
