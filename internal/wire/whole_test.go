package wire_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/internal/wire"
)

func TestWholeReadsNumbersHoweverTheyAreWritten(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want int64
		ok   bool
	}{
		{`14400`, 14400, true},
		{`"14400"`, 14400, true},
		{`600.0`, 600, true},
		{`600.000`, 600, true},
		{`6e2`, 600, true},
		{`6E+2`, 600, true},
		{`60000e-2`, 600, true},
		{`6.005e2`, 600, true},
		{`"600.0"`, 600, true},
		{`"6e2"`, 600, true},
		{`"0600"`, 600, true},
		{`0`, 0, true},
		{`0.0`, 0, true},
		{`-0`, 0, true},
		{`""`, 0, true},
		{`null`, 0, true},
		{`-1`, -1, true},
		{`-6e2`, -600, true},
		{`1.5`, 1, true},
		{`-1.5`, -1, true},
		{`0.9`, 0, true},
		{`9007199254740993`, 9007199254740993, true},
		{`9007199254740993.0`, 9007199254740993, true},
		{`9223372036854775807`, math.MaxInt64, true},
		{`"9223372036854775808"`, math.MaxInt64, true},
		{`-9223372036854775809`, math.MinInt64, true},
		{`1e300`, math.MaxInt64, true},
		{`-1e300`, math.MinInt64, true},
		{`1e999999999999`, math.MaxInt64, true},
		{`1e-999999999999`, 0, true},
		{`"x"`, 0, false},
		{`" 1"`, 0, false},
		{`"+1"`, 0, false},
		{`".5"`, 0, false},
		{`"0x10"`, 0, false},
		{`"1_000"`, 0, false},
		{`"NaN"`, 0, false},
		{`"Infinity"`, 0, false},
		{`"\u0031"`, 0, false},
		{`true`, 0, false},
		{`"null"`, 0, false},
		{`{}`, 0, false},
		{`[1]`, 0, false},
	} {
		var got wire.Whole
		if err := json.Unmarshal([]byte(c.text), &got); (err == nil) != c.ok || int64(got) != c.want {
			t.Errorf("%s: got %d, %v", c.text, got, err)
		}
	}
	if text, err := json.Marshal(wire.Whole(14400)); string(text) != `14400` {
		t.Errorf("got %s, %v", text, err)
	}
}

func TestALifeInSeconds(t *testing.T) {
	t.Parallel()
	longest := wire.Whole(wire.MaxLifetime / time.Second)
	for seconds, want := range map[wire.Whole]time.Duration{
		1: time.Second, 600: 10 * time.Minute, longest: wire.MaxLifetime,
		0: 0, -1: 0, longest + 1: 0, math.MaxInt64: 0, math.MinInt64: 0,
	} {
		if got := seconds.Life(); got != want {
			t.Errorf("%d: %v, want %v", seconds, got, want)
		}
	}
}

func FuzzWhole(f *testing.F) {
	f.Add([]byte(`"14400"`))
	f.Add([]byte(`6e2`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var n, again wire.Whole
		if json.Unmarshal(data, &n) != nil {
			return
		}
		text, err := json.Marshal(n)
		if err != nil || json.Unmarshal(text, &again) != nil || again != n {
			t.Errorf("%s is %d, written %s, read back %d", data, n, text, again)
		}
	})
}
