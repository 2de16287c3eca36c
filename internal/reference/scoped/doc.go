// Package scoped is the scoped dialect's routes below /api/v1: issuing, listing
// and revoking tokens, the list of methods, and objects and geofences as the
// protected resources. The rules stand in package grant; what a scope allows is
// for package scope to say.
package scoped
