package main

import (
	"bytes"
	"encoding/json"
)

// event is a line of "go test -json" (go doc cmd/test2json).
type event struct {
	Action  string
	Package string
	Test    string  // "" for the package itself
	Elapsed float64 // seconds
	Output  string
}

// parse reads one line. What is no event comes back as one with the action
// "other", whose output is the line, so that nothing is lost.
func parse(line []byte) event {
	var e event
	if trimmed := bytes.TrimSpace(line); len(trimmed) == 0 || trimmed[0] != '{' || json.Unmarshal(trimmed, &e) != nil || e.Action == "" {
		return event{Action: "other", Output: string(line)}
	}
	return e
}
