package store_test

import (
	"context"
	"fmt"
	"strconv"

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
