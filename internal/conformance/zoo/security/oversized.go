package security

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync/atomic"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
)

// oversized are mistakes with requests that are too long.
func oversized(e Endpoints) []mutation.Mutant {
	body := slices.Concat(e.Oversized, []string{"SEC-06"})
	return []mutation.Mutant{
		{
			Name: "header-of-any-size", Breaks: []string{"SEC-06"},
			Why: "The limit was raised for the cookies of another application.",
			Change: func(s *mutation.Server) {
				s.HTTP.MaxHeaderBytes = 1 << 20
				s.OnRequest(e.Login, func(r *http.Request) { r.Header.Del("X-Filler") })
			},
		},
		{
			Name: "body-of-any-size", Breaks: body,
			Why: "Nobody set a limit.", Change: func(s *mutation.Server) { s.OnRequest(mutation.IsLong, withoutFiller) },
		},
		{
			Name: "oversized-is-500", Breaks: body,
			Why:    "The limit throws, and nobody catches.",
			Change: mutation.ChangesStatus(mutation.IsLong, http.StatusRequestEntityTooLarge, http.StatusInternalServerError),
		},
		{
			Name: "oversized-poisons-next", Breaks: body,
			Why: "What an oversized body leaves behind is read by the next login.",
			Change: func(s *mutation.Server) {
				var afterOversized atomic.Bool
				s.OnAnswer(mutation.At("POST", e.LoginPath), func(a *mutation.Reply) {
					if afterOversized.Swap(a.Status == http.StatusRequestEntityTooLarge) {
						a.Replace(http.StatusInternalServerError, map[string]string{"error": "out of memory"})
					}
				})
			},
		},
	}
}

// withoutFiller reads a body of any size and leaves out what only fills it.
func withoutFiller(r *http.Request) {
	read, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(read, &members) == nil {
		delete(members, "filler")
		mutation.SetBody(r, mutation.JSON(members))
	} else if fields, err := url.ParseQuery(string(read)); err == nil {
		fields.Del("filler")
		mutation.SetBody(r, []byte(fields.Encode()))
	}
}
