package catalogue

import (
	"slices"
	"strings"

	messages "github.com/cucumber/messages/go/v21"
)

// Role is what a step of a scenario is there for. Its keyword says so; a step
// with And or * goes on with the role of the step before it.
type Role int

// The roles.
const (
	Judgement Role = iota // When, Then: what the row is about
	SetUp                 // Given: what has to hold before the row can be judged
	Control               // But: what has to hold beside it, so that a refusal says something
)

// Part is one step of a scenario.
type Part struct {
	Text string
	Role Role
	// Expects is set from Then on: the step says what has to be so. Written is the
	// step as the feature writes it, with the names of an outline's columns in place
	// of their values.
	Expects bool
	Written string
	// Owners are the ids of the rows that judge what a set-up or a control
	// relies on: if one of them is broken, that is the cause.
	Owners []string
	// Guards is set where a judgement met an answer that a request without credentials
	// gets, too: the ids of the rows about such requests.
	Guards []string
}

// partsOf are the steps of a scenario with their roles, their owners still left
// out.
func partsOf(node *messages.Scenario, pickle *messages.Pickle) []Part {
	written := map[string]Part{} // by the id of the step in the feature
	role, expects := Judgement, false
	for _, step := range node.Steps {
		switch keyword := strings.TrimSpace(step.Keyword); keyword {
		case "Given":
			role, expects = SetUp, false
		case "But":
			role, expects = Control, false
		case "When", "Then":
			role, expects = Judgement, keyword == "Then"
		}
		written[step.Id] = Part{Role: role, Expects: expects, Written: step.Text}
	}
	parts := make([]Part, len(pickle.Steps))
	for i, step := range pickle.Steps {
		parts[i] = written[step.AstNodeIds[0]]
		parts[i].Text = step.Text
	}
	return parts
}

// EndsControl says whether a step is the last one of a control: what comes before does
// something, and the last one says what has to be so.
func EndsControl(parts []Part, i int) bool {
	return parts[i].Role == Control && (i+1 == len(parts) || parts[i+1].Role != Control)
}

// owned are the parts with their owners among the rows of a dialect: a step of a
// set-up or a control relies on those before it, too.
func owned(parts []Part, rows []counted) []Part {
	parts = slices.Clone(parts)
	for i := range parts {
		if parts[i].Role == Judgement {
			continue
		}
		parts[i].Owners = providers(parts[i].Text, rows)
		if i > 0 && parts[i-1].Role == parts[i].Role {
			parts[i].Owners = append(parts[i].Owners, parts[i-1].Owners...)
		}
	}
	return parts
}

// SetUpOwners are the owners of all that is set up among parts.
func SetUpOwners(parts []Part) []string {
	var owners []string
	for _, part := range parts {
		if part.Role == SetUp {
			owners = append(owners, part.Owners...)
		}
	}
	return owners
}

// providers are the rows that provide what a step relies on: those with the
// longest text that the step begins with.
func providers(step string, rows []counted) []string {
	var ids []string
	longest := 0
	for _, row := range rows {
		for _, text := range row.Provides {
			if !strings.HasPrefix(step, text) || len(text) < longest {
				continue
			}
			if len(text) > longest {
				ids, longest = nil, len(text)
			}
			ids = append(ids, row.ID)
		}
	}
	return ids
}
