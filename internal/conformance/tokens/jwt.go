package tokens

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// SplitJWT takes a JWT apart. A text is one when it has three parts and its
// first is a JSON object with an alg.
func SplitJWT(token string) (head, payload, signature string, ok bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return "", "", "", false
	}
	header, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[0], "="))
	if err != nil {
		return "", "", "", false
	}
	var fields struct {
		Alg *string `json:"alg"`
	}
	if json.Unmarshal(header, &fields) != nil || fields.Alg == nil {
		return "", "", "", false
	}
	return parts[0], parts[1], parts[2], true
}

// DecodePart reads a part of a JWT: base64url of a JSON object.
func DecodePart(part string) (map[string]any, error) {
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

// ClaimTime reads seconds since 1970; a fraction is allowed.
func ClaimTime(value any) (time.Time, error) {
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

// encodePart writes a part of a JWT.
func encodePart(part map[string]any) string {
	text, err := json.Marshal(part)
	if err != nil {
		panic(fmt.Sprintf("a part of a JWT that is no JSON: %v", err)) // it came from JSON
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// railsEnvelope is how a token in the manner of Rails begins: the base64 of
// {"_rails":{"data":
const railsEnvelope = "eyJfcmFpbHMiOnsiZGF0YSI6"

// Unguessable is the part of a token that has to be unguessable: of a JWT the
// signature, of the Rails envelope what follows it, else the whole.
func Unguessable(token string) string {
	if _, _, signature, ok := SplitJWT(token); ok {
		return signature
	}
	// The last byte of the envelope's front, a quotation mark, shares its
	// characters with what follows; it may count as variable.
	return strings.TrimPrefix(token, railsEnvelope)
}
