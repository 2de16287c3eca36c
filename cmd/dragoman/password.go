package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"
)

// passwordVariable holds a password for runs without a terminal.
const passwordVariable = "DRAGOMAN_PASSWORD"

// shortestPassword is the minimum number of characters of a password, from NIST SP
// 800-63B-3. The fourth revision requires 15 where the password is the only factor.
const shortestPassword = 8

func bindWeak(f *pflag.FlagSet, weak *bool) {
	f.BoolVar(weak, "allow-weak", false, "accept a password of fewer than "+strconv.Itoa(shortestPassword)+" characters")
}

// readPassword reads a new password. Only if weak is set, it may be short.
func readPassword(cmd *cobra.Command, prompt string, weak bool) (string, error) {
	password, err := anyPassword(cmd, prompt)
	if err == nil && !weak && utf8.RuneCountInString(password) < shortestPassword {
		return "", fmt.Errorf("the password is shorter than %d characters; take a longer one, or set --allow-weak", shortestPassword)
	}
	return password, err
}

// anyPassword reads a password from the environment, from the terminal without
// echo, or from the first line of the input. It is never empty.
func anyPassword(cmd *cobra.Command, prompt string) (string, error) {
	if password := os.Getenv(passwordVariable); password != "" {
		return password, nil
	}
	if input, is := cmd.InOrStdin().(*os.File); is && term.IsTerminal(int(input.Fd())) {
		return askPassword(cmd, int(input.Fd()), prompt)
	}
	line, _ := bufio.NewReader(cmd.InOrStdin()).ReadString('\n')
	password := strings.TrimRight(line, "\r\n")
	if password == "" {
		return "", errors.New("no password in the first line of the input, nor in $" + passwordVariable)
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
	switch {
	case answers[0] != answers[1]:
		return "", errors.New("the two passwords differ")
	case answers[0] == "":
		return "", errors.New("the password is empty")
	}
	return answers[0], nil
}
