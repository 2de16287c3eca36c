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
	ended int // lines that have ended before what is kept
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.kept = append(o.kept, p...)
	if extra := len(o.kept) - keptOutput; extra > 0 {
		o.ended += bytes.Count(o.kept[:extra], []byte("\n"))
		o.kept = append([]byte(nil), o.kept[extra:]...)
	}
	return len(p), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.kept)
}

// end is what is kept, and the number of its first line, from 1.
func (o *output) end() (text string, line int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.kept), 1 + o.ended
}
