// Package conformance judges whether a server speaks the dialects right. Run
// starts the subject of a manifest, plans which requirements apply, runs their
// scenarios over real HTTP and gRPC, and reports a verdict per requirement with
// evidence. Test does the same as subtests of a Go test.
//
// A run never counts what it did not do. A row whose capability the manifest
// does not declare is not-applicable; a row whose proof could not be had
// (no clock to move, excluded from judgement, interrupted) is untestable, even
// when other scenarios of it passed; scenarios planned and scenarios run are
// compared, and a difference is an error of the harness.
//
// The parts: manifest reads what is to be judged, catalogue what by; subject
// starts it; doctor looks whether it is ready to be judged; steps hold the step
// definitions, evidence what went over the wire, report the result. This package
// plans, runs and reaches the verdicts.
package conformance
