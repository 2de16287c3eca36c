package evidence_test

import (
	"slices"
	"testing"

	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
)

// TestSightings: a secret is seen however a log writes it, in the line where it stands
// first, and what may be somebody else's word is not.
func TestSightings(t *testing.T) {
	t.Parallel()
	password := evidence.Sighting{Kind: "password", Name: "password-1"}
	for name, test := range map[string]struct {
		secret, log string
		line        int // 0: it is not seen
	}{
		"as it is":       {"fee9-lorry-otter-31", "one\nthe password is fee9-lorry-otter-31\n", 2},
		"twice":          {"fee9-lorry-otter-31", "fee9-lorry-otter-31\n\nfee9-lorry-otter-31", 1},
		"in a URL":       {"fee9 lorry/otter+31", "one\nGET /?p=fee9+lorry%2Fotter%2B31\n", 2},
		"in a path":      {"fee9 lorry otter 31", "GET /fee9%20lorry%20otter%2031\n", 1},
		"in JSON":        {`fee9-"lorry"\otter-31`, "one\n{\"p\":\"fee9-\\\"lorry\\\"\\\\otter-31\"}", 2},
		"in ASCII JSON":  {"fee9-lörry-otter-31", `{"p":"fee9-l\u00f6rry-otter-31"}`, 1},
		"in HTML":        {"fee9-<lorry>-otter-31", "<p>fee9-&lt;lorry&gt;-otter-31", 1},
		"escaped first":  {"fee9 lorry otter 31", "fee9+lorry+otter+31\nfee9 lorry otter 31", 1},
		"not there":      {"fee9-lorry-otter-31", "fee9-lorry-otter-32", 0},
		"a usual word":   {"password", "no password was given", 0},
		"short":          {"fee9", "fee9", 0},
		"nothing at all": {"fee9-lorry-otter-31", "", 0},
	} {
		var secrets evidence.Secrets
		secrets.Add("password", test.secret)
		var want []evidence.Sighting
		if password.Line = test.line; test.line > 0 {
			want = []evidence.Sighting{password}
		}
		if got := secrets.Sightings(test.log); !slices.Equal(got, want) {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
	}
}

// TestSightingsOfMany: each of several secrets is seen where it stands first, also where
// they begin alike, stand one in another, or nearly.
func TestSightingsOfMany(t *testing.T) {
	t.Parallel()
	var secrets evidence.Secrets
	for _, value := range []string{"fee9-lorry-otter-31", "fee9-lorry-otter-31-again", "lorry-otter-31-ag", "never-printed-44"} {
		secrets.Add("password", value)
	}
	got := secrets.Sightings("one\nfee9-lorry-otter-3 fee9-lorry-otter-31-ag\nfee9-lorry-otter-31-again\nlorry-otter-31-ag")
	want := []evidence.Sighting{
		{Kind: "password", Name: "password-1", Line: 2}, {Kind: "password", Name: "password-3", Line: 2},
		{Kind: "password", Name: "password-2", Line: 3},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
