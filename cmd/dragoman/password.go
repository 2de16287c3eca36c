package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// passwordVariable holds a password where nobody can be asked.
const passwordVariable = "DRAGOMAN_PASSWORD"

// readPassword takes the password from the environment, from the terminal
// without showing it, or from the first line of the input.
func readPassword(cmd *cobra.Command, prompt string) (string, error) {
	if password := os.Getenv(passwordVariable); password != "" {
		return password, nil
	}
	if input, is := cmd.InOrStdin().(*os.File); is && term.IsTerminal(int(input.Fd())) {
		return askPassword(cmd, int(input.Fd()), prompt)
	}
	line, _ := bufio.NewReader(cmd.InOrStdin()).ReadString('\n')
	password := strings.TrimRight(line, "\r\n")
	if password == "" {
		return "", errors.New("there is no password in the first line of the input, nor in $" + passwordVariable)
	}
	return password, nil
}

func askPassword(cmd *cobra.Command, terminal int, prompt string) (string, error) {
	var answers [2]string
	for i, question := range []string{prompt, "Once more"} {
		fmt.Fprintf(cmd.ErrOrStderr(), "%s: ", question)
		answer, err := term.ReadPassword(terminal)
		fmt.Fprintln(cmd.ErrOrStderr())
		if err != nil {
			return "", fmt.Errorf("read the password: %w", err)
		}
		answers[i] = string(answer)
	}
	if answers[0] == "" || answers[0] != answers[1] {
		return "", errors.New("the two passwords differ, or are empty")
	}
	return answers[0], nil
}
