// Package backoffice holds the protected resources of the form, rpc and scoped
// dialects: small collections with sample data. A client reads them to see what its
// token grants access to. The package checks neither tokens nor rights: the dialect
// packages check them before they call it.
package backoffice
