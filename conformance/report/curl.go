package report

import (
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
)

// curl is the line that sends an exchange's HTTP request again, to a target that
// is a word of the shell. Flags stand in front of it.
func curl(e evidence.Exchange, target string, flags ...string) string {
	words := []string{"curl", "--silent", "--show-error"}
	if at, err := url.Parse(e.URL); err == nil && loopback(at.Hostname()) {
		words = append(words, "--noproxy", "'*'")
	}
	if strings.Contains(e.URL, "/.") {
		words = append(words, "--path-as-is") // or curl would tidy it up
	}
	if strings.ContainsAny(e.URL, "[]{}") {
		words = append(words, "--globoff") // or curl would make several of it, also of what a variable holds
	}
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
	place, _, _ := evidence.Filler(e.RequestBody)
	if e.RequestBody != "" {
		if e.RequestHeader.Get("Content-Type") == "" {
			words = append(words, "--header", quote("Content-Type:")) // or curl would add its own
		}
		if place != nil { // longer than an argument may be
			words = append(words, "--header", "Expect:", "--data-binary", "@-")
		} else {
			words = append(words, "--data-raw", quote(e.RequestBody))
		}
	}
	for _, flag := range flags {
		words = append(words, quote(flag))
	}
	line := strings.Join(append(words, target), " ")
	if place != nil {
		return "printf %s " + quote(e.RequestBody) + " | " + line
	}
	return line
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// grpcurl is the line that does a call over gRPC again, to an address that is a
// word of the shell, and prints the answer and its error, if any. Described are
// the flags, as words of the shell, that name a description; without them it needs
// the server's reflection.
func grpcurl(e evidence.Exchange, address string, described []string, flags ...string) string {
	words := append([]string{"grpcurl", "-emit-defaults"}, described...)
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
	for _, flag := range flags {
		words = append(words, quote(flag))
	}
	method := strings.TrimPrefix(e.Method, "/")
	return strings.Join(append(words, address, quote(method), "2>&1"), " ")
}

// pseudonym is what stands for a secret: its name, and how it was written.
var pseudonym = regexp.MustCompile(`\[([a-z][a-z-]*-[0-9]+)(?:-(url|json|html|quoted|base64|hex))?\]`)

// quote makes one shell word of a text, with the pseudonyms in it as variables:
// [password-1] is "$PASSWORD_1", [password-1-url] is "$PASSWORD_1_URL"; and
// filler as what prints it.
func quote(text string) string {
	if place, length, character := evidence.Filler(text); place != nil {
		filler := fmt.Sprintf(`"$(head -c %d /dev/zero | tr '\0' %s)"`, length, character)
		return quote(text[:place[0]]) + filler + quote(text[place[1]:])
	}
	var word strings.Builder
	for text != "" {
		at := pseudonym.FindStringIndex(text)
		if at == nil {
			word.WriteString(evidence.ShellWord(text))
			break
		}
		if at[0] > 0 {
			word.WriteString(evidence.ShellWord(text[:at[0]]))
		}
		word.WriteString(`"$` + variable(text[at[0]+1:at[1]-1]) + `"`)
		text = text[at[1]:]
	}
	if word.Len() == 0 {
		return "''"
	}
	return word.String()
}

// variable is the shell variable for a pseudonym without its brackets.
func variable(name string) string {
	return strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}
