package report

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
)

// Signature says who signs for a report. It stands at the very end of the
// file, and what it signs is every byte before it: the same report, as
// WriteJSON writes it without a signature.
type Signature struct {
	Algorithm string `json:"algorithm"`  // "ed25519"
	PublicKey string `json:"public_key"` // 32 bytes in lower-case hex
	Value     string `json:"value"`      // 64 bytes in lower-case hex
}

const ed25519Name = "ed25519"

// Sign signs a closed report. A signature that it has is replaced. The time of
// signing is the report's own, its end.
func (r *Report) Sign(key ed25519.PrivateKey) error {
	r.Signature = nil
	var signed bytes.Buffer
	if err := r.WriteJSON(&signed); err != nil {
		return err
	}
	public, ok := key.Public().(ed25519.PublicKey)
	if !ok {
		return errors.New("sign report: no ed25519 key")
	}
	r.Signature = &Signature{
		Algorithm: ed25519Name,
		PublicKey: hex.EncodeToString(public),
		Value:     hex.EncodeToString(ed25519.Sign(key, signed.Bytes())),
	}
	return nil
}

// signatureStart is where the signature begins in a file. Inside a JSON string
// there is no line feed, so nothing else looks like it.
const signatureStart = ",\n  \"signature\": {"

// reportEnd is how a report without a signature ends.
const reportEnd = "\n}\n"

// checkSignature proves that no byte of a file was changed since it was
// signed. It is an error when the file has no signature.
func checkSignature(file []byte, s *Signature) error {
	at := bytes.LastIndex(file, []byte(signatureStart))
	if s == nil || at < 0 {
		return ErrUnsigned
	}
	if s.Algorithm != ed25519Name {
		return fmt.Errorf("%w: unknown algorithm %q", ErrSignature, s.Algorithm)
	}
	public, err := hex.DecodeString(s.PublicKey)
	if err != nil || len(public) != ed25519.PublicKeySize || hex.EncodeToString(public) != s.PublicKey {
		return fmt.Errorf("%w: its public key is none", ErrSignature)
	}
	value, err := hex.DecodeString(s.Value)
	if err != nil || hex.EncodeToString(value) != s.Value {
		return fmt.Errorf("%w: its value is no lower-case hex", ErrSignature)
	}
	signed := append(bytes.Clone(file[:at]), reportEnd...)
	if !ed25519.Verify(public, signed, value) {
		return fmt.Errorf("%w: the report was changed after it was signed", ErrSignature)
	}
	// What stands behind the signed bytes has to be the signature and nothing
	// else, in the one way in which it is written.
	var unsigned struct{ Signature *Signature }
	if err := json.Unmarshal(signed, &unsigned); err != nil || unsigned.Signature != nil {
		return fmt.Errorf("%w: it is not where a signature stands", ErrSignature)
	}
	written, err := json.MarshalIndent(s, "  ", "  ")
	if err != nil {
		return fmt.Errorf("check signature: %w", err)
	}
	if whole := string(file[at:]); whole != ",\n  \"signature\": "+string(written)+reportEnd {
		return fmt.Errorf("%w: the report was changed around its signature", ErrSignature)
	}
	return nil
}

// PEM types of the key files, which openssl reads too.
const (
	pemPrivate = "PRIVATE KEY" // PKCS #8
	pemPublic  = "PUBLIC KEY"  // PKIX
)

// NewKey makes a key pair, both in PEM. Random is crypto/rand.Reader where it
// is nil.
func NewKey(random io.Reader) (private, public []byte, err error) {
	if random == nil {
		random = rand.Reader
	}
	publicKey, key, err := ed25519.GenerateKey(random)
	if err != nil {
		return nil, nil, fmt.Errorf("make key: %w", err)
	}
	privateDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, fmt.Errorf("make key: %w", err)
	}
	publicDER, err := x509.MarshalPKIXPublicKey(publicKey)
	if err != nil {
		return nil, nil, fmt.Errorf("make key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: pemPrivate, Bytes: privateDER}),
		pem.EncodeToMemory(&pem.Block{Type: pemPublic, Bytes: publicDER}), nil
}

// ParsePrivateKey reads an ed25519 key in PEM (PKCS #8).
func ParsePrivateKey(text []byte) (ed25519.PrivateKey, error) {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != pemPrivate {
		return nil, errors.New(`no private key in PEM; make one with "dragoman report keygen"`)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("read private key: %w", err)
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("the private key is no ed25519 key but %T", parsed)
	}
	return key, nil
}

// ParsePublicKey reads an ed25519 key in PEM (PKIX), and returns it as it
// stands in a Signature.
func ParsePublicKey(text []byte) (string, error) {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != pemPublic {
		return "", errors.New(`no public key in PEM; "dragoman report keygen" writes one beside the private key`)
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return "", fmt.Errorf("read public key: %w", err)
	}
	key, ok := parsed.(ed25519.PublicKey)
	if !ok {
		return "", fmt.Errorf("the public key is no ed25519 key but %T", parsed)
	}
	return hex.EncodeToString(key), nil
}
