package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"

	"github.com/dragoman-auth/dragoman/internal/commandline"
	"github.com/dragoman-auth/dragoman/reference/account"
)

// accountFile is what "account import" reads.
type accountFile struct {
	Accounts []struct {
		Login        string   `yaml:"login"`
		Email        string   `yaml:"email"`
		Name         string   `yaml:"name"`
		Password     string   `yaml:"password"`
		PasswordHash string   `yaml:"password_hash"`
		Rights       []string `yaml:"rights"`
		Roles        []string `yaml:"roles"`
		Unrestricted bool     `yaml:"unrestricted"`
		APIKeys      []struct {
			Name        string    `yaml:"name"`
			Key         string    `yaml:"key"`
			Permissions []string  `yaml:"permissions"`
			ExpiresAt   time.Time `yaml:"expires_at"`
		} `yaml:"api_keys"`
	} `yaml:"accounts"`
}

func newAccountImportCommand(flags *storeFlags) *cobra.Command {
	var text []byte
	command := accountCommand(flags.withNew, "import FILE", `Add the accounts of a YAML or JSON file ("-" is the input)`, "dragoman account import accounts.yaml", cobra.ExactArgs(1),
		func(cmd *cobra.Command, accounts *account.Registry, _ []string) error {
			return importAccounts(cmd, accounts, text)
		})
	command.PreRunE = func(cmd *cobra.Command, args []string) (err error) { // before a store is made
		text, err = readFile(cmd, args[0])
		return err
	}
	command.Long = `import adds the accounts of a file. Accounts whose login exists are not changed, so
that a file may be imported again:

  accounts:
    - login: ann
      email: ann@example.com
      password_hash: $argon2id$v=19$m=19456,...  # or password: in clear
      rights: [GET /users, POST /objects]        # or ["*"]
      api_keys:
        - name: ci
          key: at-least-16-characters
          permissions: [GET /users]
          expires_at: 2027-01-01T00:00:00Z`
	command.ValidArgsFunction = commandline.Arguments(commandline.FilesEnding("yaml", "yml", "json"), nil)
	return command
}

// maxImport bounds what is read, in bytes.
const maxImport = 64 << 20

func readFile(cmd *cobra.Command, path string) ([]byte, error) {
	if path != "-" {
		return os.ReadFile(path)
	}
	text, err := io.ReadAll(io.LimitReader(cmd.InOrStdin(), maxImport))
	if err != nil {
		return nil, fmt.Errorf("read the accounts: %w", err)
	}
	return text, nil
}

// readAccounts parses a file. Errors do not quote it: it holds passwords.
func readAccounts(text []byte) (accounts []account.Account, err error) {
	defer func() {
		if recover() != nil { // the parser panics on some texts, such as an invalid tag
			accounts, err = nil, errors.New("the accounts are not YAML")
		}
	}()
	var file accountFile
	if err := yaml.UnmarshalWithOptions(text, &file, yaml.Strict()); err != nil {
		var where yaml.Error
		if errors.As(err, &where) && where.GetToken() != nil {
			return nil, fmt.Errorf("line %d of the accounts is not as \"dragoman account import --help\" shows it", where.GetToken().Position.Line)
		}
		return nil, errors.New("the accounts are not YAML as \"dragoman account import --help\" shows it")
	}
	accounts = make([]account.Account, len(file.Accounts))
	for i, one := range file.Accounts {
		accounts[i] = account.Account{
			Login: one.Login, Email: one.Email, Name: one.Name, Password: one.Password, PasswordHash: one.PasswordHash,
			Rights: one.Rights, Roles: one.Roles, Unrestricted: one.Unrestricted,
		}
		for _, key := range one.APIKeys {
			accounts[i].APIKeys = append(accounts[i].APIKeys,
				account.APIKey{Name: key.Name, Key: key.Key, Permissions: key.Permissions, ExpiresAt: key.ExpiresAt})
		}
	}
	return accounts, nil
}

func importAccounts(cmd *cobra.Command, accounts *account.Registry, text []byte) error {
	list, err := readAccounts(text)
	if err != nil {
		return err
	}
	added := 0
	for _, one := range list {
		switch err := accounts.Add(cmd.Context(), one); {
		case err == nil:
			added++
		case errors.Is(err, account.ErrTaken):
			fmt.Fprintf(cmd.ErrOrStderr(), "dragoman: not changed: %v\n", err)
		default:
			return err
		}
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%d of %d accounts added\n", added, len(list))
	return nil
}
