package evidence

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// Secrets is the list of values that no report may show, each with a stable
// pseudonym such as [password-1]. The zero value is ready; it is safe for
// concurrent use. A nil *Secrets hides nothing.
type Secrets struct {
	mu           sync.Mutex
	names        map[string]string   // value to name, as password-1
	secrets      map[string]secret   // by name
	logins       []string            // the names of accounts, which are no secrets
	longestLogin int                 // of them, in bytes
	unread       []string            // names of values whose forms are not made yet
	loose        []loose             // what is not hidden wherever it stands
	forms        map[string]string   // how any other value may be written, to its pseudonym
	counts       map[string]int      // kind to how many there are
	size         int                 // of all values, in bytes
	replacer     *strings.Replacer   // made of forms; nil before the first is needed
	fronts       map[string][]string // of forms, for what a cut has left of them
}

// secret is what is known about a value.
type secret struct {
	value  string
	origin string // the key of the manifest that it comes from, or ""
	text   string // for Basic credentials: user:password with its pseudonym
	key    []byte // for a made-up token: what it was signed with
}

// Add makes value secret. Kind is a word for the pseudonym: password, token,
// key. A value that is already secret keeps its pseudonym; the empty value is
// ignored. What the value becomes in a URL, in JSON, in base64 and the like is
// hidden too; where that differs from the value, the pseudonym says how it was
// written, as [password-1-url]. A value that may well be a word of somebody
// else's is hidden only where it must be the secret; see kind.
func (s *Secrets) Add(kind, value string) { s.add(kind, secret{value: value}) }

// AddFrom is Add for a value of the manifest, whose key is its origin.
func (s *Secrets) AddFrom(origin, kind, value string) {
	s.add(kind, secret{value: value, origin: origin})
}

// AddBasic makes the Basic credentials of a user secret, on top of the
// password itself.
func (s *Secrets) AddBasic(user, password string) {
	s.Add("password", password)
	s.add("basic", secret{
		value: base64.StdEncoding.EncodeToString([]byte(user + ":" + password)),
		text:  user + ":" + s.pseudonym(password),
	})
}

// AddForged makes a token secret that the suite made up and signed with a key
// which is no secret.
func (s *Secrets) AddForged(token string, key []byte) {
	s.add("made-up-token", secret{value: token, key: key})
}

// Size is how many bytes all secret values have together.
func (s *Secrets) Size() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.size
}

// pseudonym of a value that is secret; of any other it is the value.
func (s *Secrets) pseudonym(value string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if name, known := s.names[value]; known {
		return "[" + name + "]"
	}
	return value
}

func (s *Secrets) add(kind string, added secret) {
	if added.value == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.names[added.value]; known {
		return
	}
	if s.names == nil {
		s.names, s.secrets = map[string]string{}, map[string]secret{}
		s.forms, s.counts = map[string]string{}, map[string]int{}
	}
	s.counts[kind]++
	s.size += len(added.value)
	name := fmt.Sprintf("%s-%d", kind, s.counts[kind])
	s.names[added.value], s.secrets[name] = name, added
	s.unread = append(s.unread, name)
}

// read makes the forms of what was added. A run that has nothing to report adds
// thousands of tokens, and hides nothing.
func (s *Secrets) read() {
	if len(s.unread) == 0 && s.replacer != nil {
		return
	}
	for _, name := range s.unread {
		value := s.secrets[name].value
		s.addForm(value, "["+name+"]")
		for _, f := range formsOf(value) {
			s.addForm(f.text, "["+name+"-"+f.encoding+"]")
		}
	}
	s.unread = nil
	s.replacer, s.fronts = newReplacer(s.forms), byFront(s.forms)
}

// addForm notes how a secret may be written. The first meaning of a text counts.
func (s *Secrets) addForm(text, pseudonym string) {
	if k := s.kindOf(text); k != telling {
		if !slices.ContainsFunc(s.loose, func(l loose) bool { return l.text == text }) {
			s.loose = append(s.loose, loose{text: text, pseudonym: pseudonym, kind: k})
		}
		return
	}
	if _, known := s.forms[text]; !known {
		s.forms[text] = pseudonym
	}
}

// Hide replaces every secret by its pseudonym, in a text that went over the wire.
func (s *Secrets) Hide(text string) string { return s.hideKinds(text, aValue) }

// hideKinds replaces the secrets of a kind and of those that tell more.
func (s *Secrets) hideKinds(text string, least kind) string {
	if s == nil || text == "" {
		return text
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.read()
	text = hideCut(s.replacer.Replace(text), s.forms, s.fronts)
	for _, l := range s.loose {
		if l.kind >= least {
			text = l.hide(text, s.isLogin(l.text))
		}
	}
	return text
}

// newReplacer tries longer values first, so that a secret that contains
// another is hidden whole.
func newReplacer(forms map[string]string) *strings.Replacer {
	values := make([]string, 0, len(forms))
	for value := range forms {
		values = append(values, value)
	}
	slices.SortFunc(values, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b))
	})
	pairs := make([]string, 0, 2*len(values))
	for _, value := range values {
		pairs = append(pairs, value, forms[value])
	}
	return strings.NewReplacer(pairs...)
}

func (s *Secrets) hide(e Exchange) Exchange {
	e.URL = s.Hide(e.URL)
	e.RequestHeader = s.hideHeader(e.RequestHeader)
	e.RequestBody = s.Hide(e.RequestBody)
	e.Status = s.Hide(e.Status)
	e.ResponseHeader = s.hideHeader(e.ResponseHeader)
	e.ResponseBody = s.Hide(e.ResponseBody)
	e.Error = s.HideIn(e.Error)
	return e
}

// hideHeader hides in names too: a server may put anything there.
func (s *Secrets) hideHeader(header http.Header) http.Header {
	hidden := make(http.Header, len(header))
	for name, values := range header {
		name = s.Hide(name)
		for _, value := range values {
			hidden[name] = append(hidden[name], s.Hide(value))
		}
	}
	return hidden
}
