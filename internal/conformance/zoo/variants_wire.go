package zoo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/reference/account"
	"github.com/dragoman-auth/dragoman/reference/clock"
)

// wireVariants differ in how answers are written and carried, in all dialects.
func wireVariants() []Variant {
	return []Variant{
		{
			Name:    "errors-as-pages",
			Differs: "Refusals are HTML pages in another language.",
			Change: func(s *Server) {
				s.answers(notClock, func(a *reply) {
					if a.Status >= 400 && a.Status < 500 {
						a.Header.Set("Content-Type", "text/html; charset=utf-8")
						a.Body = fmt.Appendf(nil, "<html><body><h1>%d</h1><p>Non è permesso.</p></body></html>", a.Status)
					}
				})
			},
		},
		{
			Name:    "errors-empty",
			Differs: "Refusals have a status and nothing else.",
			Change: func(s *Server) {
				s.answers(notClock, func(a *reply) {
					if a.Status >= 400 && a.Status < 500 {
						a.Body = nil
						a.Header.Del("Content-Type")
					}
				})
			},
		},
		{
			Name:    "header-case",
			Differs: "Header fields are written in small letters.",
			Change: func(s *Server) {
				s.answers(notClock, func(a *reply) {
					for name, values := range a.Header {
						delete(a.Header, name)
						a.Header[strings.ToLower(name)] = values
					}
				})
			},
		},
		{
			Name:    "members-turned-round",
			Differs: "Members come in another order, with extra ones among them, and white space between.",
			Change:  func(s *Server) { s.answers(notClock, turnRound) },
		},
		{
			Name:    "created",
			Differs: "What makes something answers 201 where no status is documented.",
			Change: func(s *Server) {
				s.answers(anyOf(sessionLogin, sessionRefresh, formLogin, scopedNew), func(a *reply) { a.becomes(http.StatusOK, http.StatusCreated) })
			},
		},
		{
			Name:    "chunked-and-slow",
			Differs: "Answers come in small pieces, with a pause before each.",
			Change: func(s *Server) {
				s.wrap(func(inner http.Handler) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						record(inner, r).trickle(w, r)
					})
				})
			},
		},
		{
			Name:    "no-keep-alive",
			Differs: "Every connection is closed after its answer.",
			Change:  func(s *Server) { s.HTTP.SetKeepAlivesEnabled(false) },
		},
		{
			Name:    "tls",
			Differs: "TLS, with a certificate of the server's own and HTTP/2 on offer.",
			Change:  func(s *Server) { s.speakTLS() },
		},
		{
			Name:    "no-date",
			Differs: "Answers have no Date.",
			Change:  func(s *Server) { s.answers(all, func(a *reply) { a.Header["Date"] = nil }) },
		},
		{
			Name:    "whole-seconds",
			Differs: "All times are kept in whole seconds.",
			Change:  func(s *Server) { s.Clock = wholeSeconds{clock.NewOffset(nil)} },
		},
		{
			Name:    "clock-ahead",
			Differs: "The server's clock is three hours ahead, as its Date says.",
			Change: func(s *Server) {
				ahead := clock.NewOffset(nil)
				ahead.Advance(3 * time.Hour)
				s.Clock = ahead
			},
		},
		{
			Name:    "prefixes",
			Differs: "Every dialect stands below a path of its own.",
			Change: func(s *Server) {
				d := &s.Manifest.Dialects
				d.Session.Prefix, d.Form.Prefix, d.RPC.HTTP.Path = "/shop", "/erp/api", "/video/grpc"
				s.requests(all, func(r *http.Request) {
					for _, prefix := range []string{"/shop", "/erp/api", "/video"} {
						if below, found := strings.CutPrefix(r.URL.Path, prefix+"/"); found {
							at := *r.URL
							at.Path, at.RawPath = "/"+below, ""
							r.URL = &at
						}
					}
				})
			},
		},
		{
			Name:    "strict-throttle",
			Differs: "Five wrong passwords are too many, and the wait is ten minutes.",
			Change: func(s *Server) {
				s.Throttle = account.Throttle{PerAccount: 5, Window: 10 * time.Minute}
				limit := &manifest.Throttle{Attempts: 6, Wait: 10 * time.Minute}
				d := &s.Manifest.Dialects
				d.Session.Throttle, d.Form.Throttle, d.RPC.Throttle, d.Scoped.Throttle = limit, limit, limit, limit
			},
		},
		{
			Name:    "bare",
			Differs: "Nothing is declared that may be left out, and nothing of it is there.",
			Change: func(s *Server) {
				d := &s.Manifest.Dialects
				d.Session.SessionsAPI, d.Session.APIKey, d.Session.Locales, d.Session.Inflection = nil, nil, nil, false
				d.Session.Accounts.Limited, d.Scoped.Accounts.Limited = nil, nil
				d.RPC.V2Names, d.Scoped.Methods, d.Scoped.Wildcard = false, "", false
				d.Session.Throttle, d.Form.Throttle, d.RPC.Throttle, d.Scoped.Throttle = nil, nil, nil, nil
				s.Throttle = account.Throttle{PerAccount: -1, PerAddress: -1}
				s.instead(anyOf(at("*", "/sessions/*"), at("GET", "/sessions"), at("*", "/sessioni"), at("*", "/utenti"), at("*", "/api/v1/methods"),
					rpcCalls("AuthenticateEx2", "RenewSession2")), answer(http.StatusNotFound, map[string]any{}))
				s.requests(all, func(r *http.Request) {
					r.Header.Del("X-Api-Key")
					r.Header.Del("X-Api-Inflection")
				})
			},
		},
	}
}

// notClock selects what belongs to the dialects.
func notClock(r *http.Request) bool { return !strings.HasPrefix(r.URL.Path, "/_dragoman/") }

// turnRound writes a JSON object with its members in falling order, and one
// more in front.
func turnRound(a *reply) {
	var members map[string]json.RawMessage
	if json.Unmarshal(a.Body, &members) != nil || members == nil {
		return
	}
	names := make([]string, 0, len(members))
	for name := range members {
		names = append(names, name)
	}
	slices.Sort(names)
	slices.Reverse(names)
	var body bytes.Buffer
	body.WriteString("\n{ \"$schema\" : \"https://example.com/answer\",\n  \"took_ms\" : " + strconv.Itoa(len(a.Body)))
	for _, name := range names {
		fmt.Fprintf(&body, ",\n\t%q :  %s", name, members[name])
	}
	body.WriteString("\n}\n")
	a.Body = body.Bytes()
}

// trickle sends an answer in pieces.
func (a *reply) trickle(w http.ResponseWriter, r *http.Request) {
	for name, values := range a.Header {
		w.Header()[name] = values
	}
	w.Header().Del("Content-Length")
	w.WriteHeader(a.Status)
	controller := http.NewResponseController(w)
	const pieces = 3
	for part := range slices.Chunk(a.Body, len(a.Body)/pieces+1) {
		wait(r, 2*time.Millisecond)
		_, _ = w.Write(part) // a client that is gone has its answer
		_ = controller.Flush()
	}
}

// wholeSeconds is a clock that knows no fractions.
type wholeSeconds struct{ *clock.Offset }

func (w wholeSeconds) Now() time.Time { return w.Offset.Now().Truncate(time.Second) }
