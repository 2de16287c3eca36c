// Package httpio reads requests and writes answers the way all four dialects
// agree on: bounded bodies, strict JSON, credentials from headers only, answers
// that no cache keeps, and one status per kind of error. What the body of an
// error looks like is for each dialect.
package httpio
