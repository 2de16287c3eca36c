package main

import (
	"testing"

	"go.uber.org/goleak"
)

// No quick start leaves a goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
