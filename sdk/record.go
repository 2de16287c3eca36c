package sdk

import (
	"encoding/json"
	"errors"
	"time"
)

// storedRecord is the written form of a [Record]: JSON with the secrets in
// clear.
type storedRecord struct {
	Format  int               `json:"format"`
	Version uint64            `json:"version,string"`
	Access  string            `json:"access,omitempty"`
	Refresh string            `json:"refresh,omitempty"`
	Name    string            `json:"name,omitempty"`
	ID      string            `json:"id,omitempty"`
	Subject string            `json:"subject,omitempty"`
	Issued  time.Time         `json:"issued,omitzero"`
	Expires time.Time         `json:"expires,omitzero"`
	Scopes  []string          `json:"scopes,omitempty"`
	Extra   map[string]string `json:"extra,omitempty"`
	Intent  time.Time         `json:"intent,omitzero"`
}

// recordFormat is the format that this version writes and reads.
const recordFormat = 1

// EncodeRecord writes a record for a [Store]. The bytes hold the secrets in
// clear; what the store does with them is its own responsibility.
func EncodeRecord(record Record) ([]byte, error) {
	t := record.Token
	return json.Marshal(storedRecord{
		Format: recordFormat, Version: record.Version, Access: t.Access.Reveal(), Refresh: t.Refresh.Reveal(),
		Name: t.MetadataKey, ID: t.ID, Subject: t.Subject, Issued: t.Issued, Expires: t.Expires,
		Scopes: t.Scopes, Extra: mapValues(t.Extra, Secret.Reveal), Intent: record.Intent,
	})
}

// mapValues is m with each value converted, nil for nil.
func mapValues[A, B any](m map[string]A, convert func(A) B) map[string]B {
	if m == nil {
		return nil
	}
	converted := make(map[string]B, len(m))
	for key, value := range m {
		converted[key] = convert(value)
	}
	return converted
}

// DecodeRecord reads what [EncodeRecord] has written. Its error shows nothing
// of the bytes.
func DecodeRecord(encoded []byte) (Record, error) {
	var s storedRecord
	if json.Unmarshal(encoded, &s) != nil {
		return Record{}, errors.New("decode record: it is not one")
	}
	if s.Format != recordFormat {
		return Record{}, errors.New("decode record: it was written by another version of dragoman")
	}
	return Record{
		Version: s.Version, Intent: s.Intent,
		Token: Token{
			Access: NewSecret(s.Access), Refresh: NewSecret(s.Refresh), MetadataKey: s.Name, ID: s.ID, Subject: s.Subject,
			Issued: s.Issued, Expires: s.Expires, Scopes: s.Scopes, Extra: mapValues(s.Extra, NewSecret),
		},
	}, nil
}
