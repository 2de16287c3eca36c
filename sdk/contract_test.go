package sdk_test

import (
	"testing"

	"github.com/dragoman-auth/dragoman/internal/sdk/fakeoffice"
	"github.com/dragoman-auth/dragoman/sdk"
	"github.com/dragoman-auth/dragoman/sdk/form"
	"github.com/dragoman-auth/dragoman/sdk/rpc"
	"github.com/dragoman-auth/dragoman/sdk/scoped"
	"github.com/dragoman-auth/dragoman/sdk/sdktest"
	"github.com/dragoman-auth/dragoman/sdk/session"
)

func TestDialectContracts(t *testing.T) {
	t.Parallel()
	wrong := sdk.NewSecret("wrong-password")
	for name, wrongPassword := range map[string]sdk.Dialect{
		"session": session.Password(fakeoffice.User, wrong), "session key": nil,
		"form": form.Password(fakeoffice.User, wrong), "form long": form.Password(fakeoffice.User, wrong),
		"rpc": rpc.Password(fakeoffice.User, wrong), "scoped": scoped.Password(fakeoffice.User, wrong),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sdktest.RunDialect(t, func(*testing.T) sdktest.Subject {
				office := fakeoffice.New()
				subject := sdktest.Subject{
					WrongPassword: wrongPassword, Server: office, Resource: "/things", RejectAll: office.EndAll,
					Secrets: []string{fakeoffice.Password, fakeoffice.APIKey, "wrong-password"},
				}
				for _, d := range allDialects() {
					if d.name == name {
						subject.Dialect = d.new()
					}
				}
				if wrongPassword == nil {
					subject.RejectAll = nil // a key cannot be replaced
				}
				return subject
			})
		})
	}
}
