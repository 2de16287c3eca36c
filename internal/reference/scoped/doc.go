// Package scoped serves the scoped dialect below /api/v1: issuing, listing and
// revoking tokens, the list of methods, and objects and geofences as the
// protected resources. Package grant holds the rules of tokens, package scope
// decides what a scope allows.
package scoped
