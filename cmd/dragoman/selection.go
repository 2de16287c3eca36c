package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/pflag"

	"github.com/dragoman-auth/dragoman/conformance"
	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/commandline"
)

// selection is what a run is to judge by, and how strictly and how often.
type selection struct {
	dialects, only        []string
	profile, requirements string
	strict, shuffle       bool
	repeat                int
	seed                  uint64
	pace                  map[string]int
}

func (c *selection) bind(f *pflag.FlagSet) {
	bindDialects(f, &c.dialects, "judge only this dialect")
	f.StringSliceVar(&c.only, "only", nil, "judge only the requirement with this id (`ROW`), as SES-09 (repeatable)")
	bindProfile(f, &c.profile)
	f.StringVar(&c.requirements, "requirements", "", "judge by the frozen rows of this `VERSION` of the suite, as 1.0")
	f.BoolVar(&c.strict, "strict", false, "let warnings and untestable rows make the server not conformant")
	f.IntVar(&c.repeat, "repeat", 1, "run each scenario `N` times, and report those whose outcomes differ")
	f.BoolVar(&c.shuffle, "shuffle", false, "run the scenarios in another order in each repetition, but for those that may lock an account")
	f.StringToIntVar(&c.pace, "pace", nil, "in place of the manifest's pace (`LIMIT=NUMBER`), as connections=2; limits are requests_per_second, logins_per_minute and connections (repeatable)")
	f.Lookup("pace").DefValue = ""
	f.Uint64Var(&c.seed, "seed", 1, "what --shuffle draws the order from (`NUMBER`); the same one gives the same order")
}

// bindProfile adds the flag for the levels of the rows that count.
func bindProfile(f *pflag.FlagSet, profile *string) {
	commandline.OneOf(f, profile, "profile", "extended", []string{"core", "extended"}, "core judges MUST rows only, extended SHOULD rows too (`PROFILE`)")
}

func (c *selection) options() (conformance.Options, error) {
	if c.repeat < 1 {
		return conformance.Options{}, errors.New("--repeat has to be positive")
	}
	o := conformance.Options{
		Dialects: c.dialects, Only: c.only, Profile: c.profile, Requirements: c.requirements,
		Strict: c.strict, Repeat: c.repeat, Shuffle: c.shuffle, Seed: c.seed,
	}
	if len(c.pace) == 0 {
		return o, nil
	}
	pace, err := paceOf(c.pace)
	o.Pace = &pace
	return o, err
}

// paceOf reads the pace of the command line.
func paceOf(given map[string]int) (pace manifest.Pace, err error) {
	for _, key := range slices.Sorted(maps.Keys(given)) { // the first mistake is always the same
		value := given[key]
		target := map[string]*int{
			"requests_per_second": &pace.RequestsPerSecond, "logins_per_minute": &pace.LoginsPerMinute, "connections": &pace.Connections,
		}[key]
		if target == nil || value < 1 {
			return pace, fmt.Errorf("--pace %s=%d: give requests_per_second, logins_per_minute or connections, and a positive number", key, value)
		}
		*target = value
	}
	return pace, nil
}
