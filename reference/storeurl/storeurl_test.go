package storeurl_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/reference/store/sqlite"
	"github.com/dragoman-auth/dragoman/reference/storeurl"
)

func TestOpen(t *testing.T) {
	t.Parallel()
	s, err := storeurl.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "a.db"))
	if _, is := s.(*sqlite.Store); err != nil || !is {
		t.Fatalf("sqlite: opens %T (%v)", s, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	for url, want := range map[string]string{
		"":                                 "a store is memory:",
		"memory":                           "a store is memory:",
		"mysql://root:hunter2@host/x":      "a store is memory:",
		"sqlite:":                          "needs the path",
		"postgres://root:hunter2@host:x/y": "open PostgreSQL store",
		"postgres://root:hunter2@127.0.0.1:1/y?connect_timeout=1": "open PostgreSQL store",
	} {
		_, err := storeurl.Open(t.Context(), url)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: the error is %v, want one about %q", url, err, want)
		}
	}
}
