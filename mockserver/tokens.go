package mockserver

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/dragoman-auth/dragoman/internal/wire"
)

// state is what became of a token, as far as the mock has seen.
type state string

const (
	live     state = ""
	replaced state = "replaced" // a single-use token that was used
	revoked  state = "revoked"  // by the mock: its client cannot know
	closed   state = "closed"   // by the client
	expired  state = "expired"  // by Expire
)

// token is one that the mock issued.
type token struct {
	session    string // its name in the journal
	generation int    // 1 from the login, then one more by each renewal
	state      state
	singleUse  bool // a refresh token of the session dialect
}

// tokens follows what the mock issued, so that the journal can say which session a
// request belongs to. It is safe for concurrent use.
type tokens struct {
	mu       sync.Mutex
	known    bounded[*token]
	newest   bounded[int] // the generation of each session
	used     bounded[int] // the newest that was used
	sessions int
}

func newTokens() *tokens {
	return &tokens{known: newBounded[*token](maxRemembered), newest: newBounded[int](maxRemembered), used: newBounded[int](maxRemembered)}
}

// of returns what is known of a token; the zero token is not known.
func (t *tokens) of(value string) token {
	t.mu.Lock()
	defer t.mu.Unlock()
	if known := t.known.get(value); known != nil {
		return *known
	}
	return token{}
}

// issuedValues are all tokens that are known to be issued.
func (t *tokens) issuedValues() (access, singleUse []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for value, known := range t.known.values {
		switch {
		case known.session == "": // it was only presented
		case known.singleUse:
			singleUse = append(singleUse, value)
		default:
			access = append(access, value)
		}
	}
	return access, singleUse
}

// session returns the session of the first of the tokens that is known.
func (t *tokens) session(presented []string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.sessionOf(presented)
}

func (t *tokens) sessionOf(presented []string) string {
	for _, value := range presented {
		if known := t.known.get(value); known != nil {
			return known.session
		}
	}
	return ""
}

func (t *tokens) generationOf(presented []string) int {
	for _, value := range presented {
		if known := t.known.get(value); known != nil {
			return known.generation
		}
	}
	return 0
}

// current returns the newest generation of a session, and the newest that was used.
func (t *tokens) current(session string) (newest, used int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.newest.get(session), t.used.get(session)
}

// issued follows a request that succeeded, and returns the session of what it
// issued, or of what it presented. Lost: a fault keeps the answer from the client,
// which has to go on with what it presented.
func (t *tokens) issued(at route, presented, answered []string, lost bool) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	session := t.sessionOf(presented)
	if session != "" {
		t.used.put(session, max(t.used.get(session), t.generationOf(presented)))
	}
	if len(answered) == 0 {
		return session
	}
	switch at.operation {
	case Login, Issue:
		session = ""
	case Renewal:
	default:
		return session // the form dialect repeats a token that is looked at
	}
	if session == "" {
		t.sessions++
		session = fmt.Sprintf("session-%d", t.sessions)
	}
	if at.dialect == wire.Session && at.operation == Renewal && !lost {
		t.replace(presented, answered)
	}
	generation := t.newest.get(session) + 1
	if !lost {
		t.newest.put(session, generation)
	}
	for i, value := range answered {
		singleUse := at.dialect == wire.Session && i == 0
		t.known.put(value, &token{session: session, generation: generation, singleUse: singleUse})
	}
	return session
}

// replace marks single-use tokens that were used. The access token is not one.
func (t *tokens) replace(presented, answered []string) {
	if len(presented) == 0 || slices.Contains(answered, presented[0]) {
		return
	}
	if known := t.known.get(presented[0]); known != nil {
		known.state = replaced
	}
}

// ended marks a token, or with its session all tokens of that.
func (t *tokens) ended(value string, how state, wholeSession bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	target := t.known.get(value)
	if value == "" {
		return
	}
	if target == nil {
		target = &token{}
		t.known.put(value, target)
	}
	target.state = how
	if !wholeSession || target.session == "" {
		return
	}
	for _, other := range t.known.values {
		if other.session == target.session {
			other.state = how
		}
	}
}

// rejected returns those of the tokens that [Server.Expire] and [Server.Revoke]
// have ended. A refresh of the session dialect does not need a live access token.
func (t *tokens) rejected(at route, presented []string) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var dead []string
	for _, value := range presented {
		known := t.known.get(value)
		if known == nil || known.state == expired && !known.singleUse && at == (route{wire.Session, Renewal}) {
			continue
		}
		if known.state == expired || known.state == revoked || known.state == closed {
			dead = append(dead, value)
		}
	}
	return dead
}

// tokenMembers are the members of an answer or a request whose value is a token,
// in lower case and without separators.
var tokenMembers = [...]string{"refreshtoken", "accesstoken", "tokenvalue", "token", "sessiontoken"}

// separators leaves out those of names. It is made once, for that costs more than all else
// that the journal does with an answer.
var separators = strings.NewReplacer("_", "", "-", "")

// tokensIn returns the tokens among the members of a JSON object, single-use ones
// first. Of members with the same name the last one counts, of two spellings the last one
// that has a token.
func tokensIn(body []byte) []string {
	decoder := jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if start, err := decoder.ReadToken(); err != nil || start.Kind() != '{' {
		return nil
	}
	var values, spellings [len(tokenMembers)]string
	for decoder.PeekKind() == '"' {
		name, err := decoder.ReadToken()
		if err != nil {
			return nil
		}
		spelling := name.String() // a copy, before the next value is read
		at := slices.Index(tokenMembers[:], strings.ToLower(separators.Replace(spelling)))
		value, err := decoder.ReadValue()
		if err != nil {
			return nil
		}
		if at >= 0 {
			if text, _ := jsontext.AppendUnquote(nil, value); len(text) > 0 || spellings[at] == spelling {
				values[at], spellings[at] = string(text), spelling
			}
		}
	}
	_, endErr := decoder.ReadToken()
	if _, err := decoder.ReadToken(); endErr != nil || !errors.Is(err, io.EOF) {
		return nil
	}
	return slices.DeleteFunc(values[:], func(value string) bool { return value == "" })
}
