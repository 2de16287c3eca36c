//go:build race

package stepstest

const sampled = 8
