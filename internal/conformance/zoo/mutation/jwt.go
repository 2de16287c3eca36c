package mutation

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/reference/grant"
)

// Claims reads the payload of a JWT, signed or not; nil is for anything else.
func Claims(token string) map[string]any {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil
	}
	return decodePart(parts[1])
}

// IsJWT says whether a token begins with a header, whatever follows.
func IsJWT(token string) bool { return header(token) != nil }

// IsAlg says whether a token's header names an algorithm, in any letter case.
func IsAlg(token, alg string) bool {
	named, _ := header(token)["alg"].(string)
	return strings.EqualFold(named, alg)
}

// Signature is the last part of a JWT.
func Signature(token string) string { return token[strings.LastIndex(token, ".")+1:] }

// SignsWith replaces the signatures of a signer by texts that are drawn.
func SignsWith(inner grant.Signer, draw func() string) grant.Signer {
	return grant.SignerFunc(func(claims map[string]any) (string, error) {
		token, err := inner.Sign(claims)
		return strings.TrimSuffix(token, Signature(token)) + draw(), err
	})
}

func header(token string) map[string]any {
	front, _, _ := strings.Cut(token, ".")
	return decodePart(front)
}

// decodePart reads one part of a JWT; nil is for what is no JSON object.
func decodePart(part string) map[string]any {
	text, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return nil
	}
	var members map[string]any
	if json.Unmarshal(text, &members) != nil {
		return nil
	}
	return members
}
