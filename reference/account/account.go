package account

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/dragoman-auth/dragoman/internal/reference/scope"
)

// Rights are what an account or an API key may do: scopes such as "GET /users" or
// "POST /objects/:id/commands/*", or [Everything]. A []string can be assigned. Its
// methods are Check and Allow.
type Rights = scope.Rights

// Everything is the right to every request.
const Everything = scope.Everything

// Account is one user as the operator describes it.
type Account struct {
	// Login names the user in the form, rpc and scoped dialects. It is required, and
	// neither the login nor the e-mail address of another account; names are compared
	// as [SameName] does. It has at most 256 bytes, single spaces at most, and letters of
	// one script.
	Login string
	// Email names the user in the session dialect. Empty: the login is used. The same
	// holds for it, but that its labels may be of different scripts.
	Email string
	// Name is shown in lists of users. Empty: the login is used.
	Name string
	// Password in clear, hashed when it is first needed, in the form of RFC 8265
	// section 4.2 (NFC). Exactly one of Password and PasswordHash is set.
	Password string
	// PasswordHash is what the directory's [Hasher] made of the password.
	PasswordHash string
	// Rights are scopes such as "GET /users" or "*" for everything. An account
	// without rights can log in, manage its own sessions and tokens, and
	// nothing else.
	Rights Rights
	// Roles are the ids that the rpc dialect shows in roles_ids.
	Roles []string
	// Unrestricted is what the rpc dialect shows as is_unrestricted.
	Unrestricted bool
	// TOTPSecret is that of the user's authenticator, in base32 without padding;
	// a login then needs a code as well. Only the rpc dialect can ask for one.
	TOTPSecret string
	// Supervisor is the login of the account that has to approve each login.
	// At most one of TOTPSecret and Supervisor is set.
	Supervisor string
	// APIKeys grant access to the session dialect without a login.
	APIKeys []APIKey
}

// APIKey is a long-lived secret of an account with permissions of its own
// (SES-21).
type APIKey struct {
	// Name says what the key is for.
	Name string
	// Key is the secret itself, at least 16 characters. The directory keeps
	// only its digest.
	Key string
	// Permissions are scopes, or "*". The key never allows more than the
	// account's own rights.
	Permissions Rights
	// ExpiresAt is when the key ends. The zero time is never.
	ExpiresAt time.Time
}

// User is an account as the rest of the server sees it: without secrets. It is
// immutable.
type User struct {
	// ID is a UUID made from the login, the same in every process.
	ID           string
	Login        string
	Email        string
	Name         string
	Roles        []string
	Unrestricted bool
	// Epoch rises when all grants of the account end: with a new password, or
	// when the account is disabled.
	Epoch int64
	// SecondFactor is what a login needs beside the password, and SupervisedBy
	// whose approval.
	SecondFactor SecondFactor
	SupervisedBy string
	rights       Rights
}

// minAPIKey is the length of the shortest API key that is accepted, in bytes.
const minAPIKey = 16

// check returns an error for an account that cannot work.
func (a Account) check(m scope.Matcher) error {
	switch {
	case a.Login == "":
		return errors.New("an account has no login")
	case a.Password == "" && a.PasswordHash == "":
		return fmt.Errorf("account %q has neither a password nor a password hash", a.Login)
	case a.Password != "" && a.PasswordHash != "":
		return fmt.Errorf("account %q has both a password and a password hash: leave one out", a.Login)
	}
	if a.Password != "" {
		if _, err := newPassword(a.Password); err != nil {
			return fmt.Errorf("the password of account %q: %w", a.Login, err)
		}
	}
	if err := checkName("login", a.Login); err != nil {
		return err
	}
	if a.Email != "" {
		if err := checkName("e-mail address", a.Email); err != nil {
			return err
		}
	}
	if err := a.checkSecondFactor(); err != nil {
		return err
	}
	if err := a.Rights.Check(m); err != nil {
		return fmt.Errorf("rights of account %q: %w", a.Login, err)
	}
	for _, key := range a.APIKeys {
		if err := key.check(a.Login, m); err != nil {
			return err
		}
	}
	return nil
}

func (k APIKey) check(login string, m scope.Matcher) error {
	if len(k.Key) < minAPIKey {
		return fmt.Errorf("API key %q of account %q is shorter than %d characters", k.Name, login, minAPIKey)
	}
	if err := k.Permissions.Check(m); err != nil {
		return fmt.Errorf("permissions of API key %q of account %q: %w", k.Name, login, err)
	}
	return nil
}

// user removes the secrets and sets the defaults.
func (a Account) user() User {
	u := User{
		ID: userID(a.Login), Login: a.Login, Email: a.Email, Name: a.Name,
		Roles: a.Roles, Unrestricted: a.Unrestricted, rights: a.Rights,
		SecondFactor: a.secondFactor(), SupervisedBy: a.Supervisor,
	}
	if u.Email == "" {
		u.Email = a.Login
	}
	if u.Name == "" {
		u.Name = a.Login
	}
	return u
}

// userID makes a UUID (version 8, RFC 9562 section 5.8) from a login.
func userID(login string) string {
	sum := sha256.Sum256([]byte("dragoman user " + login))
	sum[6] = sum[6]&0x0f | 0x80
	sum[8] = sum[8]&0x3f | 0x80
	return uuid.UUID(sum[:16]).String()
}
