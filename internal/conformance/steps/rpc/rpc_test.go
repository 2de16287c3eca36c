package rpc_test

import (
	"slices"
	"testing"
	"time"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/conformance/catalogue"
	"github.com/dragoman-auth/dragoman/internal/conformance/steps/stepstest"
)

func rpcManifest() *manifest.Manifest {
	return &manifest.Manifest{
		Clock:     &manifest.Clock{},
		PublicKey: &manifest.PublicKey{File: "testdata/public.pem"},
		Dialects: manifest.Dialects{RPC: &manifest.RPC{
			HTTP: &manifest.RPCOverHTTP{Path: "/grpc"}, GRPC: &manifest.RPCOverGRPC{},
			Accounts:  manifest.LoginAccounts{Full: manifest.LoginAccount{Login: rpcLogin, Password: rpcPassword}},
			Protected: rpcGuarded, V2Names: true,
			Throttle: &manifest.Throttle{Attempts: 10, Wait: 30 * time.Second},
		}},
	}
}

// declared leaves out the rows that need what the office does not declare; the zoo and
// the Node server of the examples are judged by them.
func declared(row string, s *catalogue.Scenario) bool {
	return stepstest.But("RPC-26 RPC-27 RPC-28 RPC-29 RPC-30 RPC-31")(row, s) && !slices.Contains(s.Needs, manifest.REST)
}

func TestRPCRight(t *testing.T) {
	t.Parallel()
	clock := &stepstest.Clock{}
	j := stepstest.JudgeOverTCP(t, "rpc", declared, newRPCOffice(clock, ""), clock, rpcManifest())
	stepstest.ExpectRed(t, j, "")
	if rows := len(j.Ran); rows != 34 {
		t.Errorf("expected 34 rows to be judged, got %d: %v", rows, j.Ran)
	}
}

// Most faults stand on one transport alone, so that the other cannot be what
// turns the row red. That they turn nothing else red, the zoo shows.
func TestRPCFaults(t *testing.T) {
	t.Parallel()
	for _, f := range stepstest.Sample([]fault{
		{"HTTP answers without user_id", "RPC-01 RPC-05 RPC-07 RPC-19"},
		{"HTTP needs no Basic", "RPC-02 RPC-03 RPC-24"},
		{"HTTP reads no Basic", "RPC-02 RPC-24"},
		{"HTTP answers anonymous logins with 403", "RPC-03"},
		{"HTTP writes RFC 3339", "RPC-04"},
		{"gRPC writes RFC 3339", "RPC-04"},
		{"HTTP tells local time", "RPC-04 RPC-05 RPC-08 RPC-21"},
		{"gRPC tells local time", "RPC-04 RPC-05 RPC-08 RPC-21"},
		{"gRPC tells its end an hour early", "RPC-04 RPC-05 RPC-08 RPC-21"},
		{"HTTP signs with HS256", "RPC-05"},
		{"gRPC forgets the roles in tokens", "RPC-05"},
		{"HTTP counts exp in milliseconds", "RPC-05"},
		{"gRPC names the login as sub", "RPC-05"},
		{"HTTP rejects all tokens at the resource", "RPC-06 RPC-07 RPC-10 RPC-11 RPC-18 RPC-21 RPC-22 RPC-24 RPC-25 SEC-02"},
		{"HTTP renews for a minute", "RPC-07"},
		{"gRPC renews for a minute", "RPC-07"},
		{"gRPC renews with a dead token", "RPC-07 RPC-10 RPC-24"},
		{"HTTP accepts expired tokens at the service", "RPC-08"},
		{"gRPC accepts expired tokens at the service", "RPC-08"},
		{"HTTP takes an empty password", "RPC-12"},
		{"gRPC takes an empty password", "RPC-12"},
		{"gRPC ends two seconds late", "RPC-08 RPC-21"},
		{"HTTP closes with an error", "RPC-09"},
		{"gRPC closes with an error", "RPC-09"},
		{"HTTP accepts closed tokens at the resource", "RPC-10 RPC-18"},
		{"gRPC accepts closed tokens at the resource", "RPC-10 RPC-18"},
		{"HTTP accepts closed tokens at the service", "RPC-10 RPC-18"},
		{"gRPC accepts closed tokens at the service", "RPC-10 RPC-18"},
		{"HTTP closes all sessions", "RPC-11"},
		{"gRPC closes all sessions", "RPC-11"},
		{"HTTP reads Basic only", "RPC-12 RPC-19 RPC-24"},
		{"HTTP takes any password", "RPC-12 RPC-13 RPC-19 RPC-24 SEC-03 SEC-10"},
		{"gRPC takes any password", "RPC-12 RPC-13 RPC-19 RPC-24"},
		{"gRPC says OK to wrong passwords", "RPC-12 RPC-19 RPC-24"},
		{"HTTP sends a token with the refusal", "RPC-12 RPC-24"},
		{"HTTP names unknown users", "RPC-13"},
		{"gRPC names unknown users", "RPC-13"},
		{"gRPC issues no token without a token", "RPC-04 RPC-05 RPC-07 RPC-08 RPC-09 RPC-10 RPC-11 RPC-12 RPC-13 RPC-14 RPC-15 RPC-16 RPC-17 RPC-18 RPC-19 RPC-21 RPC-22 RPC-24"},
		{"gRPC rejects all tokens at the service", "RPC-07 RPC-08 RPC-09 RPC-10 RPC-11 RPC-15 RPC-16 RPC-17 RPC-18 RPC-19 RPC-24"},
		{"gRPC needs no token at the service", "RPC-16 RPC-17 RPC-19 RPC-24"},
		{"gRPC needs no token at the resource", "RPC-16 RPC-17"},
		{"gRPC accepts garbled tokens at the service", "RPC-16 RPC-19 RPC-22"},
		{"gRPC answers missing tokens with PERMISSION_DENIED", "RPC-17 RPC-19"},
		{"HTTP closes nothing", "RPC-10 RPC-18"},
		{"gRPC closes nothing", "RPC-10 RPC-18"},
		{"HTTP knows only its own tokens", "RPC-18"},
		{"gRPC knows only its own tokens", "RPC-18"},
		{"gRPC answers with other roles", "RPC-05 RPC-19"},
		{"gRPC calls wrong passwords a general error", "RPC-19"},
		{"HTTP breaks at malformed bodies", "RPC-20"},
		{"HTTP accepts expired tokens at the resource", "RPC-21"},
		{"gRPC accepts expired tokens at the resource", "RPC-21"},
		{"HTTP believes alg none", "RPC-22"},
		{"gRPC believes alg none", "RPC-22"},
		{"gRPC believes any subject", "RPC-22"},
		{"lets replies be stored", "RPC-23"},
		{"HTTP knows no second names", "RPC-24"},
		{"HTTP says less by the second name", "RPC-24"},
		{"gRPC takes any password by the second name", "RPC-24"},
		{"gRPC renews for all by the second name", "RPC-24"},
		{"HTTP needs no token at the resource", "RPC-25"},
		{"HTTP reads tokens from the query", "SEC-02"},
		{"throttles nobody", "SEC-03 SEC-10"},
		{"repeats the password", "SEC-04"},
		{"HTTP takes any header", "SEC-06"},
		{"HTTP takes any HTTP method", "SEC-07"},
	}...) {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			clock := &stepstest.Clock{}
			stepstest.ExpectRed(t, stepstest.Judge(t, "rpc", stepstest.Only(f.rows), newRPCOffice(clock, f.name), clock, rpcManifest()), f.rows)
		})
	}
}

// fault is a way of breaking requirements: the rows that it turns red, separated
// by blanks, which no other row may join.
type fault struct{ name, rows string }
