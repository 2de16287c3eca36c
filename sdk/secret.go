package sdk

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"reflect"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/sdk/secretscan"
)

// redacted stands for a secret in everything that is printed.
const redacted = "[redacted]"

// Secret holds a password or a token and does not print: every verb of package
// fmt, encoding/json, encoding/xml, encoding/gob and log/slog show "[redacted]",
// and the zero Secret shows "". Only [Secret.Reveal] gives the value away.
//
// The value stands behind a function, so that even printing by reflection,
// which does not call the methods of unexported fields, shows no more than an
// address. Secrets are immutable and safe for concurrent use.
type Secret struct {
	reveal func() string
}

// NewSecret hides value. NewSecret("") is the zero Secret.
func NewSecret(value string) Secret {
	if value == "" {
		return Secret{}
	}
	return Secret{reveal: func() string { return value }}
}

// Reveal returns the hidden value, "" for the zero Secret.
func (s Secret) Reveal() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

// IsZero says whether nothing is hidden.
func (s Secret) IsZero() bool { return s.reveal == nil }

// Equal compares two secrets in a time that does not depend on where they
// differ.
func (s Secret) Equal(other Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(other.Reveal())) == 1
}

// Digest names a secret that is too long to be guessed, such as a token, without
// showing it: as the [Keyed] name of a login, for instance.
func (s Secret) Digest() string {
	sum := sha256.Sum256([]byte(s.Reveal()))
	return hex.EncodeToString(sum[:8])
}

// String implements [fmt.Stringer].
func (s Secret) String() string {
	if s.IsZero() {
		return ""
	}
	return redacted
}

// Format implements [fmt.Formatter] for every verb.
func (s Secret) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, s.String()) }

// MarshalJSON implements [json.Marshaler].
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }

// MarshalText implements [encoding.TextMarshaler].
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue implements [slog.LogValuer].
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// withoutSecrets returns err, or another error in its place if its text quotes
// one of the secrets, in whatever encoding: a transport of the caller's own may
// describe what it could not send.
func withoutSecrets(err error, secrets []string) error {
	bare := bareError(err)
	if seesNoRequest(bare) {
		return err
	}
	if secretscan.In(bare.Error(), secrets...) {
		return errors.New("the transport failed, and its error quotes a secret")
	}
	return err
}

// seesNoRequest says whether an error is of a package that knows addresses and
// no more: a host may be called like a user.
func seesNoRequest(err error) bool {
	kind := reflect.TypeOf(err)
	if kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	switch kind.PkgPath() {
	case "net", "crypto/tls", "crypto/x509", "context", "syscall":
		return true
	}
	return false
}

// secrets are all texts of the call and of the credentials in its headers.
func (c Call) secrets(header http.Header) []string {
	found := []string{c.Token.Access.Reveal(), c.Token.Refresh.Reveal()}
	for _, values := range []url.Values{c.Query, c.Form} {
		for _, list := range values {
			found = append(found, list...)
		}
	}
	for _, key := range credentialHeaders {
		for _, value := range header[key] {
			_, credentials, _ := strings.Cut(value, " ") // after Basic or Bearer
			found = append(found, value, credentials)
		}
	}
	var body any
	if text, err := json.Marshal(c.JSON); err == nil && json.Unmarshal(text, &body) == nil {
		found = append(found, texts(body)...)
	}
	return found
}

// texts are all strings in a JSON value.
func texts(value any) (found []string) {
	switch v := value.(type) {
	case string:
		return []string{v}
	case []any:
		for _, element := range v {
			found = append(found, texts(element)...)
		}
	case map[string]any:
		for _, element := range v {
			found = append(found, texts(element)...)
		}
	}
	return found
}
