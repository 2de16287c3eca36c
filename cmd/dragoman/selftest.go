package main

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dragoman-auth/dragoman/conformance/report"
	"github.com/dragoman-auth/dragoman/internal/commandline"
	"github.com/dragoman-auth/dragoman/internal/conformance/zoo"
	"github.com/dragoman-auth/dragoman/internal/humanize"
)

type selftestFlags struct {
	mutant  string
	report  bool
	list    bool
	kind    string
	workers int
	repeat  int

	surroundings bool
}

func newSelftestCommand() *cobra.Command {
	var flags selftestFlags
	command := &cobra.Command{
		Use:   "selftest",
		Short: "Prove the judge right, on servers that are wrong on purpose",
		Long: `selftest judges servers whose mistakes are known. Each is one small change to
dragoman's own reference server: mutants are wrong in one way and have to be
failed for just that, variants are right but different and have to pass.

It also says so when a requirement or a scenario fails too few mutants, for then
it could be left out unnoticed. A server that needs an address which this machine
lacks, as one of IPv6, is not tried, and the summary names it.

With --repeat each is judged again and again, its scenarios in another order each
time, but for those that may lock an account, and 1, 16, 8 and 4 of them at once by
turns: the verdicts have to be the same.

Exit codes: 0 the judge is right, 1 it is not, 2 bad usage.`,
		Example: `  dragoman selftest
  dragoman selftest --list
  dragoman selftest --kind variant --repeat 20`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return selftest(cmd, flags) },
	}
	f := command.Flags()
	f.StringVar(&flags.mutant, "mutant", "", "judge only this mutant or variant (`NAME`); see --list")
	f.BoolVar(&flags.report, "report", false, "with --mutant: show all that the suite says about it")
	f.BoolVar(&flags.list, "list", false, "list the mutants and variants, and judge none")
	f.IntVar(&flags.workers, "workers", 2*runtime.GOMAXPROCS(0), "how many (`N`) servers are judged at once (default twice the CPUs)")
	f.IntVar(&flags.repeat, "repeat", 1, "judge each server `N` times; the verdicts have to be the same")
	f.StringVar(&flags.kind, "kind", "", "judge only servers of this `KIND`: reference, mutant or variant")
	f.BoolVar(&flags.surroundings, "surroundings", false, "judge each variant of a dialect in each surrounding, as behind a proxy that compresses")
	f.Lookup("workers").DefValue = "" // the help is the same on every machine
	commandline.Values(command, "mutant", zooNames)
	commandline.Values(command, "kind", zoo.KindNames)
	return command
}

// zooNames are the names that --mutant takes.
func zooNames() []string {
	var names []string
	for _, m := range zoo.Mutants() {
		names = append(names, m.Name)
	}
	for _, v := range zoo.Variants() {
		names = append(names, v.Name)
	}
	return names
}

func selftest(cmd *cobra.Command, flags selftestFlags) error {
	out := cmd.OutOrStdout()
	switch {
	case flags.workers < 1:
		return errors.New("--workers has to be positive")
	case flags.repeat < 1:
		return errors.New("--repeat has to be positive")
	case flags.kind != "" && !slices.Contains(zoo.KindNames(), flags.kind):
		return fmt.Errorf("--kind is %s, not %q", humanize.Or(zoo.KindNames()), flags.kind)
	case flags.mutant != "" && (flags.kind != "" || flags.surroundings || flags.repeat > 1):
		return errors.New("--mutant judges one server once: leave out --kind, --surroundings and --repeat")
	case flags.kind != "" && flags.surroundings:
		return errors.New("--surroundings judges variants: leave out --kind")
	case flags.list && (flags.repeat > 1 || flags.surroundings || flags.mutant != ""):
		return errors.New("--list judges no server: it goes with --kind alone")
	case flags.report && flags.mutant == "":
		return errors.New("--report needs --mutant")
	case flags.list:
		return listZoo(out, zoo.Kind(flags.kind))
	case flags.mutant != "":
		return selftestOne(cmd, flags)
	}
	started := time.Now()
	done := 0
	plan := zoo.Plan{Kind: zoo.Kind(flags.kind), Surroundings: flags.surroundings, Workers: flags.workers, Repeat: flags.repeat}
	proof := zoo.Prove(cmd.Context(), plan, func(f zoo.Trial) {
		done++
		verdict := "ok"
		if f.Err != nil {
			verdict = "WRONG"
		} else if f.Untried != "" {
			verdict = "-"
		}
		fmt.Fprintf(cmd.ErrOrStderr(), "%3d/%d %-5s %-9s %s\n", done, plan.Servers(), verdict, f.Kind, f.Name)
	})
	return summary(out, proof, time.Since(started))
}

// summary says what the zoo proved.
func summary(out io.Writer, proof *zoo.Proof, took time.Duration) error {
	right, all := map[zoo.Kind]int{}, map[zoo.Kind]int{}
	for _, f := range proof.Trials {
		all[f.Kind]++
		if f.Err == nil && f.Untried == "" {
			right[f.Kind]++
		}
	}
	var b strings.Builder
	if err := proof.Err(); err != nil {
		fmt.Fprintf(&b, "%v\n\n", err)
	}
	for _, kind := range []struct {
		kind zoo.Kind
		said string
	}{
		{zoo.KindReference, "reference  %d of %d passes\n"},
		{zoo.KindMutant, "mutants    %d of %d are failed for their own reasons\n"},
		{zoo.KindVariant, "variants   %d of %d pass\n"},
	} {
		if all[kind.kind] > 0 {
			fmt.Fprintf(&b, kind.said, right[kind.kind], all[kind.kind])
		}
	}
	for _, f := range proof.Trials {
		if f.Untried != "" {
			fmt.Fprintf(&b, "not tried  %s: %s\n", f.Name, f.Untried)
		}
	}
	if len(all) > 1 {
		fmt.Fprintf(&b, "gaps       %d of the requirements and scenarios fail too few mutants\n", len(proof.Gaps))
	}
	if proof.Err() == nil {
		fmt.Fprintf(&b, "\nThe judge is right (%s).\n", humanize.Duration(took))
	} else {
		fmt.Fprintf(&b, "\nThe judge is wrong (%s).\n", humanize.Duration(took))
	}
	if _, err := io.WriteString(out, b.String()); err != nil {
		return err
	}
	if proof.Err() != nil {
		return &exitError{code: exitNonConformant}
	}
	return nil
}

// selftestOne judges one mutant or variant.
func selftestOne(cmd *cobra.Command, flags selftestFlags) error {
	out := cmd.OutOrStdout()
	f, err := zoo.Try(cmd.Context(), flags.mutant)
	if err != nil {
		return err
	}
	if f.Untried != "" {
		return fmt.Errorf("%s cannot be judged: %s", f.Name, f.Untried)
	}
	if flags.report && f.Report != nil {
		if err := f.Report.WriteText(out); err != nil {
			return err
		}
	}
	var b strings.Builder
	if f.Report != nil {
		for _, row := range f.Report.Requirements {
			if row.Verdict == report.Fail || row.Verdict == report.Warn {
				fmt.Fprintf(&b, "%s %s: %s\n", row.ID, row.Verdict, row.Reason)
			}
		}
	}
	if f.Err != nil {
		fmt.Fprintf(&b, "\n%v\n", f.Err)
	} else {
		fmt.Fprintf(&b, "%s is judged right (%s).\n", f.Name, humanize.Duration(f.Took))
	}
	if _, err := io.WriteString(out, b.String()); err != nil {
		return err
	}
	if f.Err != nil {
		return &exitError{code: exitNonConformant}
	}
	return nil
}

// listZoo writes a line per server, of one kind or of all.
func listZoo(out io.Writer, only zoo.Kind) error {
	var b strings.Builder
	if only == zoo.KindReference {
		fmt.Fprintf(&b, "%-42s the reference server as it is\n", only)
	}
	if only == "" || only == zoo.KindMutant {
		for _, m := range zoo.Mutants() {
			fmt.Fprintf(&b, "%-42s %s\n%-42s breaks %s\n", m.Name, m.Why, "", strings.Join(m.Breaks, ", "))
		}
	}
	if only == "" || only == zoo.KindVariant {
		for _, v := range zoo.Variants() {
			fmt.Fprintf(&b, "%-42s %s\n", v.Name, v.Differs)
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}
