// Package form serves the form dialect: the four methods of /login, and /items as
// the protected resource. Package grant holds the rules.
package form
