package clientsuite

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/dragoman-auth/dragoman/mockserver"
)

// operationsOf are the requests of a dialect that a word of the features stands for.
func operationsOf(word, dialect string) []mockserver.Operation {
	switch word {
	case "login":
		return []mockserver.Operation{mockserver.Login}
	case "renewal":
		return []mockserver.Operation{mockserver.Renewal}
	case "exchange": // what obtains a token
		if dialect == "scoped" {
			return []mockserver.Operation{mockserver.Login, mockserver.Issue}
		}
		return []mockserver.Operation{mockserver.Login, mockserver.Renewal}
	case "logout":
		return []mockserver.Operation{mockserver.Revoke}
	}
	return []mockserver.Operation{mockserver.Resource}
}

// faultSteps are the steps that let the server fail.
func faultSteps() []definition {
	return []definition{
		step(`(the next|every) (login|renewal|exchange|call|logout) (.+)`, func(_ context.Context, w *world, args []string) error {
			return w.fail(args[0] == "the next", args[1], args[2])
		}),
		step(`the next stream breaks after its first message`, func(_ context.Context, w *world, _ []string) error {
			return w.inject("the stream that breaks", mockserver.Fault{Effect: mockserver.Truncate, Path: streamMethod, Times: 1})
		}),
		step(`the server works again`, func(_ context.Context, w *world, _ []string) error {
			for _, injection := range w.mock.Faults() {
				injection.Remove()
			}
			return nil
		}),
		step(`the token expires at the server`, func(_ context.Context, w *world, _ []string) error {
			return w.endTokens((*mockserver.Server).Expire)
		}),
		step(`the session ends at the server`, func(_ context.Context, w *world, _ []string) error {
			return w.endTokens((*mockserver.Server).Revoke)
		}),
		step(`answers to calls become slower and slower`, func(_ context.Context, w *world, _ []string) error {
			return w.inject("", mockserver.Fault{
				Effect: mockserver.Delay, Operation: mockserver.Resource,
				Delay: mockserver.Duration(5 * time.Millisecond), Growth: mockserver.Duration(5 * time.Millisecond),
			})
		}),
	}
}

// endTokens lets the server reject all access tokens that it has issued until now.
func (w *world) endTokens(end func(mock *mockserver.Server, token string) error) error {
	access, _ := w.mock.IssuedTokens()
	for _, token := range access {
		if err := end(w.mock, token); err != nil {
			return &harnessError{err}
		}
	}
	return nil
}

// fail lets the next request of a kind, or every one, meet a fault, which has to take
// effect.
func (w *world) fail(once bool, kind, how string) error {
	fault, err := w.fault(how)
	if err != nil {
		return err
	}
	if once {
		fault.Times = 1
	}
	var faults []mockserver.Fault
	for _, operation := range operationsOf(kind, w.dialect) {
		fault.Operation = operation
		faults = append(faults, fault)
	}
	return w.inject("the "+kind+" that "+how, faults...)
}

// inject injects faults. What is what has to come, so that they prove something; ""
// where nothing has to.
func (w *world) inject(what string, faults ...mockserver.Fault) error {
	mock, err := w.server()
	if err != nil {
		return err
	}
	var injections []*mockserver.Injection
	for _, fault := range faults {
		injection, err := mock.Inject(fault)
		if err != nil {
			return &harnessError{err}
		}
		injections = append(injections, injection)
	}
	if what != "" {
		w.faults = append(w.faults, expected{what, injections})
	}
	return nil
}

// fault is what a text of the features means.
func (w *world) fault(how string) (mockserver.Fault, error) {
	const seconds = mockserver.Duration(time.Second)
	known := map[string]mockserver.Fault{
		"loses its reply":                  {Effect: mockserver.LostReply},
		"is cut off":                       {Effect: mockserver.Truncate},
		"is garbled":                       {Effect: mockserver.Garble},
		"is said to be HTML":               {Effect: mockserver.ContentType},
		"is reset":                         {Effect: mockserver.Reset},
		"is rejected":                      {Effect: mockserver.Reject},
		"is refused":                       {Effect: mockserver.Refuse},
		"is answered 403":                  {Effect: mockserver.Status, Status: http.StatusForbidden},
		"is answered 500":                  {Effect: mockserver.Status, Status: http.StatusInternalServerError},
		"is answered 503":                  {Effect: mockserver.Outage},
		"takes 500 ms":                     {Effect: mockserver.Delay, Delay: seconds / 2},
		"takes 500 ms and is answered 503": {Effect: mockserver.Outage, Delay: seconds / 2},
		"has a Date of later":              {Effect: mockserver.Skew, Skew: 2 * 24 * 3600 * seconds},
		"is answered 429 with a Retry-After of 2 seconds":            {Effect: mockserver.Quota, RetryAfter: 2 * seconds},
		"is answered 503 with a Retry-After of 2 seconds":            {Effect: mockserver.Outage, RetryAfter: 2 * seconds},
		"is answered 429 with a Retry-After as a date, 3 s from now": {Effect: mockserver.Quota, RetryAfter: 3 * seconds, RetryAfterDate: true},
		"is redirected to another host":                              {Effect: mockserver.Redirect},
		"is redirected to another host as it is (307)":               {Effect: mockserver.Redirect},
		"is redirected to another host permanently (308)":            {Effect: mockserver.Redirect, Status: http.StatusPermanentRedirect},
		"is redirected within the server":                            {Effect: mockserver.Redirect, Location: "/moved"},
	}
	if how == "is redirected to another port" || how == "is redirected to plain http" {
		to, err := w.foreign()
		return mockserver.Fault{Effect: mockserver.Redirect, Location: to + thingsPath}, err
	}
	fault, found := known[how]
	if !found {
		return fault, &harnessError{fmt.Errorf("the features name no fault %q", how)}
	}
	return fault, nil
}
