package steps

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// claimsIn reads the payload of the JWT in token_value.
func claimsIn(a *Answer) (map[string]any, error) {
	value, err := a.text("token_value")
	if err != nil {
		return nil, err
	}
	_, payload, _, ok := splitJWT(value)
	if !ok {
		return nil, errors.New("expected token_value to be a JWT: three parts, the first a JSON object with an alg")
	}
	return decodePart(payload)
}

// decodePart reads a part of a JWT: base64url of a JSON object.
func decodePart(part string) (map[string]any, error) {
	text, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(part, "="))
	if err != nil {
		return nil, fmt.Errorf("expected a part of a JWT in base64url: %w", err)
	}
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	var fields map[string]any
	if err := decoder.Decode(&fields); err != nil {
		return nil, fmt.Errorf("expected a part of a JWT to be a JSON object: %w", err)
	}
	return fields, nil
}

// claimTime reads seconds since 1970; a fraction is allowed.
func claimTime(value any) (time.Time, error) {
	number, ok := value.(json.Number)
	if !ok {
		return time.Time{}, fmt.Errorf("expected a number of seconds, got %v", value)
	}
	seconds, err := number.Float64()
	if err != nil {
		return time.Time{}, fmt.Errorf("expected a number of seconds: %w", err)
	}
	return time.Unix(int64(seconds), 0).UTC(), nil
}

func (r *rpcWords) tokenHasAlg(alg string) error {
	a, err := r.answer()
	if err != nil {
		return err
	}
	value, err := a.text("token_value")
	if err != nil {
		return err
	}
	head, _, _, ok := splitJWT(value)
	if !ok {
		return errors.New("expected token_value to be a JWT: three parts, the first a JSON object with an alg")
	}
	header, err := decodePart(head)
	if err != nil {
		return err
	}
	if header["alg"] != alg {
		return fmt.Errorf("expected a JWT with alg %s, got %v", alg, header["alg"])
	}
	return nil
}

// lastClaim is a claim of the token in the last answer.
func (r *rpcWords) lastClaim(name string) (*Answer, any, error) {
	a, err := r.answer()
	if err != nil {
		return nil, nil, err
	}
	claims, err := claimsIn(a)
	return a, claims[name], err
}

func (r *rpcWords) claimIsExpiry(name string) error {
	a, claim, err := r.lastClaim(name)
	if err != nil {
		return err
	}
	exp, err := claimTime(claim)
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

func (r *rpcWords) claimIsText(name, member string) error {
	a, claim, err := r.lastClaim(name)
	if err != nil {
		return err
	}
	text, err := a.text(member)
	if err != nil {
		return err
	}
	if claim != text {
		return fmt.Errorf("expected claim %q to be %q as in %s, got %v", name, text, member, claim)
	}
	return nil
}

func (r *rpcWords) claimIsList(name, member string) error {
	a, claim, err := r.lastClaim(name)
	if err != nil {
		return err
	}
	expected, err := a.texts(member)
	if err != nil {
		return err
	}
	got, ok := textsIn(claim)
	if claim == nil && len(expected) == 0 {
		return nil // no roles, and none said
	}
	if slices.Sort(expected); !ok || !slices.Equal(expected, slices.Sorted(slices.Values(got))) {
		return fmt.Errorf("expected claim %q to be %q as in %s, got %v", name, expected, member, claim)
	}
	return nil
}

func (r *rpcWords) claimIsLogin(name string) error {
	_, claim, err := r.lastClaim(name)
	if err != nil {
		return err
	}
	if login := r.full().login; claim != login {
		return fmt.Errorf("expected claim %q to be the login %q, got %v", name, login, claim)
	}
	return nil
}
