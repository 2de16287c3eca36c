package grant

import (
	"context"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/keyring"
)

// The purposes of session tokens. One is never accepted as the other (SES-15).
const (
	purposeAccess  = "access"
	purposeRefresh = "refresh"
)

// sessionClaims is what a session token says.
type sessionClaims struct {
	id      string
	purpose string
	// counter is the number of the pair; see refreshState.
	counter uint64
	// ends is in epoch milliseconds.
	ends int64
}

// A token is an envelope in base64, two hyphens, and the HMAC-SHA256 of that base64
// in hex. The layout of the envelope is that of the documented tokens: the id has a
// fixed position.
const (
	envelopeLead    = `{"_rails":{"data":"`
	envelopeEnd     = `","exp":"`
	envelopePurpose = `","pur":"`
	envelopeTail    = `"}}`
	uuidLength      = 36
	endFormat       = "2006-01-02T15:04:05.000Z"
	macMark         = "--"
)

// sessionToken makes a token.
func (k *macKey) sessionToken(claims sessionClaims) string {
	envelope := make([]byte, 0, 192)
	envelope = append(envelope, envelopeLead+claims.id+envelopeEnd...)
	envelope = time.UnixMilli(claims.ends).UTC().AppendFormat(envelope, endFormat)
	envelope = append(envelope, envelopePurpose+claims.purpose+"/"...)
	envelope = strconv.AppendUint(envelope, claims.counter, 10)
	envelope = append(envelope, "/"+k.id+envelopeTail...)
	head := base64.RawURLEncoding.EncodeToString(envelope)
	return head + macMark + k.mac(head)
}

// readEnvelope reads what a token says about itself, and with which key. It
// authenticates nothing. An envelope that sessionToken does not write is not read.
func readEnvelope(envelope string) (claims sessionClaims, keyID string, ok bool) {
	rest, ok := strings.CutPrefix(envelope, envelopeLead)
	if !ok || len(rest) < uuidLength {
		return sessionClaims{}, "", false
	}
	claims.id = rest[:uuidLength]
	rest, ok = strings.CutPrefix(rest[uuidLength:], envelopeEnd)
	if !ok || len(rest) < len(endFormat) {
		return sessionClaims{}, "", false
	}
	end, err := time.Parse(time.RFC3339, rest[:len(endFormat)]) // read faster than endFormat is
	if err != nil {
		return sessionClaims{}, "", false
	}
	claims.ends = end.UnixMilli()
	if rest, ok = strings.CutPrefix(rest[len(endFormat):], envelopePurpose); !ok {
		return sessionClaims{}, "", false
	}
	claims.purpose, rest, _ = strings.Cut(rest, "/")
	number, rest, _ := strings.Cut(rest, "/")
	if claims.counter, err = strconv.ParseUint(number, 10, 64); err != nil {
		return sessionClaims{}, "", false
	}
	keyID, ok = strings.CutSuffix(rest, envelopeTail)
	return claims, keyID, ok
}

// SessionID returns the id of the session that an access or refresh token names, or "".
// It authenticates nothing.
func SessionID(token string) string {
	head, _, _ := strings.Cut(token, macMark)
	envelope, err := base64.RawURLEncoding.DecodeString(head)
	if err != nil {
		return ""
	}
	claims, _, _ := readEnvelope(string(envelope))
	return claims.id
}

// readSessionToken reads and authenticates a token, expired or not. Errors wrap
// [ErrInvalid] or [store.ErrUnavailable].
func (s *Service) readSessionToken(ctx context.Context, token, purpose string) (sessionClaims, error) {
	head, mac, _ := strings.Cut(token, macMark)
	var encoded, decoded [320]byte // long enough for our tokens; saves two allocations
	envelope, err := base64.RawURLEncoding.AppendDecode(decoded[:0], append(encoded[:0], head...))
	if err != nil {
		return sessionClaims{}, ErrInvalid
	}
	claims, keyID, ok := readEnvelope(string(envelope))
	if !ok || claims.purpose != purpose {
		return sessionClaims{}, ErrInvalid
	}
	// Nothing above is authenticated yet; it only names the key.
	key, err := s.oldMAC(ctx, keyID)
	if errors.Is(err, keyring.ErrUnknown) {
		return sessionClaims{}, ErrInvalid
	}
	if err != nil {
		return sessionClaims{}, err
	}
	if !key.authentic(head, mac) {
		return sessionClaims{}, ErrInvalid
	}
	return claims, nil
}
