package sums

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Download is a file to check, and what it is checked by.
type Download struct {
	File string
	List string // path of the list; the one beside File where it is empty
	Key  string // path of the public key that has to have signed the list; may be empty
}

// Result is what Check has found out about a file.
type Result struct {
	Listed    error // nil where the list names the file with this digest
	Signed    error // nil where the key signed the list
	KeyAbsent bool  // no key was given, so that nothing is known about the signature
	Digest    string
}

// Proven says whether the file is proven to be of the release.
func (f Result) Proven() bool { return f.Listed == nil && f.Signed == nil && !f.KeyAbsent }

// ListPath is the path of the list.
func (d Download) ListPath() string {
	if d.List != "" {
		return d.List
	}
	return filepath.Join(filepath.Dir(d.File), ListName)
}

// Check holds a file against the list, and the list against its signature, which
// stands beside it. It is an error where there is nothing to hold it against: a file
// that cannot be read, a list or a key that is none.
func Check(d Download) (Result, error) {
	digest, err := digestOf(d.File)
	if err != nil {
		return Result{}, err
	}
	text, err := os.ReadFile(d.ListPath())
	if err != nil {
		return Result{}, fmt.Errorf("the list of digests: %w", err)
	}
	entries, err := Parse(text)
	if err != nil {
		return Result{}, fmt.Errorf("%s is no list of digests: %w", d.ListPath(), err)
	}
	found := Result{Digest: digest, Listed: listed(entries, filepath.Base(d.File), digest), KeyAbsent: d.Key == ""}
	if d.Key == "" {
		return found, nil
	}
	found.Signed, err = d.signed(text)
	return found, err
}

// listed says why a list does not name a file with a digest.
func listed(entries []Entry, name, digest string) error {
	if at := slices.IndexFunc(entries, func(e Entry) bool { return e.Name == name }); at >= 0 {
		if entries[at].Digest != digest {
			return fmt.Errorf("%s is not the file of the release: its SHA-256 is %s, the list says %s", name, digest, entries[at].Digest)
		}
		return nil
	}
	if at := slices.IndexFunc(entries, func(e Entry) bool { return e.Digest == digest }); at >= 0 {
		return fmt.Errorf("the list does not name %s; the file is what it calls %s, under another name", name, entries[at].Name)
	}
	return fmt.Errorf("the list does not name %s, nor any file with its SHA-256 %s", name, digest)
}

// signed says why the list is not proven to be signed by the key; unreadable is an
// error of the key's file.
func (d Download) signed(list []byte) (problem, unreadable error) {
	key, err := os.ReadFile(d.Key)
	if err != nil {
		return nil, fmt.Errorf("--key: %w", err)
	}
	path := d.ListPath() + ".sig"
	signature, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the list is not signed: there is no %s", path), nil
	}
	if err != nil {
		return nil, err
	}
	good, err := signedBy(list, signature, key)
	if err != nil {
		return nil, fmt.Errorf("--key: %s: %w", d.Key, err)
	}
	if !good {
		return fmt.Errorf("%s is no signature of the list by this key: another key signed it, or the list was changed", path), nil
	}
	return nil, nil
}
