package conformance_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/dragoman-auth/dragoman/conformance"
	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/conformance/subject"
	"github.com/dragoman-auth/dragoman/reference"
	"github.com/dragoman-auth/dragoman/reference/account"
)

// What this test's program serves where these are set: the reference, which prints what
// they name of each request.
const (
	talkativePort  = "DRAGOMAN_TEST_TALKATIVE_PORT"
	talkativeAbout = "DRAGOMAN_TEST_TALKATIVE_ABOUT"
)

// longPassword is one that no report takes for a word.
const longPassword = "fee9-lorry-otter-31"

// serveTalkatively serves until the process is ended.
func serveTalkatively(port, about string) {
	accounts := reference.DemoAccounts()
	for i := range accounts {
		accounts[i].Password = longPassword
	}
	backOffice, err := reference.New(reference.Config{Accounts: accounts, Hasher: account.FastHasher{}, ClockControl: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	handler := backOffice.Handler()
	fmt.Println("a first line")
	fmt.Println(http.ListenAndServe("127.0.0.1:"+port, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch about {
		case "header":
			fmt.Println(r.Method, r.URL.Path, r.Header.Get("Authorization"), r.Header.Get("X-Auth-Bearer"))
		case "body", "much":
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(body))
			fmt.Printf("%s %s %q\n", r.Method, r.URL.Path, body)
			if about == "much" {
				fmt.Print(strings.Repeat("a line that says nothing\n", 1<<14))
			}
		case "url":
			fmt.Println(r.Method, r.URL.RequestURI())
		case "crashes", "crashes at logins":
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(body))
			if r.URL.Path == "/crash" || about == "crashes at logins" && r.Method == http.MethodPost || r.Method == http.MethodPut && bytes.Contains(body, []byte(`"token":{`)) {
				fmt.Println("unhandled: a token is a text")
				panic(http.ErrAbortHandler)
			}
		default:
			fmt.Println(r.Method, r.URL.Path)
		}
		handler.ServeHTTP(w, r)
	})))
}

// TestSecretsInTheLog: what a subject prints is looked through for the passwords and
// tokens of the run. A finding says where they stand, and shows none; the verdict does
// not depend on it.
func TestSecretsInTheLog(t *testing.T) {
	t.Parallel()
	tests := map[string]string{ // a pattern of the findings
		"":       `^$`,
		"header": `^subject: its log shows [0-9]+ tokens? in clear, as \[token-1\] in line 4 of [0-9]+; whoever reads [^\n]*$`,
		"much":   `^subject: its log shows 1 password in clear, as \[password-1\] in line [0-9]{5} of [0-9]+; whoever reads [^\n]*$`,
		"body":   `^subject: its log shows 1 password in clear, as \[password-1\] in line 3 of [0-9]+; whoever reads [^\n]*$`,
		"url":    `^subject: its log shows [0-9]+ tokens? in clear, as \[token-[0-9]+\] in line [0-9]+ of [0-9]+; whoever reads [^\n]*$`,
	}
	for about, want := range tests {
		t.Run("prints "+about, func(t *testing.T) {
			t.Parallel()
			r, err := conformance.Run(t.Context(), talkative(about), conformance.Options{
				Only: []string{"FRM-05", "FRM-08", "FRM-20"}, Unexamined: true, Workers: 1, // the last line that is printed may come late
			})
			if err != nil {
				t.Fatal(err)
			}
			if r.Conclusion != report.Conformant {
				t.Fatalf("got %+v", r)
			}
			var found []string
			for _, f := range r.Findings {
				found = append(found, f.String())
				if strings.Contains(f.String(), longPassword) || f.Severity != report.Warning {
					t.Errorf("got %+v", f)
				}
			}
			if got := strings.Join(found, "\n"); !regexp.MustCompile(want).MatchString(got) {
				t.Errorf("found %q, wants %s", got, want)
			}
		})
	}
}

// talkative is the manifest of a server that prints something, or "crashes" where a token
// is no text, or "crashes at logins", too.
func talkative(about string) *manifest.Manifest {
	m := subject.Reference()
	m.Dialects = manifest.Dialects{Form: m.Dialects.Form}
	m.Dialects.Form.Accounts.Full.Password = longPassword
	m.Subject = manifest.Subject{
		Command: []string{os.Args[0]}, Ready: m.Subject.Ready,
		Env: map[string]string{talkativePort: "${HTTP_PORT}", talkativeAbout: about},
	}
	return m
}

// TestACrashIsSeen: what a server printed when it crashed is in the report, also where
// only a row that SHOULD hold is broken, and the text says how to see it. What failed
// comes first.
func TestACrashIsSeen(t *testing.T) {
	t.Parallel()
	r, err := conformance.Run(t.Context(), talkative("crashes"), conformance.Options{Only: []string{"FRM-22"}, Unexamined: true})
	if err != nil {
		t.Fatal(err)
	}
	var text, log, row bytes.Buffer
	if err := errors.Join(r.WriteText(&text), r.WriteLog(&log), r.WriteRow(&row, "FRM-22")); err != nil {
		t.Fatal(err)
	}
	if v := r.Requirements[0].Verdict; v != report.Warn || !strings.Contains(text.String(), "dragoman report log report.json ") {
		t.Errorf("%s:\n%s", v, text.String())
	}
	if !strings.Contains(log.String(), "unhandled: a token is a text") {
		t.Errorf("the log is %q", log.String())
	}
	if first, failed := strings.Index(row.String(), "\npassed: "), strings.Index(row.String(), "\nfailed: "); failed < 0 || first < failed {
		t.Errorf("what passed comes first:\n%s", row.String())
	}
}

// TestACrashThatKeepsFromJudgingIsSeen, too.
func TestACrashThatKeepsFromJudgingIsSeen(t *testing.T) {
	t.Parallel()
	r, err := conformance.Run(t.Context(), talkative("crashes at logins"), conformance.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if r.Conclusion != report.EnvironmentError || !strings.Contains(r.Subject.Log, "unhandled: a token is a text") {
		t.Errorf("%s, %+v, the log is %q", r.Conclusion, r.Errors, r.Subject.Log)
	}
}

// TestTheDoctorTellsWhatWasPrinted where it finds a mistake, and names the request.
func TestTheDoctorTellsWhatWasPrinted(t *testing.T) {
	t.Parallel()
	m := talkative("crashes")
	m.Clock.Path = "/crash"
	found, err := conformance.Examine(t.Context(), m, conformance.Options{})
	if err != nil {
		t.Fatal(err)
	}
	said := ""
	for _, f := range found {
		said += f.String() + "\n"
	}
	if !regexp.MustCompile(`clock: the subject's clock was not moved: POST "http://\S+/crash" got no answer: .*\n`).MatchString(said) || !strings.Contains(said, `subject: it printed: "`) || !strings.Contains(said, "unhandled: a token is a text") {
		t.Errorf("found\n%s", said)
	}
}
