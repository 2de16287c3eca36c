package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/dragoman-auth/dragoman/internal/humanize"
)

// What is wrong with a report file.
var (
	ErrUnsigned  = errors.New("the report is not signed")
	ErrSignature = errors.New("the signature is wrong")
	ErrCounts    = errors.New("the report contradicts itself")
)

// Parse reads a report that WriteJSON wrote. It does not say whether it is to
// be believed; Check does.
func Parse(file []byte) (*Report, error) {
	var r Report
	if err := json.Unmarshal(file, &r); err != nil {
		return nil, fmt.Errorf("read report: %w", err)
	}
	if r.Schema != SchemaVersion {
		return nil, fmt.Errorf("read report: its schema is %d, and this program reads %d", r.Schema, SchemaVersion)
	}
	return &r, nil
}

// Check reads a report and proves, without any network, that it is what was
// signed, to the byte, and that its counts, verdicts and conclusion agree with
// each other. Whose key signed it is for the caller to compare. The report
// comes also with an error, where it could be read. Errors are ErrUnsigned,
// ErrSignature and ErrCounts.
func Check(file []byte) (*Report, error) {
	r, err := Parse(file)
	if err != nil {
		return nil, err
	}
	return r, errors.Join(checkSignature(file, r.Signature), r.agrees())
}

// agrees checks what Close has promised.
func (r *Report) agrees() error {
	counts := r.count()
	sum := 0
	for _, n := range r.Counts {
		sum += n
	}
	switch {
	case !maps.Equal(counts, r.Counts):
		return fmt.Errorf("%w: its counts are %v, and its rows say %v", ErrCounts, r.Counts, counts)
	case len(r.Requirements) != r.Planned || sum != r.Planned:
		return fmt.Errorf("%w: %s planned, %d reported, %d counted", ErrCounts, humanize.Count(r.Planned, "requirement"), len(r.Requirements), sum)
	case r.conclude() != r.Conclusion:
		return fmt.Errorf("%w: it concludes %s, and its rows say %s", ErrCounts, r.Conclusion, r.conclude())
	}
	seen := map[string]bool{}
	for _, row := range r.Requirements {
		key := row.Dialect + " " + row.ID
		if seen[key] {
			return fmt.Errorf("%w: %s stands twice", ErrCounts, key)
		}
		seen[key] = true
		if err := row.agrees(); err != nil {
			return err
		}
	}
	return nil
}

// agrees holds a verdict against the scenarios under it.
func (r *Requirement) agrees() error {
	has := func(o Outcome) bool {
		return slices.ContainsFunc(r.Scenarios, func(s Scenario) bool { return s.Outcome == o })
	}
	fine := true
	switch r.Verdict {
	case Pass:
		fine = has(Passed) && !has(Failed) && !has(Unproven) && !has(HarnessFailed)
	case Fail, Warn, KnownDeviation:
		fine = has(Failed)
	case NotApplicable:
		fine = !has(Passed) && !has(Failed)
	case Untestable:
		fine = !has(Failed)
	}
	if !fine {
		return fmt.Errorf("%w: %s %s is %s, and its scenarios say otherwise", ErrCounts, r.Dialect, r.ID, r.Verdict)
	}
	return nil
}
