package store_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/reference/store/memory"
	"github.com/dragoman-auth/dragoman/reference/store"
)

func ExampleChange() {
	ctx, s := context.Background(), memory.New()
	count := func(record *store.Record) error {
		n, _ := strconv.Atoi(string(record.Value)) // 0 when there is no record
		record.Value = strconv.AppendInt(nil, int64(n)+1, 10)
		return nil
	}
	for range 3 {
		if err := store.Change(ctx, s, "visits", "ann", count); err != nil {
			panic(err)
		}
	}
	record, err := s.Get(ctx, "visits", "ann")
	fmt.Printf("%s, version %d, %v\n", record.Value, record.Version, err)
	// Output: 3, version 3, <nil>
}

// TestChangesAtOnce changes a record that does not exist yet many times at once: no
// change is lost.
func TestChangesAtOnce(t *testing.T) {
	t.Parallel()
	s := memory.New()
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			err := store.Change(context.Background(), s, "form", "a", func(record *store.Record) error {
				record.Value = append(append([]byte{}, record.Value...), 'x')
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if record, err := s.Get(t.Context(), "form", "a"); err != nil || len(record.Value) != 50 || record.Version != 50 {
		t.Errorf("the record is %q in version %d (%v)", record.Value, record.Version, err)
	}
}

// deleting is a store where a record is deleted between the read and the write of
// a change, once.
type deleting struct {
	store.Store
	once sync.Once
}

func (d *deleting) Update(ctx context.Context, record store.Record) error {
	d.once.Do(func() { _ = d.Delete(ctx, record.Kind, record.Key) })
	return d.Store.Update(ctx, record)
}

func TestChangeOfADeletedRecordStartsAgain(t *testing.T) {
	t.Parallel()
	s := &deleting{Store: memory.New()}
	if err := s.Create(t.Context(), store.Record{Kind: "form", Key: "a"}); err != nil {
		t.Fatal(err)
	}
	var versions []int64
	err := store.Change(t.Context(), s, "form", "a", func(record *store.Record) error {
		versions = append(versions, record.Version)
		return nil
	})
	if err != nil || fmt.Sprint(versions) != "[1 0]" {
		t.Errorf("the edit saw the versions %v (%v), want 1 and then none", versions, err)
	}
}

// broken is a store that can be read, but not written.
type broken struct{ store.Store }

var errBroken = errors.New("disk full")

func (broken) Create(context.Context, store.Record) error { return errBroken }

func TestChangeErrors(t *testing.T) {
	t.Parallel()
	own := errors.New("not allowed")
	for want, edit := range map[error]error{errBroken: nil, own: own, nil: store.ErrUnchanged} {
		err := store.Change(t.Context(), broken{memory.New()}, "form", "a", func(*store.Record) error { return edit })
		if !errors.Is(err, want) || errors.Is(err, store.ErrUnavailable) != (want == errBroken) {
			t.Errorf("an edit that returns %v ends in %v, want %v", edit, err, want)
		}
	}
}
