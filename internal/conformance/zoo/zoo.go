package zoo

import (
	"fmt"
	"slices"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/form"
	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"
	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/rpc"
	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/scoped"
	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/session"
	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/wire"
	"github.com/dragoman-auth/dragoman/internal/humanize"
)

// Mutants are all of them, by dialect. The slice is fresh on every call.
func Mutants() []mutation.Mutant {
	return slices.Concat(session.Mutants(), form.Mutants(), rpc.Mutants(), scoped.Mutants())
}

// Variants are all of them. The slice is fresh on every call.
func Variants() []mutation.Variant {
	return slices.Concat(wire.Variants(), session.Variants(), form.Variants(), rpc.Variants(), scoped.Variants())
}

// Kind is what a server of the zoo is there for.
type Kind string

// The kinds.
const (
	KindReference Kind = "reference" // unchanged; the suite passes it
	KindMutant    Kind = "mutant"    // wrong; the suite fails it for its own reasons
	KindVariant   Kind = "variant"   // different; the suite passes it
)

// KindNames are all kinds. The slice is fresh on every call.
func KindNames() []string {
	return []string{string(KindReference), string(KindMutant), string(KindVariant)}
}

// entry is any server of the zoo.
type entry struct {
	kind     Kind
	name     string
	dialects []string
	breaks   []string // the rows that a mutant breaks
	only     []string // the rows that judge it; none means all
	change   func(*mutation.Server)
	check    func(*report.Report) error
}

// entries are all servers: the reference, the mutants, the variants.
func entries() []entry {
	all := []entry{different(KindReference, mutation.Variant{Name: "reference", Change: func(*mutation.Server) {}})}
	for _, m := range Mutants() {
		all = append(all, entry{
			kind: KindMutant, name: m.Name, dialects: []string{m.Dialect()}, breaks: m.Breaks, change: m.Change,
			check: func(r *report.Report) error { return killed(m, r) },
		})
	}
	for _, v := range Variants() {
		all = append(all, different(KindVariant, v))
	}
	return all
}

// surrounded are the variants of each dialect in each surrounding, which are those of all
// dialects. The policy of either is one of both.
func surrounded() []entry {
	var all []entry
	for _, v := range Variants() {
		if len(v.Dialects) == 0 {
			continue
		}
		for _, around := range wire.Variants() {
			all = append(all, different(KindVariant, mutation.Variant{
				Name: v.Name + " in " + around.Name, Dialects: v.Dialects, Policy: both(v.Policy, around.Policy), HidesAlone: both(v.HidesAlone, around.HidesAlone),
				Change: func(s *mutation.Server) {
					v.Change(s)
					around.Change(s)
				},
			}))
		}
	}
	return all
}

// both are the rows of two lists; nil where there is none: a policy without rows is more
// than no policy.
func both(one, other []string) []string {
	if one == nil && other == nil {
		return nil
	}
	return append(append([]string{}, one...), other...)
}

// different is the entry of a server that has to pass.
func different(kind Kind, v mutation.Variant) entry {
	dialects := v.Dialects
	if len(dialects) == 0 {
		dialects = manifest.DialectNames()
	}
	return entry{
		kind: kind, name: v.Name, dialects: dialects, change: v.Change,
		check: func(r *report.Report) error { return passes(v, r) },
	}
}

// find looks an entry up by its name.
func find(name string) (entry, error) {
	all := entries()
	i := slices.IndexFunc(all, func(e entry) bool { return e.name == name })
	if i < 0 {
		names := make([]string, len(all))
		for j, e := range all {
			names[j] = e.name
		}
		return entry{}, fmt.Errorf("there is no mutant and no variant %q%s", name, humanize.DidYouMean(name, names))
	}
	return all[i], nil
}
