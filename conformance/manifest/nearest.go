package manifest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/humanize"
)

// didYouMean names the known key that is nearest to a mistyped one, or all
// keys where none is near.
func didYouMean[V any](key string, known map[string]V) string {
	names := slices.Sorted(maps.Keys(known))
	if near, ok := humanize.Nearest(key, names); ok {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return "; known keys: " + strings.Join(names, ", ")
}
