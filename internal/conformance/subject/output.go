package subject

import (
	"bytes"
	"strings"
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

// String is what is kept, without a first line that was cut: of a secret in it a part
// would be left, which nobody can recognise. It is for a subject that has ended.
func (o *output) String() string {
	text, _ := o.from()
	return text
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
