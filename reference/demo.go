package reference

import "github.com/dragoman-auth/dragoman/reference/account"

// DemoAPIKey is an API key of the demo account root. It allows GET /users and
// nothing else.
const DemoAPIKey = "demo-key-root-users"

// DemoTOTPSecret is the secret of the authenticator of the demo account guarded, in
// base32.
const DemoTOTPSecret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

// DemoAccounts returns three accounts with public passwords: root
// (root@example.com, password root) with all rights, clerk (clerk@example.com,
// password clerk) with none, and guarded (guarded@example.com, password guarded),
// which needs a code of [DemoTOTPSecret] as well, in the rpc dialect. Every call
// returns a new slice.
func DemoAccounts() []account.Account {
	return []account.Account{
		{
			Login: "root", Email: "root@example.com", Name: "Root", Password: "root",
			Rights: account.Rights{account.Everything}, Unrestricted: true,
			Roles:   []string{"9745b902-2a36-4035-bdd6-012e0dae66c0"},
			APIKeys: []account.APIKey{{Name: "users", Key: DemoAPIKey, Permissions: account.Rights{"GET /users"}}},
		},
		{Login: "clerk", Email: "clerk@example.com", Name: "Clerk", Password: "clerk"},
		{
			Login: "guarded", Email: "guarded@example.com", Name: "Guarded", Password: "guarded",
			Rights: account.Rights{account.Everything}, TOTPSecret: DemoTOTPSecret,
		},
	}
}
