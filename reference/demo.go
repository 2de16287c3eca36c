package reference

import "github.com/dragoman-auth/dragoman/reference/account"

// DemoAPIKey is an API key of the demo account root. It allows GET /users and
// nothing else.
const DemoAPIKey = "demo-key-root-users"

// DemoAccounts returns two accounts with public passwords: root
// (root@example.com, password root) with all rights, and clerk
// (clerk@example.com, password clerk) with none. Every call returns a new slice.
func DemoAccounts() []account.Account {
	return []account.Account{
		{
			Login: "root", Email: "root@example.com", Name: "Root", Password: "root",
			Rights: account.Rights{account.Everything}, Unrestricted: true,
			Roles:   []string{"9745b902-2a36-4035-bdd6-012e0dae66c0"},
			APIKeys: []account.APIKey{{Name: "users", Key: DemoAPIKey, Permissions: account.Rights{"GET /users"}}},
		},
		{Login: "clerk", Email: "clerk@example.com", Name: "Clerk", Password: "clerk"},
	}
}
