package subject

import "sync"

// keptOutput is how much of a subject's output is kept, from its end.
const keptOutput = 64 << 10

// output keeps the end of what a subject prints. It is safe for concurrent use.
type output struct {
	mu   sync.Mutex
	kept []byte
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.kept = append(o.kept, p...)
	if extra := len(o.kept) - keptOutput; extra > 0 {
		o.kept = append([]byte(nil), o.kept[extra:]...)
	}
	return len(p), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.kept)
}
