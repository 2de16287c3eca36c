package sdk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
)

// SecretFunc gives a password when a login needs one: from a vault, a file that
// somebody rotates, or a person. It may take as long as [WithLoginTimeout] and
// should end with ctx. What it returns after that is used by the next login.
type SecretFunc func(ctx context.Context) (Secret, error)

// Credential is the password of a [Dialect]: given once, or asked for. A password
// that was asked for is kept until the server refuses it permanently. It is safe for
// concurrent use.
type Credential struct {
	ask SecretFunc // nil: given

	mu   sync.Mutex
	kept Secret
}

// NewCredential returns a credential that is given.
func NewCredential(secret Secret) *Credential { return &Credential{kept: secret} }

// NewCredentialFunc returns a credential that is asked for.
func NewCredentialFunc(ask SecretFunc) *Credential { return &Credential{ask: ask} }

// IsZero says whether there is no password and nobody to ask.
func (c *Credential) IsZero() bool { return c == nil || c.ask == nil && c.kept.IsZero() }

// Login calls login with the password. If the server refuses one that was kept,
// permanently and with an error that wraps [ErrRefused], it asks again and calls
// login once more with another. So login does not return the refusal of anything
// but the password, as of a second factor: those steps of a login come after. The
// error of an ask is temporary and wraps what ask returned.
func (c *Credential) Login(ctx context.Context, login func(Secret) (Token, error)) (Token, error) {
	kept := c.secret()
	if kept.IsZero() {
		return c.askAndLogin(ctx, login)
	}
	token, err := login(kept)
	if c.ask == nil || !refusedPermanently(err) {
		return token, err
	}
	c.keep(Secret{})
	return c.askAndLogin(ctx, func(asked Secret) (Token, error) {
		if asked.Equal(kept) {
			return Token{}, err
		}
		return login(asked)
	})
}

func (c *Credential) askAndLogin(ctx context.Context, login func(Secret) (Token, error)) (Token, error) {
	secret, err := c.ask(ctx)
	if err == nil && secret.IsZero() {
		err = fmt.Errorf("it is empty: %w", ErrConfig)
	}
	if err != nil {
		return Token{}, &Error{Op: "ask for the password", Temporary: true, Err: err}
	}
	token, err := login(secret)
	if !refusedPermanently(err) {
		c.keep(secret)
	}
	return token, err
}

func refusedPermanently(err error) bool { return errors.Is(err, ErrRefused) && isFinal(err) }

func (c *Credential) secret() Secret {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.kept
}

func (c *Credential) keep(secret Secret) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept = secret
}

// Format implements [fmt.Formatter]; every verb prints as a secret does.
func (c *Credential) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, redacted) }
