package clock_test

import (
	"fmt"
	"time"

	"github.com/dragoman-auth/dragoman/reference/clock"
)

func ExampleOffset() {
	noon := clock.Func(func() time.Time { return time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC) })
	c := clock.NewOffset(noon) // nil is the time of the machine
	c.Advance(90 * time.Minute)
	fmt.Println(c.Now().Format(time.TimeOnly))
	// Output: 13:30:00
}
