package filestore

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"

	"github.com/dragoman-auth/dragoman/sdk"
)

// sealer turns an encoded record into the content of a file, and back.
type sealer interface {
	close(key string, encoded []byte) []byte
	open(key string, sealed []byte) ([]byte, error)
}

// sealedPrefix marks an encrypted file; a plain one starts with "{".
var sealedPrefix = []byte("dragoman sealed 1\n")

// inClear writes records as they are.
type inClear struct{}

func (inClear) close(_ string, encoded []byte) []byte { return encoded }

func (inClear) open(_ string, sealed []byte) ([]byte, error) {
	if bytes.HasPrefix(sealed, sealedPrefix) {
		return nil, fmt.Errorf("the file is encrypted; use filestore.WithKey: %w", sdk.ErrConfig)
	}
	return sealed, nil
}

// gcm encrypts records with AES-256-GCM under a random nonce, bound to the
// record's key so that one file cannot be put in the place of another.
type gcm struct{ aead cipher.AEAD }

func newGCM(key []byte) (sealer, error) {
	const keySize = 32
	if len(key) != keySize {
		return nil, fmt.Errorf("the key has %d bytes, not %d: %w", len(key), keySize, sdk.ErrConfig)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, errors.New("the key cannot be used")
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, errors.New("the key cannot be used")
	}
	return gcm{aead}, nil
}

func (g gcm) close(key string, encoded []byte) []byte {
	return g.aead.Seal(bytes.Clone(sealedPrefix), nil, encoded, []byte(key)) //nolint:gosec // the AEAD draws its own nonce
}

func (g gcm) open(key string, sealed []byte) ([]byte, error) {
	content, found := bytes.CutPrefix(sealed, sealedPrefix)
	if !found {
		return nil, fmt.Errorf("the file is not encrypted; delete it, or use no key: %w", sdk.ErrConfig)
	}
	encoded, err := g.aead.Open(nil, nil, content, []byte(key))
	if err != nil {
		return nil, fmt.Errorf("the file cannot be decrypted: the key is another, or the file was changed: %w", sdk.ErrConfig)
	}
	return encoded, nil
}
