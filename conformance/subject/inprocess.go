package subject

import (
	"context"
	"errors"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
)

func startInProcess(ctx context.Context, m *manifest.Manifest, runs string) (*Running, error) {
	return nil, errors.New("no reference")
}
