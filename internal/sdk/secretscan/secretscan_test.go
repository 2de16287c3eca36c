package secretscan_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/sdk/secretscan"
)

// encodings are what servers and transports do to a text before they show it.
var encodings = map[string]func(string) string{
	"as it is": func(s string) string { return s },
	"query":    url.QueryEscape,
	"path":     url.PathEscape,
	"lower case": func(s string) string {
		return strings.ToLower(url.QueryEscape("%")) + strings.ReplaceAll(s, "/", "%2f")
	},
	"every byte": func(s string) string { return "%" + strings.ToUpper(hexPairs(s, "%")) },
	"JSON": func(s string) string {
		text, _ := json.Marshal(s)
		return string(text)
	},
	"JSON, all":    func(s string) string { return `\u00` + hexPairs(s, `\u00`) },
	"Go":           func(s string) string { return fmt.Sprintf("%q", s) },
	"HTML":         html.EscapeString,
	"base64":       func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"base64, URL":  func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
	"Basic":        func(s string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte("me:"+s)) },
	"base64 of 1":  func(s string) string { return base64.StdEncoding.EncodeToString([]byte("x" + s + "xyz")) },
	"hex":          func(s string) string { return hex.EncodeToString([]byte(s)) },
	"in two lines": func(s string) string { return s[:len(s)/2] + "\r\n\t" + s[len(s)/2:] },
	"base64 in lines": func(s string) string {
		text := base64.StdEncoding.EncodeToString([]byte(s))
		return text[:5] + "\n" + text[5:]
	},
	"escaped break": func(s string) string { return s[:3] + `\n` + s[3:] },
}

func hexPairs(s, between string) string {
	pairs := make([]string, len(s))
	for i := range len(s) {
		pairs[i] = hex.EncodeToString([]byte{s[i]})
	}
	return strings.Join(pairs, between)
}

func TestASecretIsFoundInEveryEncoding(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{"hunter2-correct-horse", `p&ss/w"rd <1>`, "eyJhbGciOi.J_x-1~", "a+b=c/d%e", "abcd"} {
		for name, encode := range encodings {
			text := "the server said: " + encode(secret) + ", and closed"
			if !secretscan.In(text, "another secret", secret) {
				t.Errorf("%s: %q is not found in %q", name, secret, text)
			}
			if secretscan.In(text, "another secret", "", "x") {
				t.Errorf("%s: %q is said to hold another one", name, text)
			}
		}
	}
}

func TestWhatIsNoSecret(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "malformed HTTP response", "read tcp 127.0.0.1:60594->127.0.0.1:38797: read: connection reset by peer",
		`net/http: HTTP/1.x transport connection broken: malformed MIME header line: %zz \u00zz \`,
		"x509: certificate signed by unknown authority", "http2: server sent GOAWAY and closed the connection; LastStreamID=1, ErrCode=NO_ERROR",
	} {
		if secretscan.In(text, "hunter2-correct-horse", "demo", "pass") {
			t.Errorf("a secret is found in %q", text)
		}
	}
}

func FuzzIn(f *testing.F) {
	f.Add("the server said %68unter2", "hunter2")
	f.Fuzz(func(t *testing.T, text, secret string) {
		if len(strings.Join(strings.Fields(secret), "")) >= 8 && !strings.ContainsAny(secret, `%\`) && !secretscan.In(text+" "+secret, secret) {
			t.Errorf("%q is not found after %q", secret, text)
		}
	})
}
