package main

import (
	"testing"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
)

func TestPace(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		given map[string]int
		want  manifest.Pace
		right bool
	}{
		"one":        {map[string]int{"connections": 2}, manifest.Pace{Connections: 2}, true},
		"all":        {map[string]int{"requests_per_second": 10, "logins_per_minute": 30, "connections": 1}, manifest.Pace{RequestsPerSecond: 10, LoginsPerMinute: 30, Connections: 1}, true},
		"unknown":    {map[string]int{"logins_per_second": 1}, manifest.Pace{}, false},
		"not at all": {map[string]int{"connections": 0}, manifest.Pace{}, false},
	} {
		got, err := paceOf(tt.given)
		if (err == nil) != tt.right || tt.right && got != tt.want {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
	if o, err := (&selection{repeat: 1}).options(); err != nil || o.Pace != nil {
		t.Errorf("without --pace: got %+v, %v; want no pace and no error", o.Pace, err)
	}
}
