package conformance

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
	"github.com/dragoman-auth/dragoman/internal/conformance/subject"
)

// manifestDigest hashes a manifest as it was understood. Its secrets are not
// hashed, for short ones could be guessed from the digest.
func manifestDigest(m *manifest.Manifest, secrets *evidence.Secrets) string {
	text, err := json.Marshal(m)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256([]byte(secrets.Hide(string(text))))
	return hex.EncodeToString(sum[:])
}

// curlFlags make curl speak to the subject as the judge does.
func curlFlags(m *manifest.Manifest, running *subject.Running) []string {
	flags := trustFlags(m.Subject.TLS, "--")
	if running.HTTP2 && !strings.HasPrefix(running.HTTP, "https:") { // over TLS, curl asks for HTTP/2 anyway
		flags = append(flags, "--http2-prior-knowledge")
	}
	return flags
}

// trustFlags make curl and grpcurl trust whom the manifest trusts. The two
// call their flags alike, and begin them with other dashes.
func trustFlags(t *manifest.TLS, dashes string) []string {
	if t == nil {
		return nil
	}
	var flags []string
	for _, f := range []struct{ flag, file string }{{"cacert", t.CA}, {"cert", t.Cert}, {"key", t.Key}} {
		if f.file != "" {
			flags = append(flags, dashes+f.flag, f.file)
		}
	}
	if t.Insecure {
		flags = append(flags, dashes+"insecure")
	}
	return flags
}
