// Package observer is what the server tells about its requests, to metrics for
// instance. Package reference has its names under its own.
package observer

import "time"

// Observer is called for every request. Implementations are safe for concurrent use
// and return quickly.
type Observer interface {
	// Request is called when a request has been answered.
	Request(Request)
	// Panic is called for each panic that became a 500 or INTERNAL.
	Panic()
}

// Request is an answered request. Its texts come from small fixed sets, so that
// they can be labels of metrics: a client cannot choose them.
type Request struct {
	// Dialect is "none" where the path belongs to no dialect.
	Dialect string
	// Route is a method and a path with parameters, as "GET /users/:id", or the
	// full name of a gRPC method; "other" where there is no route.
	Route string
	// Status is the HTTP status in digits, or the name of the gRPC code.
	Status string
	// Took is the time from the request to the end of the answer.
	Took time.Duration
}
