package zoo_test

import (
	"runtime/debug"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // hundreds of small servers come and go
	goleak.VerifyTestMain(m)
}
