package tokens

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

// Garble makes a token that is well-formed and wrong: of a JWT the signature
// is changed, of any other token its middle. Where a signature is empty, or separators
// only, the token is changed as a whole: what came back unchanged would be a right one.
func Garble(token string) string {
	if head, payload, signature, ok := SplitJWT(token); ok {
		if garbled := head + "." + payload + "." + garbleAt(signature, 0.5); garbled != token {
			return garbled
		}
	}
	return garbleAt(token, 0.5)
}

// Garblings are several wrong tokens made of a right one: of a JWT one with
// another payload and one with another signature, of any other token one each
// with its front, its middle and its back changed, because servers have been
// seen that compare a part only.
func Garblings(token string) []string {
	if head, payload, signature, ok := SplitJWT(token); ok && signature != "" {
		garblings := []string{Garble(token)}
		if other := head + "." + garbleAt(payload, 0.5) + "." + signature; other != token {
			garblings = append(garblings, other)
		}
		return garblings
	}
	return []string{garbleAt(token, 0.5), garbleAt(token, 0.25), garbleAt(token, 0.75)}
}
