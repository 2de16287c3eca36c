package subject

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"time"

	"github.com/testcontainers/testcontainers-go"
	tcexec "github.com/testcontainers/testcontainers-go/exec"
)

// runHere runs a command on this machine and wants it to succeed.
func runHere(ctx context.Context, dir string, words []string) error {
	var printed output
	command := exec.CommandContext(ctx, words[0], words[1:]...)
	command.Dir, command.WaitDelay = dir, time.Second
	command.Stdout, command.Stderr = &printed, &printed
	if err := command.Run(); err != nil {
		return fmt.Errorf("%w; %s", err, LastLines(printed.String()))
	}
	return nil
}

// runInside runs a command in a container and wants it to succeed.
func runInside(ctx context.Context, c testcontainers.Container, words []string) error {
	status, reader, err := c.Exec(ctx, words, tcexec.Multiplexed())
	if err != nil {
		return fmt.Errorf("run it in the container: %w", err)
	}
	var printed output
	if _, err := io.Copy(&printed, reader); err != nil {
		return fmt.Errorf("read what it prints: %w", err)
	}
	if status != 0 {
		return fmt.Errorf("it ended with status %d; %s", status, LastLines(printed.String()))
	}
	return nil
}
