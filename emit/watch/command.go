package watch

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/kballard/go-shellquote"
)

// Command is run for each written script, with the script's path as its last argument. There is no shell in between: nothing that
// came from a server is ever part of a command line.
type Command []string

// ParseCommand splits a command line into words as a POSIX shell does, by blanks, quotes and backslashes. Nothing is
// expanded.
func ParseCommand(line string) (Command, error) {
	words, err := shellquote.Split(line)
	switch {
	case err != nil:
		return nil, err
	case len(words) == 0 || words[0] == "":
		return nil, errors.New("expected a command, found nothing")
	}
	return words, nil
}

const (
	commandLimit = time.Minute     // for the command
	commandGrace = 5 * time.Second // for what it has left behind with its output open
	maxSaid      = 500             // bytes of what it says that are told
)

// Run runs the command for a script and waits for it, a minute at most. The error has the end of what it said.
func (c Command) Run(ctx context.Context, script string) error {
	ctx, cancel := context.WithTimeout(ctx, commandLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, c[0], append(c[1:len(c):len(c)], script)...)
	cmd.WaitDelay = commandGrace
	said := tail{most: maxSaid}
	cmd.Stdout, cmd.Stderr = &said, &said
	err := cmd.Run()
	switch {
	case err == nil:
		return nil
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		err = fmt.Errorf("%s did not end within %v", c[0], commandLimit)
	}
	if text := strings.TrimSpace(string(said.end)); text != "" {
		err = fmt.Errorf("%w: %s", err, text)
	}
	return err
}

// tail keeps the end of what is written to it.
type tail struct {
	most int
	end  []byte
}

func (t *tail) Write(b []byte) (int, error) {
	t.end = append(t.end, b[max(0, len(b)-t.most):]...)
	t.end = t.end[max(0, len(t.end)-t.most):]
	return len(b), nil
}
