package scoped_test

import (
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/conformance/steps/stepstest"
)

func scopedManifest() *manifest.Manifest {
	return &manifest.Manifest{
		Clock: &manifest.Clock{},
		Dialects: manifest.Dialects{Scoped: &manifest.Scoped{
			Prefix: scopedPrefix, Auth: "/auth/token", Tokens: "/tokens", Methods: "/methods", Wildcard: true,
			Accounts: manifest.LoginAccounts{
				Full:    manifest.LoginAccount{Login: scopedLogin, Password: scopedPassword},
				Limited: &manifest.LoginAccount{Login: "limited", Password: "limited"},
			},
			Resources: manifest.Resources{
				List: "/objects", Item: "/objects/42", Below: "/objects/42/packets", Other: "/geofences",
				Write: "POST", WriteBody: `{"name":"dragoman"}`,
			},
			DefaultLife: 24 * time.Hour,
			Throttle:    &manifest.Throttle{Attempts: 10, Wait: 30 * time.Second},
		}},
	}
}

func TestScopedRight(t *testing.T) {
	t.Parallel()
	clock := &stepstest.Clock{}
	j := stepstest.JudgeOverTCP(t, "scoped", stepstest.All, newScopedOffice(clock, ""), clock, scopedManifest())
	stepstest.ExpectRed(t, j, "")
	if rows := len(j.Ran); rows != 43 {
		t.Errorf("expected 43 rows to be judged, got %d: %v", rows, j.Ran)
	}
}

func TestScopedFaults(t *testing.T) {
	t.Parallel()
	for _, f := range stepstest.Sample([]fault{
		{"names no user", "SCP-01"},
		{"counts in seconds", "SCP-01 SCP-02 SCP-03 SCP-04 SCP-07 SCP-13"},
		{"lets tokens live two days", "SCP-02"},
		{"takes minutes for seconds", "SCP-03"},
		{"has years of 360 days", "SCP-04"},
		{"needs no token", "SCP-06 SCP-30"},
		{"answers missing tokens with 403", "SCP-06"},
		{"lets expired tokens in", "SCP-07"},
		{"answers expired tokens with 403", "SCP-07"},
		{"ends tokens early", "SCP-07"},
		{"ends tokens two seconds late", "SCP-07"},
		{"takes an empty password", "SCP-23"},
		{"compares the front of paths", "SCP-08 SCP-18"},
		{"ignores methods in scopes", "SCP-09 SCP-18"},
		{"lets a parameter swallow the rest", "SCP-10"},
		{"knows one parameter", "SCP-10"},
		{"knows no prefix in scopes", "SCP-11"},
		{"lets whole tokens read only", "SCP-12"},
		{"lists no ends", "SCP-13"},
		{"lists no scopes", "SCP-13"},
		{"lists token values", "SCP-14"},
		{"lists signatures", "SCP-14"},
		{"answers a revocation with the token", "SCP-14"},
		{"issues for a day only", "SCP-15 SCP-25"},
		{"issues without scopes", "SCP-13 SCP-15 SCP-25"},
		{"wants a name", "SCP-16"},
		{"lets everybody issue", "SCP-17"},
		{"issues more than it has", "SCP-18"},
		{"says that it changes", "SCP-19"},
		{"changes names", "SCP-19"},
		{"changes scopes", "SCP-19"},
		{"only hides revoked tokens", "SCP-20 SCP-31"},
		{"lists revoked tokens", "SCP-21"},
		{"revokes all tokens", "SCP-21"},
		{"revokes what it does not know", "SCP-22"},
		{"takes any password", "SCP-23 SCP-24 SEC-03"},
		{"puts a token into refusals", "SCP-23"},
		{"answers wrong passwords with 400", "SCP-24"},
		{"takes any life", "SCP-25"},
		{"takes any scope", "SCP-25"},
		{"forgets a method", "SCP-26"},
		{"grants access only below a star", "SCP-27"},
		{"decodes paths late", "SCP-28"},
		{"cleans paths late", "SCP-28"},
		{"lets replies be stored", "SCP-29"},
		{"believes alg none", "SCP-30"},
		{"checks the signature of nothing", "SCP-06 SCP-30"},
		{"signs with an empty key", "SCP-30"},
		{"answers revoked tokens with 403", "SCP-31"},
		{"breaks at malformed bodies", "SCP-32"},
		{"answers lack of rights with 401", "SCP-33"},
		{"reads tokens from the query", "SEC-02"},
		{"throttles nobody", "SEC-03 SEC-10"},
		{"repeats the password", "SEC-04"},
		{"takes any header", "SEC-06"},
		{"takes any body", "SEC-06"},
		{"logs in by PUT", "SEC-07"},
	}...) {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			clock := &stepstest.Clock{}
			stepstest.ExpectRed(t, stepstest.Judge(t, "scoped", stepstest.Only(f.rows), newScopedOffice(clock, f.name), clock, scopedManifest()), f.rows)
		})
	}
}

// fault is a way of breaking requirements: the rows that it turns red, separated
// by blanks, which no other row may join.
type fault struct{ name, rows string }
