package subject

import (
	"fmt"
	"strings"
	"testing"
)

// TestOutputCountsLines: of a long output the end is kept, and it is known which lines
// these are.
func TestOutputCountsLines(t *testing.T) {
	t.Parallel()
	var printed output
	const lines = 3 * keptOutput / 10
	for i := range lines {
		fmt.Fprintf(&printed, "line %04d\n", i+1) // 10 bytes each
	}
	text, first := printed.end()
	if len(text) <= keptOutput-10 {
		t.Errorf("%d bytes are kept", len(text))
	}
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if want := fmt.Sprintf("line %04d", first+i); line != want {
			t.Fatalf("line %d is %q", first+i, line)
		}
	}
}

// TestOutputIsWholeLines: a line that was cut, or that has not ended, may hold a part of a
// secret, and is left out.
func TestOutputIsWholeLines(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 2*keptOutput)
	kept := strings.Repeat("y", keptOutput-1) + "\n"
	for name, test := range map[string]struct {
		printed []string
		text    string
		line    int
	}{
		"nothing":                    {nil, "", 1},
		"whole lines":                {[]string{"a\nb\n"}, "a\nb\n", 1},
		"a line still being written": {[]string{"a\n", "tok"}, "a\n", 1},
		"no line has ended":          {[]string{"tok"}, "", 1},
		"cut at the front":           {[]string{"a\n" + long + "\n", "b\n"}, "b\n", 3},
		"cut between lines":          {[]string{long + "\n" + kept}, kept, 2},
		"cut, and nothing ended":     {[]string{"a\n" + long + "tok"}, "", 3},
		"cut, then another write":    {[]string{long + "tok", "en\nb\n"}, "b\n", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var printed output
			for _, one := range test.printed {
				_, _ = printed.Write([]byte(one))
			}
			if text, line := printed.end(); text != test.text || text != "" && line != test.line {
				t.Errorf("line %d, %d bytes: %.40q; want line %d, %d bytes", line, len(text), text, test.line, len(test.text))
			}
		})
	}
}

// TestLastOf: what is shown of an output ends where that does, and begins at a line.
func TestLastOf(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{"", ""},
		{"ab\ncd\n", "ab\ncd\n"},
		{"abc\ncd\n", "cd\n"},
		{"ab\ncd\ne\n", "cd\ne\n"},
		{"ab\ncd\ntok", "cd\ntok"},
		{"a\nbcdef\n", "bcdef\n"},
		{"a\nbcdefg\n", ""},
		{"a long line", ""},
	} {
		if got := lastOf(test.text, 6); got != test.want {
			t.Errorf("%q: got %q, want %q", test.text, got, test.want)
		}
	}
	var printed output
	fmt.Fprintf(&printed, "%s\nlast", strings.Repeat("x", shownOutput))
	if got := printed.String(); got != "last" {
		t.Errorf("of a long line and another %d bytes are shown: %.40q", len(got), got)
	}
}
