package conformance

import (
	"fmt"
	"strings"

	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/conformance/evidence"
	"github.com/dragoman-auth/dragoman/internal/humanize"
)

// secretsInLog are the findings that a subject has printed secrets of the run in clear
// (ASVS 16.2.5), one for each kind of them. Printed begins at a line of its output. No
// row judges that: most subjects are judged without their output.
func secretsInLog(secrets *evidence.Secrets, printed string, line int) []report.Finding {
	byKind := map[string][]evidence.Sighting{}
	for _, seen := range secrets.Sightings(printed) {
		byKind[seen.Kind] = append(byKind[seen.Kind], seen)
	}
	last := line - 1 + strings.Count(printed, "\n")
	var found []report.Finding
	for _, kind := range []struct{ name, said string }{
		{"password", "password"}, {"basic", "Basic authorization"}, {"token", "token"}, {"key", "API key"},
	} {
		seen := byKind[kind.name]
		if len(seen) == 0 {
			continue
		}
		found = append(found, report.Finding{
			Severity: report.Warning, Where: "subject",
			Cause: fmt.Sprintf("its log shows %s in clear, as [%s] in line %d of %d", humanize.Count(len(seen), kind.said), seen[0].Name, line-1+seen[0].Line, last),
			Fix:   "whoever reads the log may use it: log who did what, and leave secrets out, those in URLs too",
		})
	}
	return found
}
