//go:build race

package main

// raced says whether the race detector runs: a sample of a long list is enough for it.
const raced = true
