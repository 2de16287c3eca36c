package sdk

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/sdk/quoted"
)

// withoutSecrets returns err, or another error in its place if its text quotes
// one of the secrets, in whatever encoding: a transport of the caller's own may describe what it could
// not send.
func withoutSecrets(err error, secrets []string) error {
	bare := bareError(err)
	if seesNoRequest(bare) {
		return err
	}
	if quoted.In(bare.Error(), secrets...) {
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
