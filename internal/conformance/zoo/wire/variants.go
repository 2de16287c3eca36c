// Package wire makes the variants that differ in how answers are written and
// carried. They are judged in all dialects.
package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/rpc"
	"github.com/dragoman-auth/dragoman/reference/account"
	"github.com/dragoman-auth/dragoman/reference/clock"
)

// issuesToken selects what answers a token, in the dialects that document no
// status for it.
var issuesToken = mutation.AnyOf(
	mutation.At("POST", "/sessions"), mutation.At("POST", "/sessioni"), mutation.At("POST", "/tokens"),
	mutation.At("POST", "/login"), mutation.At("POST", "/api/v1/auth/token"), mutation.At("POST", "/api/v1/tokens"),
)

// Variants are all of them. The slice is fresh on every call.
func Variants() []mutation.Variant {
	return append(surroundings(), []mutation.Variant{
		{
			Name:    "errors-as-pages",
			Differs: "Refusals are HTML pages in another language.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(mutation.NotClock, func(a *mutation.Reply) {
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
			Change: func(s *mutation.Server) {
				s.OnAnswer(mutation.NotClock, func(a *mutation.Reply) {
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
			Change: func(s *mutation.Server) {
				s.OnAnswer(mutation.NotClock, func(a *mutation.Reply) {
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
			Change:  func(s *mutation.Server) { s.OnAnswer(mutation.NotClock, turnRound) },
		},
		{
			Name:    "created",
			Differs: "What makes something answers 201 where no status is documented.",
			Change: func(s *mutation.Server) {
				s.OnAnswer(issuesToken, func(a *mutation.Reply) { a.Becomes(http.StatusOK, http.StatusCreated) })
			},
		},
		{
			Name:    "chunked-and-slow",
			Differs: "Answers come in small pieces, with a pause before each.",
			Change: func(s *mutation.Server) {
				s.Wrap(func(inner http.Handler) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						trickle(w, r, mutation.Record(inner, r))
					})
				})
			},
		},
		{
			Name:    "no-keep-alive",
			Differs: "Every connection is closed after its answer.",
			Change:  func(s *mutation.Server) { s.HTTP.SetKeepAlivesEnabled(false) },
		},
		{
			Name:    "tls",
			Differs: "TLS, with a certificate of the server's own and HTTP/2 on offer.",
			Change:  func(s *mutation.Server) { speakTLS(s) },
		},
		{
			Name:    "grpc-tls",
			Differs: "Direct gRPC over TLS, with a certificate of its own; HTTP in plain text.",
			Change: func(s *mutation.Server) {
				if over := s.Manifest.Dialects.RPC; over != nil {
					over.GRPC = &manifest.RPCOverGRPC{TLS: true, Trust: &manifest.TLS{Insecure: true}}
				}
				own := certificate()
				s.GRPCOptions = append(s.GRPCOptions, grpc.Creds(credentials.NewServerTLSFromCert(&own)))
			},
		},
		{
			Name:    "ipv6",
			Differs: "The server listens on an address of IPv6.",
			Change:  func(s *mutation.Server) { s.Host = "::1" },
		},
		{
			Name:    "no-date",
			Differs: "Answers have no Date.",
			Change:  func(s *mutation.Server) { s.OnAnswer(mutation.All, func(a *mutation.Reply) { a.Header["Date"] = nil }) },
		},
		{
			Name:    "whole-seconds",
			Differs: "All times are kept in whole seconds.",
			Change:  func(s *mutation.Server) { s.Clock = wholeSeconds{clock.NewOffset(s.Time)} },
		},
		{
			Name:    "clock-ahead",
			Differs: "The server's clock is three hours ahead, as its Date says.",
			Change: func(s *mutation.Server) {
				ahead := clock.NewOffset(s.Time)
				ahead.Advance(3 * time.Hour)
				s.Clock = ahead
			},
		},
		{
			Name:    "prefixes",
			Differs: "Every dialect stands below a path of its own.",
			Change: func(s *mutation.Server) {
				d := &s.Manifest.Dialects
				d.Session.Prefix, d.Form.Prefix = "/shop", "/erp/api"
				if d.RPC.HTTP != nil {
					d.RPC.HTTP.Path = "/video/grpc"
				}
				s.OnRequest(mutation.All, func(r *http.Request) {
					for _, prefix := range []string{"/shop", "/erp/api", "/video"} {
						if below, found := strings.CutPrefix(r.URL.Path, prefix+"/"); found {
							mutation.SetPath(r, "/"+below)
						}
					}
				})
			},
		},
		{
			Name:    "strict-throttle",
			Differs: "Five wrong passwords are too many, and the wait is ten minutes.",
			Change: func(s *mutation.Server) {
				s.Throttle = account.Throttle{PerAccount: 5, Window: 10 * time.Minute}
				limit := &manifest.Throttle{Attempts: 6, Wait: 10 * time.Minute}
				d := &s.Manifest.Dialects
				d.Session.Throttle, d.Form.Throttle, d.RPC.Throttle, d.Scoped.Throttle = limit, limit, limit, limit
			},
		},
		{
			Name:    "bare",
			Differs: "Nothing is declared that may be left out, and nothing of it is there.",
			Change: func(s *mutation.Server) {
				d := &s.Manifest.Dialects
				d.Session.SessionsAPI, d.Session.APIKey, d.Session.Locales, d.Session.Inflection = nil, nil, nil, false
				d.Session.Accounts.Limited, d.Scoped.Accounts.Limited = nil, nil
				d.RPC.V1Names, d.RPC.REST, d.RPC.SessionInfo = false, nil, false
				d.RPC.V2Names, d.Scoped.Methods, d.Scoped.Wildcard = false, "", false
				d.Session.Throttle, d.Form.Throttle, d.RPC.Throttle, d.Scoped.Throttle = nil, nil, nil, nil
				s.Throttle = account.Throttle{PerAccount: -1, PerAddress: -1}
				s.Instead(mutation.AnyOf(mutation.At("*", "/sessions/*"), mutation.At("GET", "/sessions"), mutation.At("*", "/sessioni"), mutation.At("*", "/utenti"), mutation.At("*", "/api/v1/methods"),
					mutation.At("*", "/v1/*"), rpc.Calls("Authenticate", "Authenticate2", "AuthenticateEx2", "RenewSession2", "GetSessionInfo")), mutation.Answer(http.StatusNotFound, map[string]any{}))
				s.OnRequest(mutation.All, func(r *http.Request) {
					r.Header.Del("X-Api-Key")
					r.Header.Del("X-Api-Inflection")
				})
			},
		},
	}...)
}

// turnRound writes a JSON object with its members in falling order, and one
// more in front.
func turnRound(a *mutation.Reply) {
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
func trickle(w http.ResponseWriter, r *http.Request, a *mutation.Reply) {
	for name, values := range a.Header {
		w.Header()[name] = values
	}
	w.Header().Del("Content-Length")
	w.WriteHeader(a.Status)
	controller := http.NewResponseController(w)
	pause := time.NewTicker(2 * time.Millisecond)
	defer pause.Stop()
	const pieces = 3
	for part := range slices.Chunk(a.Body, len(a.Body)/pieces+1) {
		select {
		case <-pause.C:
		case <-r.Context().Done():
			return
		}
		_, _ = w.Write(part) // a client that is gone has its answer
		_ = controller.Flush()
	}
}

// wholeSeconds is a clock that knows no fractions.
type wholeSeconds struct{ *clock.Offset }

func (w wholeSeconds) Now() time.Time { return w.Offset.Now().Truncate(time.Second) }
