// Package form is the form dialect's routes: the four methods of /login and
// /items as the protected resource. The rules stand in package grant.
package form
