package mutation

import "strings"

// Mutant is a server that is wrong on purpose: one plausible mistake.
type Mutant struct {
	// Name is unique: the dialect and a few words, as "session/late-expiry".
	Name string
	// Breaks are the requirements that the mistake breaks, and all of them: the
	// suite must find each of these and nothing else.
	Breaks []string
	// Hides are requirements that cannot be judged because of the mistake. Any
	// other that is not judged is an error, unless it is blocked by a requirement
	// that the mistake breaks.
	Hides []string
	// Why says in one sentence how a server comes to be like this.
	Why string
	// Change makes the mistake.
	Change func(*Server)
}

// Dialect is the one in which the mutant is judged.
func (m Mutant) Dialect() string {
	dialect, _, _ := strings.Cut(m.Name, "/")
	return dialect
}

// Variant is a server that is right, and different from the reference in
// something that no requirement is about or that its manifest declares.
type Variant struct {
	// Name is unique.
	Name string
	// Differs says in one sentence what is different.
	Differs string
	// Dialects in which it is judged; empty is all.
	Dialects []string
	// Policy are requirements that a policy of the server breaks by itself, nil
	// for none. They may be red and others untestable; no other may be red.
	Policy []string
	// HidesAlone are requirements that are untestable where one dialect alone is judged.
	HidesAlone []string
	// Change makes the difference.
	Change func(*Server)
}
