package subject

import (
	"bytes"
	"sync"
)

// keptOutput is how much of a subject's output is kept, from its end.
const keptOutput = 64 << 10

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
	if extra := len(o.kept) - keptOutput; extra > 0 {
		o.ended += bytes.Count(o.kept[:extra], []byte("\n"))
		o.cut = o.kept[extra-1] != '\n'
		o.kept = append([]byte(nil), o.kept[extra:]...)
	}
	return len(p), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.kept)
}

// end is the whole lines that are kept, and the number of the first, from 1. Of a line
// that was cut, or that is still being written, there may be a part of a secret, which
// nobody can recognise.
func (o *output) end() (text string, line int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	whole, line := o.kept[:bytes.LastIndexByte(o.kept, '\n')+1], 1+o.ended
	if o.cut {
		_, whole, _ = bytes.Cut(whole, []byte("\n"))
		line++
	}
	return string(whole), line
}
