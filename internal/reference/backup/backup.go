// Package backup writes all records of a store into one file, and reads them back,
// into whichever kind of store. It does not know what a record means.
//
// The file has one JSON document per line: a head, the records, and an end with their
// number and a checksum, by which a file that was cut off or changed is known.
package backup

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"

	"github.com/dragoman-auth/dragoman/reference/store"
)

// Source is a store that can be read as a whole.
type Source interface {
	// Scan calls each for every record, as they were at one moment. Its error ends
	// the scan and is returned.
	Scan(ctx context.Context, each func(store.Record) error) error
}

// Summary says what a file holds.
type Summary struct {
	Made    time.Time
	Records int
}

// version is that of the format. A program refuses newer ones.
const version = 1

// maxLine bounds a line that is read, in bytes.
const maxLine = 64 << 20

type head struct {
	Backup  string    `json:"backup"` // "dragoman"
	Version int       `json:"version"`
	Made    time.Time `json:"made"`
}

// line is a record, or the end. Bytes are base64; expires is in epoch milliseconds.
type line struct {
	Kind    string `json:"kind,omitempty"`
	Key     []byte `json:"key,omitempty"`
	Owner   []byte `json:"owner,omitempty"`
	Expires *int64 `json:"expires,omitempty"`
	Value   []byte `json:"value,omitempty"`
	End     *end   `json:"end,omitempty"`
}

type end struct {
	Records int `json:"records"`
	// SHA256 is that of all lines before, in hex.
	SHA256 string `json:"sha256"`
}

// Write writes all records.
func Write(ctx context.Context, to io.Writer, from Source, made time.Time) (Summary, error) {
	buffered, sum := bufio.NewWriter(to), sha256.New()
	written := Summary{Made: made.UTC().Truncate(time.Second)}
	encoder := json.NewEncoder(io.MultiWriter(buffered, sum))
	err := encoder.Encode(head{Backup: "dragoman", Version: version, Made: written.Made})
	if err == nil {
		err = from.Scan(ctx, func(record store.Record) error {
			written.Records++
			return encoder.Encode(lineOf(record))
		})
	}
	if err == nil {
		err = encoder.Encode(line{End: &end{Records: written.Records, SHA256: hex.EncodeToString(sum.Sum(nil))}})
	}
	if err = errors.Join(err, buffered.Flush()); err != nil {
		return Summary{}, fmt.Errorf("write a backup: %w", err)
	}
	return written, nil
}

func lineOf(record store.Record) line {
	l := line{Kind: string(record.Kind), Key: []byte(record.Key), Owner: []byte(record.Owner), Value: record.Value}
	if !record.Expires.IsZero() {
		expires := record.Expires.UnixMilli()
		l.Expires = &expires
	}
	return l
}

func (l line) record() store.Record {
	record := store.Record{Kind: store.Kind(l.Kind), Key: string(l.Key), Owner: string(l.Owner), Value: l.Value}
	if l.Expires != nil {
		record.Expires = time.UnixMilli(*l.Expires).UTC()
	}
	return record
}

// Read calls each for every record of a file; its error ends the reading and is
// returned. Only after a nil error the file is known to be whole.
func Read(from io.Reader, each func(store.Record) error) (Summary, error) {
	r := reader{lines: bufio.NewScanner(from), sum: sha256.New()}
	r.lines.Buffer(nil, maxLine)
	summary, err := r.read(each)
	if err != nil {
		return Summary{}, fmt.Errorf("read a backup: %w", err)
	}
	return summary, nil
}

type reader struct {
	lines *bufio.Scanner
	sum   hash.Hash // of the lines before the current one
}

var errCutOff = errors.New("the file is cut off: its last line is missing")

func (r *reader) read(each func(store.Record) error) (Summary, error) {
	var first head
	if err := r.next(&first); err != nil || first.Backup != "dragoman" {
		return Summary{}, errors.New("the file is no backup of dragoman")
	}
	if first.Version != version {
		return Summary{}, fmt.Errorf("the file has format %d and this program knows %d: use a newer dragoman", first.Version, version)
	}
	r.count()
	for records := 0; ; records++ {
		var next line
		if err := r.next(&next); err != nil {
			return Summary{}, err
		}
		if next.End != nil {
			if *next.End != (end{records, hex.EncodeToString(r.sum.Sum(nil))}) || r.lines.Scan() {
				return Summary{}, errors.New("the file was changed: its checksum is wrong")
			}
			return Summary{Made: first.Made, Records: records}, nil
		}
		r.count()
		if err := each(next.record()); err != nil {
			return Summary{}, err
		}
	}
}

func (r *reader) next(value any) error {
	if !r.lines.Scan() {
		if err := r.lines.Err(); err != nil {
			return err
		}
		return errCutOff
	}
	decoder := json.NewDecoder(bytes.NewReader(r.lines.Bytes()))
	decoder.DisallowUnknownFields()
	if decoder.Decode(value) != nil { // its error may quote a secret
		return errors.New("the file was changed or is cut off: a line is no JSON that a backup has")
	}
	return nil
}

// count takes the current line into the checksum.
func (r *reader) count() {
	r.sum.Write(r.lines.Bytes())
	r.sum.Write([]byte("\n"))
}
