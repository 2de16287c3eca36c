package zoo

import (
	"context"
	"slices"

	"github.com/dragoman-auth/dragoman/conformance/manifest"
	"github.com/dragoman-auth/dragoman/conformance/report"
)

// Variant is a server that is right, and different from the reference in
// something that no requirement is about or that its manifest declares.
type Variant struct {
	// Name is unique.
	Name string
	// Differs says in one sentence what is different.
	Differs string
	// Dialects in which it is judged; empty is all.
	Dialects []string
	// Change makes the difference.
	Change func(*Server)
}

// Judge runs the suite against the variant. An error says that it could not be
// judged; what the suite found is in the report.
func (v Variant) Judge(ctx context.Context) (*report.Report, error) {
	dialects := v.Dialects
	if len(dialects) == 0 {
		dialects = manifest.DialectNames()
	}
	return judge(ctx, v.Name, dialects, v.Change, false)
}

// Variants are all of them. The slice is fresh on every call.
func Variants() []Variant {
	return slices.Concat(wireVariants(), sessionVariants(), formVariants(), rpcVariants(), scopedVariants())
}
