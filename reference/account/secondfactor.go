package account

import (
	"context"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"github.com/dragoman-auth/dragoman/internal/reference/jsonrecord"
	"github.com/dragoman-auth/dragoman/reference/store"
)

// SecondFactor is what an account asks for beside its password.
type SecondFactor int

// The second factors.
const (
	NoSecondFactor SecondFactor = iota
	// TOTP is a code of an authenticator (RFC 6238).
	TOTP
	// Supervisor is a code that another account gives for this login.
	Supervisor
)

// ErrSecondFactor says that the password is right, and that the account has a
// second factor, which the dialect cannot ask for.
var ErrSecondFactor = errors.New("the account has a second factor: log in with the rpc dialect")

// A code has six digits and holds for thirty seconds; the ones before and after it
// are accepted too, because clocks differ.
const period = 30

var totpOptions = totp.ValidateOpts{Period: period, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}

// minTOTPSecret is the length of the shortest secret that is accepted, in bytes
// (RFC 4226 section 4, R6).
const minTOTPSecret = 16

// checkSecondFactor returns an error for second factors that cannot work.
func (a Account) checkSecondFactor() error {
	if a.TOTPSecret != "" && a.Supervisor != "" {
		return fmt.Errorf("account %q has both a TOTP secret and a supervisor: leave one out", a.Login)
	}
	if a.Supervisor != "" && SameName(a.Supervisor, a.Login) {
		return fmt.Errorf("account %q is its own supervisor", a.Login)
	}
	if a.TOTPSecret == "" {
		return nil
	}
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(a.TOTPSecret)
	if err != nil || len(secret) < minTOTPSecret {
		return fmt.Errorf("the TOTP secret of account %q is not at least %d bytes in base32 without padding", a.Login, minTOTPSecret)
	}
	return nil
}

func (a Account) secondFactor() SecondFactor {
	switch {
	case a.TOTPSecret != "":
		return TOTP
	case a.Supervisor != "":
		return Supervisor
	}
	return NoSecondFactor
}

// kindTOTP is the kind of the records that hold the last step whose code an
// account has used.
const kindTOTP store.Kind = "totp"

// usedStep is when the last code that was used was made, in steps of TOTP.
type usedStep struct {
	Step int64 `json:"step"`
}

// VerifyTOTP says whether a code is one of the account's authenticator, now. Each
// code is accepted once (RFC 6238 section 5.2).
func (d *Directory) VerifyTOTP(ctx context.Context, login, code string) (bool, error) {
	e, err := d.entry(ctx, login)
	if err != nil {
		return false, err
	}
	if e.totp == "" || d.cache == nil {
		return false, nil
	}
	now := d.clock.Now()
	step, found, err := stepOf(e.totp, code, now)
	if err != nil || !found {
		return false, err
	}
	fresh := false
	err = jsonrecord.Change(ctx, d.cache.records.store, kindTOTP, login, func(record *store.Record, used *usedStep) error {
		if fresh = step > used.Step; !fresh {
			return store.ErrUnchanged
		}
		used.Step = step
		record.Expires = now.Add(10 * time.Minute)
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("note a code of account %q: %w", login, err)
	}
	return fresh, nil
}

// stepOf looks for the step that a code is of, near a time.
func stepOf(secret, code string, now time.Time) (step int64, found bool, err error) {
	for _, step := range []int64{now.Unix() / period, now.Unix()/period - 1, now.Unix()/period + 1} {
		right, err := totp.GenerateCodeCustom(secret, time.Unix(step*period, 0), totpOptions)
		if err != nil {
			return 0, false, fmt.Errorf("check a code: %w", err)
		}
		if subtle.ConstantTimeCompare([]byte(right), []byte(strings.TrimSpace(code))) == 1 {
			return step, true, nil
		}
	}
	return 0, false, nil
}

// VerifySecond goes on with a login whose password was right: check says whether the
// second factor is, too. It counts for the throttle as a password does. Errors are
// [ErrWrongCredentials], [*ThrottledError], or the store's.
func (d *Directory) VerifySecond(ctx context.Context, attempt Attempt, check func() (bool, error)) (User, error) {
	attempt.second = true
	user, err := d.verifySecond(ctx, attempt, check)
	d.audit.Record(ctx, attempt.event(user, err))
	return user, err
}

func (d *Directory) verifySecond(ctx context.Context, attempt Attempt, check func() (bool, error)) (user User, err error) {
	e, err := d.entry(ctx, attempt.Account)
	if err != nil {
		return User{}, err
	}
	end, err := d.limiter.Start(ctx, attempt)
	if err != nil {
		return User{}, err
	}
	outcome := Unjudged
	defer func() {
		if endErr := end(ctx, outcome); endErr != nil {
			user, err = User{}, endErr
		}
	}()
	right, err := check()
	switch {
	case err != nil:
		return User{}, err
	case !right:
		outcome = Wrong
		return User{}, ErrWrongCredentials
	}
	outcome = Right
	return e.user, nil
}

// NewTOTP returns a new secret for an authenticator, and its address as a QR code
// holds it.
func NewTOTP(issuer, login string) (secret, address string, err error) {
	key, err := totp.Generate(totp.GenerateOpts{
		Issuer: issuer, AccountName: login, Period: totpOptions.Period, Digits: totpOptions.Digits, Algorithm: totpOptions.Algorithm, SecretSize: 20,
	})
	if err != nil {
		return "", "", fmt.Errorf("make a TOTP secret: %w", err)
	}
	return key.Secret(), key.URL(), nil
}
