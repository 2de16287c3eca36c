package shared

import (
	"fmt"

	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
	"github.com/dragoman-auth/dragoman/internal/conformance/tokens"
)

// leakIn looks for a token in an answer that must not carry any, and says
// where it is, or "". A token is a non-empty string in a member, header or
// cookie that is named like one, and whatever looks like a JWT or like the
// Rails envelope, wherever it stands. Empty and null members are none.
func leakIn(a *exchange.Answer) string {
	if value, err := a.JSON(); err == nil {
		if where := leakInMember(value, ""); where != "" {
			return where
		}
	}
	if tokens.In(a.Body) {
		return "the body holds what looks like a token"
	}
	for name, value := range a.HeadersAndCookies() {
		if value != "" && tokens.NamedLike(name) {
			return fmt.Sprintf("the header or cookie %q holds %s", name, exchange.Shown(value))
		}
		if tokens.In(value) {
			return fmt.Sprintf("the header or cookie %q holds what looks like a token", name)
		}
	}
	return ""
}

// leakInMember walks through a JSON value.
func leakInMember(value any, path string) string {
	switch value := value.(type) {
	case map[string]any:
		for name, member := range exchange.ByName(value) {
			if text, ok := member.(string); ok && text != "" && tokens.NamedLike(name) {
				return fmt.Sprintf("the member %q holds %s", path+name, exchange.Shown(text))
			}
			if where := leakInMember(member, path+name+"."); where != "" {
				return where
			}
		}
	case []any:
		for i, element := range value {
			if where := leakInMember(element, fmt.Sprintf("%s%d.", path, i)); where != "" {
				return where
			}
		}
	}
	return ""
}

// NoTokenIsInTheAnswer is for refused logins and the like.
func (w *World) NoTokenIsInTheAnswer() error {
	a, err := w.Answer()
	if err != nil {
		return err
	}
	if where := leakIn(a); where != "" {
		return fmt.Errorf("expected no token anywhere in the answer, got one: %s, in %s", where, a.Brief())
	}
	return nil
}
