package manifest

import (
	"maps"
	"slices"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/humanize"
)

// didYouMean names the known key that is nearest to a mistyped one, or all
// keys where none is near.
func didYouMean[V any](key string, known map[string]V) string {
	names := slices.Sorted(maps.Keys(known))
	if meant := humanize.DidYouMean(key, names); meant != "" {
		return meant
	}
	return "; known keys: " + strings.Join(names, ", ")
}
