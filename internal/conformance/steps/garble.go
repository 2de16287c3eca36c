package steps

import (
	"encoding/base64"
	"encoding/json"
	"strings"
)

// garbled is how many characters a garbling changes. One is not enough: the
// last character of a base64 text may carry no information at all.
const garbled = 6

// garbleAt changes some characters of text around a position, given as a
// fraction of its length. Each stays in its class (digits, capitals, small
// letters), so that length and alphabet stay what they were; hexadecimal
// letters stay hexadecimal. What is neither letter nor digit stays.
func garbleAt(text string, fraction float64) string {
	bytes := []byte(text)
	middle := int(float64(len(bytes)) * fraction)
	// The last character is left alone, because it may be padding.
	from, to := max(0, middle-garbled/2), min(len(bytes)-1, middle+garbled/2)
	for i := from; i < to; i++ {
		bytes[i] = otherCharacter(bytes[i])
	}
	if string(bytes) != text {
		return string(bytes)
	}
	for i := range bytes { // a very short text, or separators only just there
		bytes[i] = otherCharacter(bytes[i])
	}
	return string(bytes)
}

// otherCharacter is another character of the same class.
func otherCharacter(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return '0' + (c-'0'+5)%10
	case c >= 'a' && c <= 'f':
		return 'a' + (c-'a'+3)%6
	case c >= 'A' && c <= 'F':
		return 'A' + (c-'A'+3)%6
	case c >= 'g' && c <= 'z':
		return 'g' + (c-'g'+7)%20
	case c >= 'G' && c <= 'Z':
		return 'G' + (c-'G'+7)%20
	}
	return c
}

// garbleToken is a token that is well-formed and wrong: of a JWT the signature
// is changed, of any other token its middle.
func garbleToken(token string) string {
	if head, payload, signature, ok := splitJWT(token); ok && signature != "" {
		return head + "." + payload + "." + garbleAt(signature, 0.5)
	}
	return garbleAt(token, 0.5)
}

// garblings are several wrong tokens made of a right one: of a JWT one with
// another payload and one with another signature, of any other token one each
// with its front, its middle and its back changed, because servers have been
// seen that compare a part only.
func garblings(token string) []string {
	if head, payload, signature, ok := splitJWT(token); ok && signature != "" {
		return []string{
			head + "." + payload + "." + garbleAt(signature, 0.5),
			head + "." + garbleAt(payload, 0.5) + "." + signature,
		}
	}
	return []string{garbleAt(token, 0.5), garbleAt(token, 0.25), garbleAt(token, 0.75)}
}

// splitJWT takes a JWT apart. A text is one when it has three parts and its
// first is a JSON object with an alg.
func splitJWT(token string) (head, payload, signature string, ok bool) {
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

// railsEnvelope is how a token in the manner of Rails begins: the base64 of
// {"_rails":{"data":
const railsEnvelope = "eyJfcmFpbHMiOnsiZGF0YSI6"

// unguessable is the part of a token that has to be unguessable: of a JWT the
// signature, of the Rails envelope what follows it, else the whole.
func unguessable(token string) string {
	if _, _, signature, ok := splitJWT(token); ok {
		return signature
	}
	// The last byte of the envelope's front, a quotation mark, shares its
	// characters with what follows; it may count as variable.
	return strings.TrimPrefix(token, railsEnvelope)
}
