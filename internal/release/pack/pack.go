// Package pack writes archives and container images whose bytes depend on nothing but
// what is in them: sorted entries, one time, fixed owners and modes.
package pack

import (
	"archive/tar"
	"archive/zip"
	"cmp"
	"compress/gzip"
	"io"
	"io/fs"
	"slices"
	"time"
)

// File is an entry of an archive. One whose name ends with a slash is a folder.
type File struct {
	Name    string
	Content []byte
	Mode    int64
	Owner   int // user and group, in an image
}

func sorted(files []File) []File {
	return slices.SortedFunc(slices.Values(files), func(a, b File) int { return cmp.Compare(a.Name, b.Name) })
}

// writeTar writes files, all changed at one time.
func writeTar(w io.Writer, at time.Time, files []File) error {
	archive := tar.NewWriter(w)
	for _, file := range sorted(files) {
		header := &tar.Header{
			Typeflag: tar.TypeReg, Name: file.Name, Mode: file.Mode, Size: int64(len(file.Content)),
			Uid: file.Owner, Gid: file.Owner, ModTime: at.UTC().Truncate(time.Second), Format: tar.FormatUSTAR,
		}
		if file.Name[len(file.Name)-1] == '/' {
			header.Typeflag = tar.TypeDir
		}
		if err := archive.WriteHeader(header); err != nil {
			return err
		}
		if _, err := archive.Write(file.Content); err != nil {
			return err
		}
	}
	return archive.Close()
}

// TarGz writes files in a tar archive, compressed.
func TarGz(w io.Writer, at time.Time, files []File) error {
	compressed, err := gzip.NewWriterLevel(w, gzip.BestCompression) // its header has no time and no name
	if err != nil {
		return err
	}
	if err := writeTar(compressed, at, files); err != nil {
		return err
	}
	return compressed.Close()
}

// Zip writes files.
func Zip(w io.Writer, at time.Time, files []File) error {
	archive := zip.NewWriter(w)
	for _, file := range sorted(files) {
		header := &zip.FileHeader{Name: file.Name, Method: zip.Deflate, Modified: at.UTC().Truncate(2 * time.Second)}
		header.SetMode(fs.FileMode(file.Mode) & fs.ModePerm) //nolint:gosec // nine bits of it
		entry, err := archive.CreateHeader(header)
		if err != nil {
			return err
		}
		if _, err := entry.Write(file.Content); err != nil {
			return err
		}
	}
	return archive.Close()
}
