package zoo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dragoman-auth/dragoman/conformance"
	"github.com/dragoman-auth/dragoman/conformance/report"
)

// crowds are how many scenarios of a server run at once, by turns.
var crowds = []int{4, 1, 16, 8}

// repeated judges a server once as it is usual, then more times, each in another order
// and with another number of scenarios at once. Whatever differs then is an error of the
// trial.
func (e entry) repeated(ctx context.Context, times int) Trial {
	started := time.Now()
	first := e.trial(ctx, oneByOne)
	for seed := 2; seed <= times && first.Report != nil; seed++ {
		o := conformance.Options{Workers: crowds[seed%len(crowds)], Shuffle: true, Seed: uint64(seed)}
		again := e.trial(ctx, o)
		if ctx.Err() != nil {
			first.Err = errors.Join(first.Err, fmt.Errorf("%s was judged %d of %d times: %w", e.name, seed-1, times, context.Cause(ctx)))
			break
		}
		var problems []error
		if again.Report != nil {
			problems = differences(first.Report, again.Report)
		} else if again.Untried != "" {
			problems = append(problems, errors.New(again.Untried))
		}
		if err := errors.Join(append(problems, again.Err)...); err != nil {
			err = fmt.Errorf("%s, shuffled by seed %d, %d scenarios at once: %w", e.name, seed, o.Workers, err)
			first.Err = errors.Join(first.Err, err)
		}
	}
	first.Took = time.Since(started)
	return first
}

// differences are the requirements of which two reports say different things.
func differences(first, again *report.Report) []error {
	said := map[string]report.Verdict{}
	for _, row := range first.Requirements {
		said[row.Dialect+" "+row.ID] = row.Verdict
	}
	var found []error
	for _, row := range again.Requirements {
		if before := said[row.Dialect+" "+row.ID]; before != row.Verdict {
			found = append(found, fmt.Errorf("%s of %s was %s, and is %s: %s", row.ID, row.Dialect, before, row.Verdict, row.Reason))
		}
	}
	if len(again.Requirements) != len(first.Requirements) {
		found = append(found, fmt.Errorf("%d requirements were judged, and %d are", len(first.Requirements), len(again.Requirements)))
	}
	return found
}
