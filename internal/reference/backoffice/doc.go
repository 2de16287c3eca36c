// Package backoffice holds the protected resources: small collections with sample
// data, so that clients can see what a token grants access to. It knows no tokens
// and no rights; the dialect packages check those first.
package backoffice
