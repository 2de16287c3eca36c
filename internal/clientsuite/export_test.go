package clientsuite

// Meanings counts, for a step's text, the definitions that it has.
func Meanings(text string) (patterns []string) {
	for _, d := range definitions() {
		if d.pattern.MatchString(text) {
			patterns = append(patterns, d.pattern.String())
		}
	}
	return patterns
}

// Patterns are those of all definitions.
func Patterns() []string {
	var all []string
	for _, d := range definitions() {
		all = append(all, d.pattern.String())
	}
	return all
}
