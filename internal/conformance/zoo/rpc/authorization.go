package rpc

import (
	"net/http"

	"github.com/dragoman-auth/dragoman/internal/conformance/zoo/mutation"

	"github.com/dragoman-auth/dragoman/internal/wire/rpcpb"
)

// authorization are mistakes in what the gateway takes for authorization, beside data
// that are right.
func authorization() []mutation.Mutant {
	everyLogin := Calls("AuthenticateEx", "AuthenticateEx2", "Authenticate", "Authenticate2")
	return []mutation.Mutant{
		{
			Name: "rpc/basic-unread", Breaks: []string{"RPC-02", "RPC-24", "RPC-26"},
			Why: "The gateway wants that there is a Basic header, and the login reads the data alone.",
			Change: believesData(everyLogin, func(r *http.Request) bool {
				_, _, isBasic := r.BasicAuth()
				return isBasic
			}),
		},
		{
			Name: "rpc/basic-name-alone", Breaks: []string{"RPC-02"},
			Why: "The gateway looks whether the user of Basic exists, and leaves the password to the login.",
			Change: believesData(Calls("AuthenticateEx"), func(r *http.Request) bool {
				name, _, _ := r.BasicAuth()
				return name == "root"
			}),
		},
		{
			Name: "rpc/any-authorization", Breaks: []string{"RPC-02"},
			Why: "The gateway wants some authorization, and knows Basic from Bearer only where there is a session.",
			Change: believesData(Calls("AuthenticateEx"), func(r *http.Request) bool {
				return mutation.Bearer(r) != ""
			}),
		},
		{
			Name: "rpc/second-login-anonymous", Breaks: []string{"RPC-24"},
			Why:    "The younger name is missing on the list of methods that need Basic.",
			Change: believesData(Calls("AuthenticateEx2"), isAnonymous),
		},
		{
			Name: "rpc/short-login-anonymous", Breaks: []string{"RPC-26"},
			Why:    "The older names are missing on the list of methods that need Basic.",
			Change: believesData(Calls("Authenticate", "Authenticate2"), isAnonymous),
		},
		{
			Name: "rpc/renewal-open-over-http", Breaks: []string{"RPC-19", "RPC-25"},
			Why:    "The gateway makes a session for whoever comes without one, as it does for a login.",
			Change: acceptsWithout(overHTTP, "RenewSession"),
		},
		{
			Name: "rpc/garbled-renews-over-http", Breaks: []string{"RPC-19", "RPC-22", "RPC-25"},
			Why: "The gateway has the signature verified by the method, and the renewal reads the claims only.",
			Change: func(s *mutation.Server) {
				l := newLedger(s)
				onToken(s, overHTTP, func(method, token string) string {
					if method == "RenewSession" && mutation.IsJWT(token) && !l.knows(token) {
						return l.freshToken()
					}
					return token
				})
			},
		},
		{
			Name: "rpc/close-open-over-http", Breaks: []string{"RPC-25"},
			Why: "To close a session that nobody knows is a success.",
			Change: func(s *mutation.Server) {
				onCall(s, overHTTP, func(c *call) {
					if c.Method == "CloseSession" && c.Err != nil {
						c.Message, c.Err = &rpcpb.CloseSessionResponse{}, nil
					}
				})
			},
		},
		{
			Name: "rpc/any-basic-will-do", Breaks: []string{"RPC-25"},
			Why: "Basic is for the login, which compares it, and elsewhere it is only looked for.",
			Change: func(s *mutation.Server) {
				l := newLedger(s)
				s.OnRequest(Calls("GetVersion", "RenewSession"), func(r *http.Request) {
					if _, _, isBasic := r.BasicAuth(); isBasic {
						mutation.SetBearer(r, l.freshToken())
					}
				})
			},
		},
	}
}

func isAnonymous(r *http.Request) bool { return r.Header.Get("Authorization") == "" }

// believesData authorizes some logins by their own data, where what the gateway looks
// at is enough for it.
func believesData(logins mutation.Match, enough func(*http.Request) bool) func(*mutation.Server) {
	return func(s *mutation.Server) {
		s.OnRequest(logins, func(r *http.Request) {
			data, _ := mutation.Sent(r)["data"].(map[string]any)
			name, _ := data["user_name"].(string)
			password, _ := data["password"].(string)
			if enough(r) {
				r.SetBasicAuth(name, password)
			}
		})
	}
}
