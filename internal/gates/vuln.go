package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
)

// vuln is the gate that no call of code with a known vulnerability passes.
type vuln struct {
	root, govulncheck, database string
	out                         io.Writer
}

// unanswered are parts of what govulncheck says where its database does not answer.
var unanswered = []string{"fetching vulnerabilities: ", "unrecognized vulndb format"}

// pass looks for vulnerabilities. Where the database does not answer, nothing is known:
// it says so, and passes.
func (v vuln) pass(ctx context.Context) error {
	program, err := exec.LookPath(v.govulncheck)
	if err != nil {
		return fmt.Errorf("vuln: %w", err)
	}
	if program, err = filepath.Abs(program); err != nil {
		return fmt.Errorf("vuln: %w", err)
	}
	var args []string
	if v.database != "" {
		args = []string{"-db", v.database}
	}
	var problem bytes.Buffer
	command := exec.CommandContext(ctx, program, append(args, "./...")...)
	command.Dir, command.Stdout, command.Stderr = v.root, v.out, &problem
	err = command.Run()
	said := strings.TrimSpace(problem.String())
	if err == nil {
		fmt.Fprintln(v.out, "vuln: no known vulnerability is called")
		return nil
	}
	const found = 3
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == found {
		return errors.New("vuln: the code calls what has a known vulnerability, see above")
	}
	for _, part := range unanswered {
		if strings.Contains(said, part) {
			fmt.Fprintf(v.out, "vuln: NOT CHECKED, for the database of vulnerabilities does not answer: %s\n", said)
			return nil
		}
	}
	return fmt.Errorf("vuln: %w: %s", err, said)
}
