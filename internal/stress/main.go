// Command stress runs the tests of packages over and over on a busy machine, and
// says what was ever red, how often, and with what words the first time.
//
//	stress -rounds 20 -race ./sdk/... ./reference
//
// Each package is compiled once. Its tests run in its folder, in another order
// each time, with GOMAXPROCS 1, 2 and 8 in turn, beside two busy loops, a writer of
// files, and others: up to -at-once packages at a time, none beside itself, first the
// one that is the furthest behind its plan; where they are many more than the
// processors, answers take longer than the 10 seconds that a server may take when the
// judge begins. Before that each runs once without all this: packages that take less
// than 10 seconds then have 50 rounds, or 10 with the race detector, the others 10 and 3.
//
// It fails if anything was red, also when it is interrupted, and where there is
// nothing to run.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

func main() {
	rounds := flag.Int("rounds", 0, "rounds of every package; 0 goes by how long it takes")
	race := flag.Bool("race", false, "with the race detector")
	atOnce := flag.Int("at-once", runtime.NumCPU(), "packages under load at a time")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := stress(ctx, *rounds, *atOnce, *race, flag.Args())
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "stress:", err)
		os.Exit(1)
	}
}

func stress(ctx context.Context, rounds, atOnce int, race bool, patterns []string) error {
	dir, err := os.MkdirTemp("", "dragoman-stress-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // it is temporary
	packages, err := compile(ctx, dir, race, patterns)
	if err != nil {
		return err
	}
	h := hunt{out: os.Stdout, run: runTests, atOnce: atOnce, rounds: func(took time.Duration) int {
		if rounds > 0 {
			return rounds
		}
		return usualRounds(took, race)
	}}
	h.unloaded(ctx, packages)
	work := load(ctx, dir)
	h.busy(ctx, packages)
	loadErr := work.stop()
	return errors.Join(h.conclude(), loadErr, ctx.Err())
}

// usualRounds are those of a package that takes so long on a quiet machine.
func usualRounds(took time.Duration, race bool) int {
	switch fast := took < 10*time.Second; {
	case fast && race:
		return 10
	case fast:
		return 50
	case race:
		return 3
	default:
		return 10
	}
}
