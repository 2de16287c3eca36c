package steps

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/cucumber/godog"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
)

// securityWords are the words of the SEC rows, which are the same in every
// dialect; the dialect itself comes in as a speaker.
type securityWords struct {
	*World
	speaker  speaker
	grant    *grant    // what "a login bought a token" bought
	grants   []*grant  // of many logins or renewals
	guesses  []*Answer // answers to wrong passwords, in order
	made     string    // the made-up password of SEC-04
	answered []*Answer // answers that were given to it
	throttle *manifest.Throttle
}

func (w *World) registerSecurity(sc *godog.ScenarioContext, s speaker) {
	words := &securityWords{World: w, speaker: s}
	words.step(sc, `^a login bought a token$`, words.aLoginBoughtAToken)
	words.step(sc, `^the right password buys a token$`, words.theRightPasswordBuysAToken)
	words.step(sc, `^the token opens the protected resource$`, words.theTokenOpens)
	words.step(sc, `^the token in the query string as "([^"]*)" opens nothing$`, words.theTokenInTheQueryOpensNothing)
	words.step(sc, `^the login path is asked with the method "([A-Z]+)"$`, words.theLoginPathIsAskedWith)
	words.registerStrength(sc)
	words.registerGuessing(sc)
	words.registerEcho(sc)
	words.registerTogether(sc)
	words.registerOversize(sc)
}

func (s *securityWords) aLoginBoughtAToken(ctx context.Context) error {
	grant, err := s.mustLogin(ctx, s.speaker.full())
	s.grant = grant
	return err
}

// theRightPasswordBuysAToken is a control: it leaves the kept token alone.
func (s *securityWords) theRightPasswordBuysAToken(ctx context.Context) error {
	_, err := s.mustLogin(ctx, s.speaker.full())
	return err
}

// mustLogin logs in and takes a refusal for an error.
func (s *securityWords) mustLogin(ctx context.Context, who credentials) (bought *grant, err error) {
	answer, err := s.patiently(ctx, func() (answer *Answer, err error) {
		answer, bought, err = s.speaker.login(ctx, who)
		return answer, err
	})
	return s.granted(answer, bought, err)
}

// loginAtOnce is mustLogin where a throttle is no excuse.
func (s *securityWords) loginAtOnce(ctx context.Context, who credentials) (*grant, error) {
	return s.granted(s.speaker.login(ctx, who))
}

func (s *securityWords) granted(answer *Answer, bought *grant, err error) (*grant, error) {
	if err == nil && bought == nil {
		err = fmt.Errorf("expected the right password to buy a token, got %s", answer.brief())
	}
	return bought, err
}

var errNoGrant = errors.New("no login bought a token before this step")

func (s *securityWords) theTokenOpens(ctx context.Context) error {
	if s.grant == nil {
		return errNoGrant
	}
	return s.opens(ctx, s.grant.access)
}

func (s *securityWords) opens(ctx context.Context, token string) error {
	answer, err := s.speaker.open(ctx, token)
	if err != nil {
		return err
	}
	if !answer.success() {
		return fmt.Errorf("expected the token to open the protected resource, got %s", answer.brief())
	}
	return nil
}

// theTokenInTheQueryOpensNothing blames the token only where a garbled one in
// its place is refused: a resource that is open to everybody is for another
// row.
func (s *securityWords) theTokenInTheQueryOpensNothing(ctx context.Context, name string) error {
	if s.grant == nil {
		return errNoGrant
	}
	answer, err := s.send(ctx, s.speaker.protected().withQuery(name, s.grant.access))
	if err != nil {
		return err
	}
	if !answer.success() {
		return nil
	}
	garbled, err := s.send(ctx, s.speaker.protected().withQuery(name, s.speaker.garble(s.grant.access)))
	if err != nil {
		return err
	}
	if garbled.success() {
		return nil
	}
	return fmt.Errorf("expected the query %s=<token> to open nothing, got %s", name, answer.brief())
}

// theLoginPathIsAskedWith sends the right login with another method, and a
// live token beside it, so that neither can be why it is refused.
func (s *securityWords) theLoginPathIsAskedWith(ctx context.Context, method string) error {
	if s.grant == nil {
		return errNoGrant
	}
	r := s.speaker.authorize(s.speaker.loginRequest(s.speaker.full()), s.grant.access)
	_, err := s.send(ctx, withMethod(r, method))
	return err
}

// withMethod is a request with another method. DELETE and GET go without the
// body, which many servers do not expect there.
func withMethod(r Request, method string) Request {
	r.Method = method
	if method == http.MethodDelete || method == http.MethodGet {
		r.Header = r.Header.Clone()
		r.Header.Del("Content-Type")
		r.Body = ""
	}
	return r
}

// unknownLike makes up a login of the same length and form as a real one:
// letters for letters, digits for digits, the domain of an address kept.
func unknownLike(login string) string {
	local, domain, isAddress := strings.Cut(login, "@")
	for {
		made := []byte(local)
		random := randomBytes(len(made))
		for i, c := range made {
			switch {
			case c >= '0' && c <= '9':
				made[i] = '0' + random[i]%10
			case c >= 'a' && c <= 'z':
				made[i] = 'a' + random[i]%26
			case c >= 'A' && c <= 'Z':
				made[i] = 'A' + random[i]%26
			}
		}
		if unchangeable := !strings.ContainsFunc(local, isPlain); unchangeable {
			made = []byte(randomHex(8))
		}
		if string(made) == local {
			continue
		}
		if isAddress {
			return string(made) + "@" + domain
		}
		return string(made)
	}
}

func isPlain(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

func randomBytes(n int) []byte {
	bytes := make([]byte, n)
	_, _ = rand.Read(bytes) // never fails
	return bytes
}

// randomHex is n random bytes in hexadecimal digits.
func randomHex(n int) string { return hex.EncodeToString(randomBytes(n)) }
