package rpc

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dragoman-auth/dragoman/internal/conformance/exchange"
	"github.com/dragoman-auth/dragoman/internal/conformance/tokens"
)

// claimsIn reads the payload of the JWT in token_value.
func claimsIn(a *exchange.Answer) (map[string]any, error) {
	value, err := a.Text("token_value")
	if err != nil {
		return nil, err
	}
	_, payload, _, ok := tokens.SplitJWT(value)
	if !ok {
		return nil, errors.New("expected token_value to be a JWT: three parts, the first a JSON object with an alg")
	}
	return tokens.DecodePart(payload)
}

func (r *steps) tokenHasAlg(alg string) error {
	a, err := r.Answer()
	if err != nil {
		return err
	}
	value, err := a.Text("token_value")
	if err != nil {
		return err
	}
	head, _, _, ok := tokens.SplitJWT(value)
	if !ok {
		return errors.New("expected token_value to be a JWT: three parts, the first a JSON object with an alg")
	}
	header, err := tokens.DecodePart(head)
	if err != nil {
		return err
	}
	if header["alg"] != alg {
		return fmt.Errorf("expected a JWT with alg %s, got %s", alg, exchange.Shown(header["alg"]))
	}
	return nil
}

// lastClaim is a claim of the token in the last answer.
func (r *steps) lastClaim(name string) (*exchange.Answer, any, error) {
	a, err := r.Answer()
	if err != nil {
		return nil, nil, err
	}
	claims, err := claimsIn(a)
	return a, claims[name], err
}

func (r *steps) claimIsExpiry(name string) error {
	a, claim, err := r.lastClaim(name)
	if err != nil {
		return err
	}
	exp, err := tokens.ClaimTime(claim)
	if err != nil {
		return fmt.Errorf("claim %q: %w", name, err)
	}
	end, err := promisedEnd(a)
	if err != nil {
		return err
	}
	if end.Sub(exp).Abs() >= time.Second {
		return fmt.Errorf("expected claim %q to be the time in expires_at, %s, got %s",
			name, end.Format(time.RFC3339), exp.Format(time.RFC3339))
	}
	return nil
}

func (r *steps) claimIsText(name, member string) error {
	a, claim, err := r.lastClaim(name)
	if err != nil {
		return err
	}
	text, err := a.Text(member)
	if err != nil {
		return err
	}
	if claim != text {
		return fmt.Errorf("expected claim %q to be %s as in %s, got %s", name, exchange.Shown(text), member, exchange.Shown(claim))
	}
	return nil
}

func (r *steps) claimIsList(name, member string) error {
	a, claim, err := r.lastClaim(name)
	if err != nil {
		return err
	}
	expected, err := a.Texts(member)
	if err != nil {
		return err
	}
	got, ok := exchange.TextsIn(claim)
	if claim == nil && len(expected) == 0 {
		return nil // no roles, and none said
	}
	if slices.Sort(expected); !ok || !slices.Equal(expected, slices.Sorted(slices.Values(got))) {
		return fmt.Errorf("expected claim %q to be %s as in %s, got %s", name, exchange.Canonical(expected), member, exchange.Shown(claim))
	}
	return nil
}

func (r *steps) claimIsLogin(name string) error {
	_, claim, err := r.lastClaim(name)
	if err != nil {
		return err
	}
	if login := r.Full().Login; claim != login {
		return fmt.Errorf("expected claim %q to be the login %q, got %s", name, login, exchange.Shown(claim))
	}
	return nil
}
