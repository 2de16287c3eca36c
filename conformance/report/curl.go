package report

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/dragoman-auth/dragoman/conformance/evidence"
)

// Reproduce is a shell line that repeats an exchange: curl for HTTP, grpcurl
// for gRPC, which needs the server's reflection or a -proto flag. The
// pseudonyms of secrets become variables: [password-1] is "$PASSWORD_1".
func Reproduce(e evidence.Exchange) string {
	if e.Transport == "grpc" {
		return grpcurl(e)
	}
	words := []string{"curl", "--silent", "--show-error", "--include", "--path-as-is"}
	if e.Method != http.MethodGet || e.RequestBody != "" {
		words = append(words, "--request", quote(e.Method))
	}
	if e.Method == http.MethodHead {
		words = append(words, "--head")
	}
	for _, name := range slices.Sorted(maps.Keys(e.RequestHeader)) {
		for _, value := range e.RequestHeader[name] {
			if value == "" {
				words = append(words, "--header", quote(name+";")) // curl's way to send an empty one
				continue
			}
			words = append(words, "--header", quote(name+": "+value))
		}
	}
	if e.RequestBody != "" {
		if e.RequestHeader.Get("Content-Type") == "" {
			words = append(words, "--header", quote("Content-Type:")) // or curl would add its own
		}
		words = append(words, "--data-raw", quote(e.RequestBody))
	}
	return strings.Join(append(words, quote(e.URL)), " ")
}

func grpcurl(e evidence.Exchange) string {
	words := []string{"grpcurl"}
	if !strings.HasPrefix(e.URL, "tls://") {
		words = append(words, "-plaintext")
	}
	for _, name := range slices.Sorted(maps.Keys(e.RequestHeader)) {
		for _, value := range e.RequestHeader[name] {
			words = append(words, "-H", quote(strings.ToLower(name)+": "+value))
		}
	}
	if e.RequestBody != "" {
		words = append(words, "-d", quote(e.RequestBody))
	}
	method := strings.TrimPrefix(e.Method, "/")
	return strings.Join(append(words, quote(strings.TrimPrefix(e.URL, "tls://")), quote(method)), " ")
}

var pseudonym = regexp.MustCompile(`\[([a-z]+)-([0-9]+)\]`)

// quote makes one shell word of a text, with the pseudonyms in it as variables.
func quote(text string) string {
	var word strings.Builder
	for text != "" {
		at := pseudonym.FindStringSubmatchIndex(text)
		if at == nil {
			word.WriteString(literal(text))
			break
		}
		if at[0] > 0 {
			word.WriteString(literal(text[:at[0]]))
		}
		fmt.Fprintf(&word, `"$%s_%s"`, strings.ToUpper(text[at[2]:at[3]]), text[at[4]:at[5]])
		text = text[at[1]:]
	}
	if word.Len() == 0 {
		return "''"
	}
	return word.String()
}

var plain = regexp.MustCompile(`^[A-Za-z0-9_./:=,@%+-]+$`)

func literal(text string) string {
	if plain.MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
