package sqlite_test

import (
	"context"
	"fmt"
	"os"

	"github.com/dragoman-auth/dragoman/internal/reference/store/sqlite"
	"github.com/dragoman-auth/dragoman/reference/store"
)

func Example() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	s, err := sqlite.Open(ctx, dir+"/dragoman.db")
	if err != nil {
		panic(err)
	}
	defer s.Close()
	fmt.Println(s.Create(ctx, store.Record{Kind: "form", Key: "k", Value: []byte("v")}))
	record, err := s.Get(ctx, "form", "k")
	fmt.Printf("%s %d %v\n", record.Value, record.Version, err)
	// Output:
	// <nil>
	// v 1 <nil>
}
