// Package httpio reads requests and writes answers for all four dialects: bounded
// bodies, strict JSON, credentials from headers only, and one status per kind of
// error. Each dialect writes the body of an error itself.
package httpio
