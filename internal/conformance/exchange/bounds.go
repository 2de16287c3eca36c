package exchange

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync/atomic"

	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
)

// What a subject can make the judge read. A right server stays far below.
const (
	maxAnswer    = 4 << 20  // bytes of an answer's body, its codings undone
	longestToken = 16 << 10 // bytes of a token: few servers take a longer header
	maxTokens    = 1000     // in one answer
	maxSecrets   = 12 << 20 // bytes of all tokens of a run
)

// MaxHeader bounds the header of an answer, in bytes.
const MaxHeader = 256 << 10

// What a subject can make the judge keep as evidence.
const (
	maxKept    = 64 << 20 // bytes of all answers of a run
	keptBody   = 64 << 10 // bytes of a body
	keptValue  = 4 << 10  // bytes of a header's value
	keptFields = 100      // of a header
	keptScarce = 512      // bytes of anything once maxKept is used up
)

// keptRequest bounds a request's body in the evidence. The judge itself made it.
const keptRequest = 1 << 20

// kept counts the bytes of evidence of a run.
type kept struct{ bytes atomic.Int64 }

// part is so much of a text as there is room for.
func (k *kept) part(text string, most int) string {
	if k.bytes.Add(int64(min(len(text), most))) > maxKept {
		most = min(most, keptScarce)
	}
	return evidence.Shorten(text, most)
}

// header is so much of a header as there is room for.
func (k *kept) header(header http.Header) http.Header {
	names := slices.Sorted(maps.Keys(header))
	short := make(http.Header, min(len(names), keptFields))
	for _, name := range names[:min(len(names), keptFields)] {
		values := make([]string, 0, 1)
		for _, value := range header[name][:min(len(header[name]), keptFields)] {
			values = append(values, k.part(value, keptValue))
		}
		short[k.part(name, keptValue)] = values
	}
	return short
}

// withhold takes away an answer that cannot be kept secret.
func (a *Answer) withhold(reason error) {
	a.Header, a.Body = http.Header{}, fmt.Sprintf("[not kept: %v]", reason)
}

// longestError bounds what a subject can put into an error, in bytes.
const longestError = 1000

// briefError is an error whose text is cut.
type briefError struct{ error }

func (e briefError) Error() string { return evidence.Shorten(e.error.Error(), longestError) }

func (e briefError) Unwrap() error { return e.error }

// briefly cuts an error's text, for net/http quotes what a server sent.
func briefly(err error) error {
	if err == nil || len(err.Error()) <= longestError {
		return err
	}
	return briefError{err}
}
