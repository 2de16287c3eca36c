package conformance

import "io/fs"

// JudgedBy returns the options with a suite, or steps, of a test's own. Nil is the
// built-in one.
func (o Options) JudgedBy(suite fs.FS, steps bindSteps) Options {
	if suite != nil {
		o.suite = suite
	}
	if steps != nil {
		o.steps = steps
	}
	return o
}
