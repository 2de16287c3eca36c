package grant_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/grant"
	"github.com/dragoman-auth/dragoman/internal/reference/store/memory"
	"github.com/dragoman-auth/dragoman/reference/clock"
)

func Example() {
	now := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	c := clock.NewOffset(clock.Func(func() time.Time { return now }))
	service, err := grant.New(grant.Config{Store: memory.New(), Clock: c})
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	token, _ := service.IssueForm(ctx, grant.Subject{Login: "root"}, false)
	fmt.Println(token.ValidTo.Format(time.DateTime))

	c.Advance(24 * time.Hour)
	_, err = service.CheckForm(ctx, token.Token)
	fmt.Println(err, errors.Is(err, grant.ErrInvalid))
	// Output:
	// 2026-01-03 12:00:00
	// the token is not valid: it has expired true
}
