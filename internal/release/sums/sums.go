// Package sums is the list of a release's files with their SHA-256 digests, in the
// form of sha256sum, and its signature: 64 bytes of ed25519 over the whole list, as
// openssl makes and checks them. The keys are those of "dragoman report keygen".
package sums

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dragoman-auth/dragoman/conformance/report"
)

// Names of the two files in the folder of a release.
const (
	ListName      = "SHA256SUMS"
	SignatureName = ListName + ".sig"
)

// Entry is one file of a list.
type Entry struct {
	Name   string // without folders
	Digest string // SHA-256 in lower-case hex
}

// Of is the list of the files in a folder, by name.
func Of(folder string) ([]Entry, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil {
		return nil, err
	}
	entries := make([]Entry, 0, len(paths))
	for _, path := range paths {
		digest, err := digestOf(path)
		if err != nil {
			return nil, err
		}
		entries = append(entries, Entry{Name: filepath.Base(path), Digest: digest})
	}
	return Parse(Format(entries)) // which refuses names that a list cannot hold
}

// Write writes the list of the files in a folder into that folder, and its signature.
// It is an error where there is a list already.
func Write(folder string, key ed25519.PrivateKey) error {
	entries, err := Of(folder)
	if err != nil {
		return fmt.Errorf("list the files of a release: %w", err)
	}
	list := Format(entries)
	if err := writeNew(filepath.Join(folder, ListName), list); err != nil {
		return err
	}
	return writeNew(filepath.Join(folder, SignatureName), ed25519.Sign(key, list))
}

// writeNew writes a file that everybody may read.
func writeNew(path string, content []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // see above
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Close())
}

func digestOf(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }() // it was read
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return "", fmt.Errorf("read %s: %w", path, err)
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// Format writes a list as sha256sum does.
func Format(entries []Entry) []byte {
	var out bytes.Buffer
	for _, entry := range entries {
		fmt.Fprintf(&out, "%s  %s\n", entry.Digest, entry.Name)
	}
	return out.Bytes()
}

// Parse reads a list. A line of another form is an error, and so are a name with
// folders, a name that stands twice and a list without lines.
func Parse(text []byte) ([]Entry, error) {
	var entries []Entry
	number := 0
	for line := range bytes.Lines(text) {
		number++
		digest, name, found := strings.Cut(strings.TrimRight(string(line), "\r\n"), " ")
		if found && name != "" && (name[0] == ' ' || name[0] == '*') { // text or binary, to sha256sum
			name = name[1:]
		}
		raw, err := hex.DecodeString(digest)
		if err != nil || len(raw) != sha256.Size || name == "" || name != filepath.Base(name) {
			return nil, fmt.Errorf("line %d is no digest and file name", number)
		}
		entry := Entry{Name: name, Digest: strings.ToLower(digest)}
		if slices.ContainsFunc(entries, func(e Entry) bool { return e.Name == name }) {
			return nil, fmt.Errorf("line %d names %s again", number, name)
		}
		entries = append(entries, entry)
	}
	if len(entries) == 0 {
		return nil, errors.New("it names no file")
	}
	return entries, nil
}

// signedBy says whether a signature of a list is that of a public key in PEM.
func signedBy(list, signature, key []byte) (bool, error) {
	name, err := report.ParsePublicKey(key)
	if err != nil {
		return false, err
	}
	public, err := hex.DecodeString(name)
	if err != nil {
		return false, err
	}
	return ed25519.Verify(public, list, signature), nil
}
