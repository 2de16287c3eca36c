package report_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/conformance/report"
)

func sampleKey() ed25519.PrivateKey { return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32)) }

// signedSample is a signed report as a file, with verdicts that agree.
func signedSample(t *testing.T) []byte {
	t.Helper()
	r := sample()
	for i := range r.Requirements {
		r.Requirements[i].Basis = "doc"
	}
	r.Manifest = "00000000000000000000000000000000000000000000000000000000000000ff"
	return signed(t, r)
}

func signed(t *testing.T, r *report.Report) []byte {
	t.Helper()
	if err := r.Sign(sampleKey()); err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := r.WriteJSON(&file); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestSignedReport(t *testing.T) {
	t.Parallel()
	file := signedSample(t)
	r, err := report.Check(file)
	if err != nil {
		t.Fatal(err)
	}
	if r.Conclusion != report.HarnessError || r.Signature == nil {
		t.Errorf("it was read as %+v", r)
	}
	// Every byte counts, also those of the signature itself.
	for i := range file {
		edited := bytes.Clone(file)
		edited[i] ^= 1 + byte(i%2)*0x1f // another character, or the other case
		if _, err := report.Check(edited); err == nil {
			t.Fatalf("byte %d may be changed: %q", i, edited[max(0, i-30):min(len(edited), i+30)])
		}
	}
	for name, edited := range map[string][]byte{
		"a byte less":      file[:len(file)-1],
		"a byte more":      append(bytes.Clone(file), ' '),
		"a byte in front":  append([]byte("\n"), file...),
		"another report":   append(bytes.Clone(file), file...),
		"indented anew":    indented(t, file),
		"without its end":  file[:len(file)/2],
		"two signatures":   bytes.Replace(file, []byte(",\n  \"signature\""), []byte(",\n  \"signature\": {},\n  \"signature\""), 1),
		"a second verdict": bytes.Replace(file, []byte(`"value":`), []byte(`"value": "", "value":`), 1),
	} {
		if _, err := report.Check(edited); err == nil {
			t.Errorf("%s: it is taken for genuine", name)
		}
	}
}

// TestReportsBeforeFindings reads a signed report that was written before
// reports had findings.
func TestReportsBeforeFindings(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile(filepath.Join("testdata", "before-findings.json"))
	if err != nil {
		t.Fatal(err)
	}
	old, err := report.Check(file)
	if err != nil || old.Findings != nil {
		t.Fatalf("it has %v (%v)", old.Findings, err)
	}
	if err := reportSchema(t).Validate(members(t, file)); err != nil {
		t.Errorf("it does not fit the schema: %v", err)
	}
	var difference bytes.Buffer
	if err := report.WriteDiff(&difference, old, sample()); err != nil || !strings.Contains(difference.String(), "0 of 7 requirements changed\nconclusion: harness-error, as before\n") {
		t.Errorf("compared with a new one: %v\n%s", err, difference.String())
	}
	var again bytes.Buffer
	if err := old.WriteJSON(&again); err != nil || !bytes.Equal(again.Bytes(), file) {
		t.Errorf("written again it is another:\n%s", again.String())
	}
}

// TestSignatureCoversFindings: findings cannot be changed or taken away.
func TestSignatureCoversFindings(t *testing.T) {
	t.Parallel()
	file := signedSample(t)
	start, end := bytes.Index(file, []byte(`  "findings": [`)), bytes.Index(file, []byte(`  "started": `))
	if start < 0 || end < start {
		t.Fatalf("there are no findings:\n%s", file)
	}
	for name, edited := range map[string][]byte{
		"without findings": slices.Concat(file[:start], file[end:]),
		"a milder one":     bytes.Replace(file, []byte(`"severity": "fatal"`), []byte(`"severity": "note"`), 1),
	} {
		if _, err := report.Check(edited); !errors.Is(err, report.ErrSignature) || bytes.Equal(edited, file) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func indented(t *testing.T, file []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := json.Indent(&out, file, "", "\t"); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestContradictions are reports that were changed before they were signed.
func TestContradictions(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*report.Report){
		"a changed count":    func(r *report.Report) { r.Counts[report.Pass]++ },
		"a missing count":    func(r *report.Report) { delete(r.Counts, report.Pass) },
		"counts that add up": func(r *report.Report) { r.Counts[report.Pass]++; r.Counts[report.Fail]-- },
		"a missing row":      func(r *report.Report) { r.Requirements = r.Requirements[1:] },
		"one row twice":      func(r *report.Report) { r.Requirements[6] = r.Requirements[4] },
		"another plan":       func(r *report.Report) { r.Planned++ },
		"another conclusion": func(r *report.Report) { r.Conclusion = report.Conformant },
		"no error":           func(r *report.Report) { r.Errors = nil },
		"a pass that failed": func(r *report.Report) {
			r.Requirements[1].Verdict = report.Pass
			r.Counts[report.Pass]++
			r.Counts[report.Fail]--
		},
		"a pass of nothing":    func(r *report.Report) { r.Requirements[0].Scenarios = nil },
		"a failure that is no": func(r *report.Report) { r.Requirements[1].Scenarios = r.Requirements[1].Scenarios[:1] },
	} {
		r := sample()
		change(r)
		if _, err := report.Check(signed(t, r)); !errors.Is(err, report.ErrCounts) || errors.Is(err, report.ErrSignature) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestUnsignedReport(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	if err := sample().WriteJSON(&file); err != nil {
		t.Fatal(err)
	}
	if r, err := report.Check(file.Bytes()); !errors.Is(err, report.ErrUnsigned) || r == nil {
		t.Errorf("got %v", err)
	}
	for name, text := range map[string]string{"no JSON": "{", "another schema": `{"schema":2}`, "no report": `[]`} {
		if r, err := report.Check([]byte(text)); err == nil || r != nil {
			t.Errorf("%s: got %v, %v", name, r, err)
		}
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	private, public, err := report.NewKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	key, err := report.ParsePrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	name, err := report.ParsePublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	r := sample()
	if err := r.Sign(key); err != nil || r.Signature.PublicKey != name {
		t.Errorf("got %v, %v", r.Signature, err)
	}
	if _, err := report.ParsePrivateKey(public); err == nil {
		t.Error("a public key is taken for a private one")
	}
	if _, err := report.ParsePublicKey(private); err == nil {
		t.Error("a private key is taken for a public one")
	}
	if _, err := report.ParsePrivateKey([]byte("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")); err == nil {
		t.Error("four letters are taken for a key")
	}
}

// TestPlanIsAsserted wants a report in which rows were lost to say so itself.
func TestPlanIsAsserted(t *testing.T) {
	t.Parallel()
	r := sample()
	r.Errors, r.Requirements = nil, r.Requirements[:5]
	r.Close(time.Time{})
	if r.Conclusion != report.HarnessError || r.Conclusion.ExitCode() != 4 || len(r.Errors) != 1 ||
		r.Errors[0].Text != "7 requirements planned, 5 reported, 5 with a verdict" {
		t.Errorf("got %s, %v", r.Conclusion, r.Errors)
	}
}

func FuzzCheck(f *testing.F) {
	var file bytes.Buffer
	r := sample()
	if err := errors.Join(r.Sign(sampleKey()), r.WriteJSON(&file)); err != nil {
		f.Fatal(err)
	}
	genuine, name := file.Bytes(), r.Signature.PublicKey
	f.Add(genuine)
	f.Add([]byte(`{"schema":1,"signature":{}}`))
	f.Fuzz(func(t *testing.T, edited []byte) {
		if r, err := report.Check(edited); err == nil && r.Signature.PublicKey == name && !bytes.Equal(edited, genuine) {
			t.Errorf("a report that was never signed is taken for genuine:\n%s", edited)
		}
	})
}
