package store

import "context"

type relaxedKey struct{}

// Relaxed returns a context whose writes need not be on the disk when they return:
// every later read sees them, and they outlive the end of the process, but a power
// failure may undo them, together with all that was relaxed after them. A store
// may make them durable anyway.
func Relaxed(ctx context.Context) context.Context { return context.WithValue(ctx, relaxedKey{}, true) }

// IsRelaxed says whether the context comes from [Relaxed]; stores ask.
func IsRelaxed(ctx context.Context) bool { return ctx.Value(relaxedKey{}) != nil }
