package audit_test

import (
	"context"
	"log/slog"
	"os"

	"github.com/dragoman-auth/dragoman/internal/reference/audit"
)

func ExampleLog() {
	handler := slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{} // differs in every run
		}
		return a
	}})
	audit.NewLog(handler).Record(context.Background(), audit.Event{
		Kind: audit.Issued, Dialect: "form", Login: "ann", Address: "192.0.2.7", Grant: "0123",
	})
	// Output: {"level":"INFO","msg":"grant issued","audit":{"dialect":"form","login":"ann","address":"192.0.2.7","grant":"0123"}}
}
