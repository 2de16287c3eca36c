package clientsuite

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Command is one line to a client. The commands, each answered by one line before
// the next one is sent:
//
//	call METHOD PATH [BYTES]      make a call, with a body of so many bytes that can be read again
//	stream METHOD PATH BYTES      the same with a body that can be read only once
//	parallel N METHOD PATH        make N calls at once
//	deadline MS METHOD PATH       make a call whose caller waits so many milliseconds, no longer
//	race N MS METHOD PATH         make N+1 calls at once; one of them has such a deadline
//	grpc METHOD                   make a unary call over gRPC with an empty message
//	receive METHOD                begin a stream over gRPC with an empty message, and read it to its end
//	wait SECONDS                  let the time pass
//	logout                        end the session at the server
//	close                         answer, and end with exit code 0; the session may live on
//
// All calls of a client are those of one account; they share its token.
type Command string

// The words of a client's lines.
const (
	wordReady   = "ready"
	wordWithout = "without"
	wordDone    = "done"
	wordError   = "error" // the outcome of a call that got no answer
)

// Answer is what a client says to a command: how many of its calls had which
// outcome. An outcome is an HTTP status, the name of a gRPC code, or "error". A
// command without calls has none, unless it failed.
type Answer map[string]int

// ParseAnswer reads a line such as "done 200:49 error:1". Ok is false where the line
// is no answer: "done loading" is something that the client says about itself.
func ParseAnswer(line string) (answer Answer, ok bool, err error) {
	words := strings.Fields(line)
	if len(words) == 0 || words[0] != wordDone || len(words) > 1 && !strings.ContainsAny(words[1], ":0123456789") {
		return nil, false, nil
	}
	answer = Answer{}
	for _, word := range words[1:] {
		outcome, count, found := strings.Cut(word, ":")
		n, err := strconv.Atoi(count)
		if !found || outcome == "" || err != nil || n < 0 {
			return nil, true, fmt.Errorf("expected an outcome and its count, as 200:1, got %.80q", word)
		}
		answer[outcome] += n
	}
	return answer, true, nil
}

// String is the answer as a client writes it, in the order of outcomes.
func (a Answer) String() string {
	line := wordDone
	for _, outcome := range slices.Sorted(maps.Keys(a)) {
		line += fmt.Sprintf(" %s:%d", outcome, a[outcome])
	}
	return line
}

// Calls is how many calls an answer tells of.
func (a Answer) Calls() int {
	calls := 0
	for _, n := range a {
		calls += n
	}
	return calls
}

// ParseReady reads the first line of a client, "ready" or "ready without logout grpc":
// what it says that it cannot do. Ok is false where the line is no such line.
func ParseReady(line string) (without []Capability, ok bool, err error) {
	words := strings.Fields(line)
	if len(words) == 0 || words[0] != wordReady || len(words) > 1 && words[1] != wordWithout {
		return nil, false, nil
	}
	var problems []error
	for _, word := range words[min(2, len(words)):] {
		c := Capability(word)
		if !Known(c) {
			problems = append(problems, unknownCapability(c))
		}
		without = append(without, c)
	}
	return without, true, errors.Join(problems...)
}
