package sdktest_test

import (
	"testing"

	"github.com/dragoman-auth/dragoman/internal/sdk/fakeoffice"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/sdktest"
	"github.com/dragoman-auth/dragoman/sdk/session"
)

// A dialect of one's own is tested against a server that speaks it: here session,
// and a server of the tests.
func ExampleRunDialect() {
	var t *testing.T // that of func TestMyDialect(t *testing.T)
	sdktest.RunDialect(t, func(*testing.T) sdktest.Subject {
		office := fakeoffice.New()
		return sdktest.Subject{
			Dialect:       session.Password(fakeoffice.User, sdk.NewSecret(fakeoffice.Password)),
			WrongPassword: session.Password(fakeoffice.User, sdk.NewSecret("wrong")),
			Server:        office,
			Resource:      "/users",
			RejectAll:     office.RejectAll,
			Secrets:       []string{fakeoffice.Password},
		}
	})
}
