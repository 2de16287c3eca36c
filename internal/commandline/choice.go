package commandline

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/dragoman-auth/dragoman/internal/humanize"
)

// oneOf is the value of a flag that takes one of some words.
type oneOf struct {
	target  *string
	initial string
	words   []string
}

// OneOf adds a flag that takes one of some words, and has one of them, or none, at the
// beginning. Where the beginning is empty, the empty word is taken, too.
func OneOf(f *pflag.FlagSet, target *string, name, initial string, words []string, usage string) {
	*target = initial
	f.Var(&oneOf{target, initial, words}, name, usage)
}

func (v *oneOf) String() string    { return *v.target }
func (v *oneOf) Type() string      { return "string" }
func (v *oneOf) choices() []string { return v.words }

func (v *oneOf) Set(word string) error {
	if err := Known(word, v.words); err != nil && word != v.initial {
		return err
	}
	*v.target = word
	return nil
}

// someOf is the value of a flag that takes some of some words.
type someOf struct {
	target *[]string
	words  []string
	set    bool
}

// SomeOf adds a flag that takes words of a list, and none at the beginning. It may be
// repeated, and takes several words with commas between them.
func SomeOf(f *pflag.FlagSet, target *[]string, name string, words []string, usage string) {
	*target = nil
	f.Var(&someOf{target: target, words: words}, name, usage)
}

func (v *someOf) String() string        { return strings.Join(*v.target, ",") }
func (v *someOf) Type() string          { return "strings" }
func (v *someOf) choices() []string     { return v.words }
func (v *someOf) GetSlice() []string    { return *v.target }
func (v *someOf) Append(w string) error { return v.add([]string{w}) }

func (v *someOf) Set(text string) error {
	if text == "" {
		return nil
	}
	return v.add(strings.Split(text, ","))
}

// Replace takes the words of a list in place of those that there are.
func (v *someOf) Replace(words []string) error {
	v.set = false
	return v.add(words)
}

func (v *someOf) add(words []string) error {
	for _, word := range words {
		if err := Known(word, v.words); err != nil {
			return err
		}
	}
	if !v.set {
		*v.target, v.set = nil, true
	}
	*v.target = append(*v.target, words...)
	return nil
}

// Known says which words there are, where word is none of them.
func Known(word string, words []string) error {
	if slices.Contains(words, word) {
		return nil
	}
	return fmt.Errorf("%q is not %s%s", word, humanize.Or(words), humanize.DidYouMean(word, words))
}
