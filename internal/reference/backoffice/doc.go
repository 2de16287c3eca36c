// Package backoffice is what the tokens open: small protected resources with
// sample data, so that a login can be seen to be worth something. It knows
// nothing of tokens or rights; the dialect packages ask those first.
package backoffice
