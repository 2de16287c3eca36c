package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/dragoman-auth/dragoman/conformance/report"
)

// reportOutputs are the flags of verify that say in which forms a report is written.
type reportOutputs struct {
	features                    fs.FS    // what was judged by
	json, html, junit, messages string   // files; "" is none
	sarif, codeQuality, summary string   // files, too
	annotations                 bool     // on stdout
	badges                      []string // files, .svg or .json
	signKey                     string   // file of a private key
}

func (o *reportOutputs) flags(f *pflag.FlagSet) {
	f.StringVar(&o.json, "json", "", "write the report as JSON to this `FILE`; - prints it in place of the table")
	f.StringVar(&o.html, "html", "", "write the report as one HTML page to this `FILE`")
	f.StringVar(&o.junit, "junit", "", "write the report as JUnit XML to this `FILE`")
	f.StringVar(&o.messages, "messages", "", "write the report as Cucumber Messages (NDJSON) to this `FILE`")
	f.StringVar(&o.sarif, "sarif", "", "write what is broken as SARIF, for code scanning, to this `FILE`")
	f.StringVar(&o.codeQuality, "code-quality", "", "write what is broken as GitLab's code quality JSON to this `FILE`")
	f.StringVar(&o.summary, "summary", "", "write a summary in Markdown to this `FILE`, as $GITHUB_STEP_SUMMARY")
	f.BoolVar(&o.annotations, "annotations", false, "print what is broken as annotations of a job on GitHub, too")
	f.StringSliceVar(&o.badges, "badge", nil, "write a badge to this `FILE`: a picture (.svg) or a shields.io endpoint (.json) (repeatable)")
	f.StringVar(&o.signKey, "sign", "", "sign the JSON report with the ed25519 key in this `FILE`, which \"dragoman report keygen\" made")
}

// openOutputs are the files that are open before the run, for its report.
type openOutputs struct {
	files []outputFile
	print []func(r *report.Report, w io.Writer) error // on stdout
	key   ed25519.PrivateKey                          // nil: unsigned
}

// outputFile is a file and what writes it.
type outputFile struct {
	*os.File
	write func(r *report.Report, w io.Writer) error
}

// open opens all files, and reads the key. A file keeps its content until [openOutputs.write].
// Formats that place each failure in a file name that of the manifest. printed writes
// the report to stdout, unless the JSON report goes there.
func (o *reportOutputs) open(manifest string, printed func(*report.Report, io.Writer) error) (_ *openOutputs, err error) {
	opened := &openOutputs{print: []func(*report.Report, io.Writer) error{printed}}
	switch o.json {
	case "":
	case "-":
		opened.print[0] = (*report.Report).WriteJSON
	default:
		opened.print[0] = func(r *report.Report, w io.Writer) error {
			r.SavedAs = o.json
			return printed(r, w)
		}
	}
	if o.annotations {
		opened.print = append(opened.print, at(manifest, (*report.Report).WriteAnnotations))
	}
	defer func() {
		if err != nil {
			opened.close()
		}
	}()
	if o.signKey != "" {
		if o.json == "" {
			return nil, errors.New("--sign signs the JSON report; say where to write it with --json")
		}
		text, err := os.ReadFile(o.signKey)
		if err != nil {
			return nil, fmt.Errorf("--sign: %w", err)
		}
		if opened.key, err = report.ParsePrivateKey(text); err != nil {
			return nil, fmt.Errorf("--sign: %s: %w", o.signKey, err)
		}
	}
	targets, err := o.targets(manifest)
	if err != nil {
		return nil, err
	}
	for _, t := range targets {
		file, err := os.OpenFile(t.path, os.O_WRONLY|os.O_CREATE, 0o644) //nolint:gosec // a report is for others to read
		if err != nil {
			return opened, fmt.Errorf("--%s: %w", t.flag, err)
		}
		opened.files = append(opened.files, outputFile{file, t.write})
	}
	return opened, nil
}

// target is a file that a flag names, and what writes it.
type target struct {
	flag, path string
	write      func(r *report.Report, w io.Writer) error
}

// at lets write place what is broken in the manifest's file.
func at(manifest string, write func(*report.Report, io.Writer, string) error) func(*report.Report, io.Writer) error {
	return func(r *report.Report, w io.Writer) error { return write(r, w, manifest) }
}

// targets returns the files that the flags name. That two name one file is an error.
func (o *reportOutputs) targets(manifest string) ([]target, error) {
	targets := []target{
		{"html", o.html, (*report.Report).WriteHTML},
		{"junit", o.junit, (*report.Report).WriteJUnit},
		{"messages", o.messages, func(r *report.Report, w io.Writer) error { return r.WriteMessages(w, o.features) }},
		{"sarif", o.sarif, at(manifest, (*report.Report).WriteSARIF)},
		{"code-quality", o.codeQuality, at(manifest, (*report.Report).WriteCodeQuality)},
		{"summary", o.summary, (*report.Report).WriteSummary},
	}
	if o.json != "-" {
		targets = append(targets, target{"json", o.json, (*report.Report).WriteJSON})
	}
	for _, path := range o.badges {
		switch strings.ToLower(filepath.Ext(path)) {
		case ".svg":
			targets = append(targets, target{"badge", path, (*report.Report).WriteBadgeSVG})
		case ".json":
			targets = append(targets, target{"badge", path, (*report.Report).WriteBadgeJSON})
		default:
			return nil, fmt.Errorf("--badge %s: its name has to end in .svg or .json", path)
		}
	}
	targets = slices.DeleteFunc(targets, func(t target) bool { return t.path == "" })
	taken := []target{{flag: "sign", path: o.signKey}}
	for _, t := range targets {
		for _, other := range taken {
			if sameFile(t.path, other.path) {
				return nil, fmt.Errorf("--%s and --%s both name %s; give each a file of its own", other.flag, t.flag, t.path)
			}
		}
		taken = append(taken, t)
	}
	return targets, nil
}

// sameFile says whether a write to one path overwrites the other. A device, such as
// /dev/null, never does.
func sameFile(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	if errA == nil && errB == nil {
		return infoA.Mode().IsRegular() && os.SameFile(infoA, infoB)
	}
	absoluteA, errA := filepath.Abs(a)
	absoluteB, errB := filepath.Abs(b)
	return errA == nil && errB == nil && absoluteA == absoluteB
}

// close closes all files. After [openOutputs.write] it has no effect.
func (o *openOutputs) close() {
	for _, f := range o.files {
		_ = f.Close()
	}
}

// write prints the table, or the JSON report in its place, and writes every
// file, also after one that failed.
func (o *openOutputs) write(r *report.Report, stdout io.Writer) error {
	if o.key != nil {
		if err := r.Sign(o.key); err != nil {
			return err
		}
	}
	var problems []error
	for _, print := range o.print {
		problems = append(problems, print(r, stdout))
	}
	for _, f := range o.files {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			problems = append(problems, f.Truncate(0))
		}
		problems = append(problems, f.write(r, f), f.Close())
	}
	return errors.Join(problems...)
}

// fileDigest is the SHA-256 of a file, in hex.
func fileDigest(path string) (string, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:]), nil
}
