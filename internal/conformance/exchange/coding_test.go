package exchange

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestCodings(t *testing.T) {
	t.Parallel()
	packed := func(w io.WriteCloser, into *bytes.Buffer, text string) string {
		_, _ = io.WriteString(w, text)
		_ = w.Close()
		return into.String()
	}
	gzipped := func(text string) string {
		var b bytes.Buffer
		return packed(gzip.NewWriter(&b), &b, text)
	}
	zipped := func(text string) string {
		var b bytes.Buffer
		return packed(zlib.NewWriter(&b), &b, text)
	}
	bare := func(text string) string {
		var b bytes.Buffer
		w, _ := flate.NewWriter(&b, flate.BestSpeed)
		return packed(w, &b, text)
	}
	for _, tt := range []struct{ coding, body, want string }{
		{"", "{}", "{}"},
		{"identity", "{}", "{}"},
		{"gzip", gzipped("{}"), "{}"},
		{"GZip", gzipped("{}"), "{}"},
		{"x-gzip", gzipped("{}"), "{}"},
		{"deflate", zipped("{}"), "{}"},
		{"deflate", bare("{}"), "{}"},
		{"gzip, gzip", gzipped(gzipped("{}")), "{}"},
		{"gzip", "", ""},
		{"deflate", "", ""},
		{"gzip", "{}", "error"},
		{"br", "{}", "error"},
	} {
		r := &http.Response{Header: http.Header{}, Body: io.NopCloser(strings.NewReader(tt.body))}
		if tt.coding != "" {
			r.Header.Set("Content-Encoding", tt.coding)
		}
		got, err := readBody(r)
		if err != nil && tt.want != "error" || err == nil && string(got) != tt.want {
			t.Errorf("%q of %q: got %q, %v", tt.coding, tt.body, got, err)
		}
	}
	bomb := &http.Response{Header: http.Header{"Content-Encoding": {"gzip"}}, Body: io.NopCloser(strings.NewReader(gzipped(strings.Repeat("a", 2*maxAnswer))))}
	if got, err := readBody(bomb); err == nil || len(got) != keptBody {
		t.Errorf("a bomb: %d bytes, %v", len(got), err)
	}
}
