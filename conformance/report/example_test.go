package report_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/dragoman-auth/dragoman/conformance/report"
)

// oneRow is a report of one requirement.
func oneRow(verdict report.Verdict, outcome report.Outcome) *report.Report {
	r := &report.Report{
		Subject: report.Subject{Name: "my server", Kind: "url"}, Planned: 1, Errors: []report.Error{},
		Requirements: []report.Requirement{{
			ID: "FRM-05", Dialect: "form", Level: "MUST", Basis: "doc", Statement: "The token grants access to a protected resource.",
			Verdict: verdict, Scenarios: []report.Scenario{{Name: "The token grants access to it", Place: "form/access.feature:5", Outcome: outcome}},
		}},
	}
	r.Close(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	return r
}

// Say what changed between two runs.
func ExampleWriteDiff() {
	before, after := oneRow(report.Pass, report.Passed), oneRow(report.Fail, report.Failed)
	if err := report.WriteDiff(os.Stdout, before, after); err != nil {
		fmt.Println(err)
	}
	fmt.Println("regressed:", report.Regressed(before, after))
	// Output:
	// worse   form     FRM-05  MUST    pass -> fail
	// 1 of 1 requirement changed
	// conclusion: conformant -> non-conformant
	// regressed: true
}

// Sign a report, and notice that it was edited.
func ExampleCheck() {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)) // from ParsePrivateKey, in earnest
	r := oneRow(report.Fail, report.Failed)
	if err := r.Sign(key); err != nil {
		fmt.Println(err)
		return
	}
	var file bytes.Buffer
	if err := r.WriteJSON(&file); err != nil {
		fmt.Println(err)
		return
	}
	_, err := report.Check(file.Bytes())
	fmt.Println("as it was signed:", err)

	edited := bytes.Replace(file.Bytes(), []byte(`"conclusion": "non-conformant"`), []byte(`"conclusion": "conformant"`), 1)
	_, err = report.Check(edited)
	fmt.Println("edited:", errors.Is(err, report.ErrSignature), errors.Is(err, report.ErrCounts))
	// Output:
	// as it was signed: <nil>
	// edited: true true
}
