package subject

import (
	"bytes"
	"strings"
	"sync"
)

const (
	// keptOutput is how much of a subject's output is kept at least, from its end: what
	// a talkative server prints in a run, so that all of it is searched for secrets.
	keptOutput = 8 << 20
	// shownOutput is how much of that is shown at most.
	shownOutput = 64 << 10
)

// output keeps the end of what a subject prints. It is safe for concurrent use.
type output struct {
	mu    sync.Mutex
	kept  []byte
	ended int  // lines that have ended before what is kept
	cut   bool // the first line that is kept lacks its beginning
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.kept = append(o.kept, p...)
	if len(o.kept) > 2*keptOutput { // not for each line
		extra := len(o.kept) - keptOutput
		o.ended += bytes.Count(o.kept[:extra], []byte("\n"))
		o.cut = o.kept[extra-1] != '\n'
		o.kept = append([]byte(nil), o.kept[extra:]...)
	}
	return len(p), nil
}

// String is the end of it, to be shown, without a first line that was cut: of a secret in
// it a part would be left, which nobody can recognise. It is for a subject that has ended.
func (o *output) String() string {
	text, _ := o.from()
	return lastOf(text, shownOutput)
}

// lastOf is the whole lines at the end of text, and of a last one that has not ended what
// there is, at most limit bytes.
func lastOf(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	before, last := text[:len(text)-limit], text[len(text)-limit:]
	if !strings.HasSuffix(before, "\n") {
		_, last, _ = strings.Cut(last, "\n")
	}
	return last
}

// end is the whole lines that are kept, and the number of the first, from 1: a line that
// is still being written may end within a secret, too.
func (o *output) end() (text string, line int) {
	text, line = o.from()
	return text[:strings.LastIndexByte(text, '\n')+1], line
}

// from is what is kept from the beginning of its first whole line, and the number of that.
func (o *output) from() (text string, line int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	text, line = string(o.kept), 1+o.ended
	if o.cut {
		_, text, _ = strings.Cut(text, "\n")
		line++
	}
	return text, line
}
