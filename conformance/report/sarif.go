package report

import (
	"fmt"
	"io"
)

// The parts of SARIF 2.1.0 that are written.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool struct {
			Driver sarifDriver `json:"driver"`
		} `json:"tool"`
		Results []sarifResult `json:"results"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version"`
		URI     string      `json:"informationUri"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID          string    `json:"id"`
		Description sarifText `json:"shortDescription"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		Rule         string            `json:"ruleId"`
		Level        string            `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations"`
		Fingerprints map[string]string `json:"partialFingerprints"`
	}
	sarifLocation struct {
		Physical struct {
			Artifact struct {
				URI string `json:"uri"`
			} `json:"artifactLocation"`
			Region struct {
				StartLine int `json:"startLine"`
			} `json:"region"`
		} `json:"physicalLocation"`
	}
)

// problem is a requirement that is broken, as a tool for code shows it.
type problem struct {
	*Requirement
	severe  bool
	message string
}

// problems are the requirements that are broken and not known to be.
func (r *Report) problems() []problem {
	var found []problem
	for i := range r.Requirements {
		row := &r.Requirements[i]
		if row.Verdict != Fail && row.Verdict != Warn {
			continue
		}
		p := problem{Requirement: row, severe: row.Verdict == Fail, message: oneLine(row.Statement)}
		for j := range row.Scenarios {
			if s := &row.Scenarios[j]; s.Outcome == Failed {
				expected, got := s.ExpectedAndGot()
				p.message += fmt.Sprintf(" Expected %s; got %s.", expected, got)
				break
			}
		}
		found = append(found, p)
	}
	return found
}

// key tells a problem again in a later run.
func (p problem) key() string { return p.Dialect + "/" + p.ID }

// WriteSARIF writes what is broken as SARIF 2.1.0, for code scanning. Manifest is
// the file that the results are shown at, by its path from the root of the
// repository: the fault itself is in a server whose source nobody has named.
func (r *Report) WriteSARIF(w io.Writer, manifest string) error {
	run := sarifRun{Results: []sarifResult{}}
	driver := &run.Tool.Driver
	driver.Name, driver.Version, driver.URI = "dragoman", r.Suite.Version, "https://github.com/dragoman-auth/dragoman"
	driver.Rules = []sarifRule{}
	for _, p := range r.problems() {
		driver.Rules = append(driver.Rules, sarifRule{ID: p.key(), Description: sarifText{oneLine(p.Statement)}})
		result := sarifResult{Rule: p.key(), Level: "warning", Message: sarifText{p.message}, Fingerprints: map[string]string{"requirement/v1": p.key()}}
		if p.severe {
			result.Level = "error"
		}
		var at sarifLocation
		at.Physical.Artifact.URI, at.Physical.Region.StartLine = manifest, 1
		result.Locations = []sarifLocation{at}
		run.Results = append(run.Results, result)
	}
	log := sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}}
	return writeIndented(w, log)
}

// writeIndented writes JSON as the other formats do.
func writeIndented(w io.Writer, value any) error {
	encoder := newEncoder(w)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}
