package stepstest

import "github.com/dragoman-auth/dragoman/internal/needs"

// Sample returns the rows of a table of servers that a test tries: all, or, with the
// race detector, every eighth: the same code judges all of them.
func Sample[T any](rows ...T) []T {
	if !needs.Raced {
		return rows
	}
	const every = 8
	var sample []T
	for i, row := range rows {
		if i%every == 0 {
			sample = append(sample, row)
		}
	}
	return sample
}
