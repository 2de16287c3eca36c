package zoo

import (
	"context"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
)

// Serve runs the server of the zoo with a name while use runs, which gets the
// manifest that says where it is. Where a mistake needs requests that come at
// once, they may come up to half a second apart, for they may be those of other
// programs. The error says that none has this name, that it could not be started,
// or is that of use.
func Serve(ctx context.Context, name string, use func(*manifest.Manifest) error) error {
	e, err := find(name)
	if err != nil {
		return err
	}
	change := e.change
	e.change = func(s *mutation.Server) {
		s.Turns = 500
		change(s)
	}
	return e.serve(ctx, func(s *mutation.Server) error { return use(s.Manifest) })
}
