package form_test

import (
	"slices"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/conformance/catalogue"
	"github.com/dragoman-auth/dragoman/internal/conformance/steps/stepstest"
)

func formManifest() *manifest.Manifest {
	return &manifest.Manifest{
		Clock: &manifest.Clock{},
		Dialects: manifest.Dialects{Form: &manifest.Form{
			Login: "/login", Protected: "/items",
			Accounts: manifest.LoginAccounts{Full: manifest.LoginAccount{Login: formLogin, Password: formPassword}},
			Throttle: &manifest.Throttle{Attempts: 10, Wait: 30 * time.Second},
		}},
	}
}

func TestFormRight(t *testing.T) {
	t.Parallel()
	clock := &stepstest.Clock{}
	j := stepstest.JudgeOverTCP(t, "form", stepstest.All, newFormOffice(clock, ""), clock, formManifest())
	stepstest.ExpectRed(t, j, "")
	if rows := len(j.Ran); rows != 33 {
		t.Errorf("expected 33 rows to be judged, got %d: %v", rows, j.Ran)
	}
}

func aboutEnds(_ string, s *catalogue.Scenario) bool {
	return slices.Contains(s.Needs, manifest.ClockControl)
}

// TestFormEndsAsAnnounced: validTo may be off by up to a minute, and what it
// says is when the token ends.
func TestFormEndsAsAnnounced(t *testing.T) {
	t.Parallel()
	clock := &stepstest.Clock{}
	office := newFormOffice(clock, "right: ends 50 seconds early, and says so")
	stepstest.ExpectRed(t, stepstest.Judge(t, "form", aboutEnds, office, clock, formManifest()), "")
}

func TestFormFaults(t *testing.T) {
	t.Parallel()
	for _, f := range stepstest.Sample([]fault{
		{"names no end", "FRM-01 FRM-02 FRM-03 FRM-08 FRM-11"},
		{"names the end in words", "FRM-01 FRM-02 FRM-03 FRM-11"},
		{"names no user", "FRM-01 FRM-11 FRM-20"},
		{"promises 25 hours", "FRM-02 FRM-11"},
		{"knows no long token", "FRM-03 FRM-11 FRM-12"},
		{"takes JSON", "FRM-04"},
		{"rejects all tokens", "FRM-05 FRM-06 FRM-07 FRM-12 FRM-15 FRM-16 FRM-21 FRM-23 SEC-02 SEC-08"},
		{"needs no token", "FRM-06 FRM-07 FRM-15 FRM-16"},
		{"compares the back of tokens", "FRM-06 FRM-07 FRM-10"},
		{"answers missing tokens with 403", "FRM-07"},
		{"writes validTo otherwise at GET", "FRM-08"},
		{"shows expired tokens", "FRM-09"},
		{"calls expired tokens unauthorized", "FRM-09"},
		{"calls unknown tokens unauthorized", "FRM-10"},
		{"adds a day to the end", "FRM-11"},
		{"never shortens", "FRM-11"},
		{"extends by a day at most", "FRM-11 FRM-12"},
		{"refuses extensions", "FRM-11 FRM-12 FRM-13 FRM-15 FRM-21 SEC-05"},
		{"extends in words only", "FRM-12"},
		{"extends expired tokens", "FRM-13"},
		{"answers a deletion with 200", "FRM-14"},
		{"deletes nothing", "FRM-15"},
		{"accepts deleted tokens", "FRM-15"},
		{"calls deleted tokens gone", "FRM-15"},
		{"extends deleted tokens", "FRM-15"},
		{"lets tokens live a day longer", "FRM-09 FRM-13 FRM-16"},
		{"lets tokens live an hour", "FRM-11 FRM-12 FRM-16"},
		{"lets long tokens die after a day", "FRM-12 FRM-16"},
		{"takes any password", "FRM-17 FRM-18 FRM-19 SEC-03 SEC-10"},
		{"puts a token into refusals", "FRM-17"},
		{"answers wrong passwords with 200", "FRM-17 FRM-18"},
		{"answers wrong passwords with 403", "FRM-18"},
		{"lets tokens live on while they are used", "FRM-08 FRM-09 FRM-12 FRM-16"},
		{"reads the front of a password", "FRM-17"},
		{"ignores letter case", "FRM-17"},
		{"ends two seconds late", "FRM-09 FRM-13 FRM-16"},
		{"ends three seconds early", "FRM-11 FRM-12 FRM-16"},
		{"names unknown accounts", "FRM-19"},
		{"names another user", "FRM-20"},
		{"lets replies be stored", "FRM-21"},
		{"lets items be stored", "FRM-21"},
		{"wants no password", "FRM-17 FRM-22"},
		{"takes the last of repeated fields", "FRM-22"},
		{"breaks at malformed forms", "FRM-22"},
		{"takes any body", "FRM-22 SEC-06"},
		{"has one token per user", "FRM-23 SEC-01"},
		{"deletes all tokens", "FRM-23"},
		{"logs in by the query", "FRM-24"},
		{"logs in by the query of a GET", "FRM-24"},
		{"counts its tokens", "SEC-01"},
		{"reads tokens from the query", "SEC-02"},
		{"throttles nobody", "SEC-03 SEC-10"},
		{"repeats the password", "SEC-04"},
		{"takes any header", "SEC-06"},
		{"takes PATCH for PUT", "SEC-07"},
	}...) {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			clock := &stepstest.Clock{}
			j := stepstest.Judge(t, "form", stepstest.HeavyBut(f.rows), newFormOffice(clock, f.name), clock, formManifest())
			stepstest.ExpectRed(t, j, f.rows)
		})
	}
}

// fault is a way of breaking requirements: the rows that it turns red, separated
// by blanks, which no other row may join.
type fault struct{ name, rows string }
