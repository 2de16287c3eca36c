package dated_test

import (
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/dated"
)

func TestFresh(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	v := dated.Value[int]{Value: 7, At: at}
	for age, want := range map[time.Duration]bool{0: true, time.Second - 1: true, time.Second: false, -1: false} {
		if got := v.Fresh(at.Add(age), time.Second); got != want {
			t.Errorf("at the age of %v it is fresh: %v, want %v", age, got, want)
		}
	}
	if (dated.Value[int]{}).Fresh(time.Time{}, time.Second) {
		t.Error("the zero value is fresh")
	}
}
