package main

import (
	"errors"

	"github.com/spf13/pflag"

	"github.com/dragoman-auth/dragoman/conformance"
)

// choice is what a run is to judge by, and how strictly and how often.
type choice struct {
	dialects, only        []string
	profile, requirements string
	strict, shuffle       bool
	repeat                int
	seed                  uint64
}

func (c *choice) bind(f *pflag.FlagSet) {
	bindDialects(f, &c.dialects, "judge only this dialect")
	f.StringSliceVar(&c.only, "only", nil, "judge only the requirement with this id, as SES-09 (repeatable)")
	f.StringVar(&c.profile, "profile", "extended", `"core" judges MUST rows only, "extended" SHOULD rows too`)
	f.StringVar(&c.requirements, "requirements", "", `judge by the frozen rows of this version of the suite, as "1.0"`)
	f.BoolVar(&c.strict, "strict", false, "let warnings and untestable rows make the server not conformant")
	f.IntVar(&c.repeat, "repeat", 1, "run each scenario so many times, and report those whose outcomes differ")
	f.BoolVar(&c.shuffle, "shuffle", false, "run the scenarios in another order in each repetition")
	f.Uint64Var(&c.seed, "seed", 1, "what --shuffle draws the order from; the same seed gives the same order")
}

func (c *choice) options() (conformance.Options, error) {
	if c.repeat < 1 {
		return conformance.Options{}, errors.New("--repeat has to be positive")
	}
	return conformance.Options{
		Dialects: c.dialects, Only: c.only, Profile: c.profile, Requirements: c.requirements,
		Strict: c.strict, Repeat: c.repeat, Shuffle: c.shuffle, Seed: c.seed,
	}, nil
}
