package live

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"binmend/decoder/logfile"
	"binmend/schema/replica"
)

// RelayLogError: the relay logs of the replica can't be read here.
type RelayLogError struct {
	What   string
	Err    error // may be nil
	Advice string
}

func (e *RelayLogError) Error() string {
	if e.Err == nil {
		return e.What
	}
	return e.What + ": " + e.Err.Error()
}

func (e *RelayLogError) Unwrap() error { return e.Err }

// Hint says what to do.
func (e *RelayLogError) Hint() string { return e.Advice }

const elsewhere = "run binmend on the replica's host, or give --relay-log-dir DIR: a mounted or copied folder with the replica's relay logs"

// RelayLogs lists the relay logs of a channel, oldest first: the one that its status names, those before it and those
// after it, without a gap. dir is a copy of the folder they are in; "" means the server's own folder, on this host.
func (s *Server) RelayLogs(status *replica.Status, dir string) ([]string, error) {
	if status.Relay.File == "" {
		return nil, &RelayLogError{What: "the status names no relay log", Advice: "give the relay logs as arguments, oldest first"}
	}
	if dir == "" {
		if err := s.checkHost(); err != nil {
			return nil, err
		}
		dir = s.facts.relayLogDir()
	}
	return relayLogsIn(dir, filepath.Base(status.Relay.File))
}

// checkHost makes sure that the server's folders are this host's: another server's may have the same names.
func (s *Server) checkHost() error {
	here, err := os.Hostname()
	if err != nil || s.options.local() || here == s.facts.host {
		return err
	}
	return &RelayLogError{What: fmt.Sprintf("the replica's relay logs are on %s, and this is %s", s.facts.host, here), Advice: elsewhere}
}

// relayLogsIn lists the relay logs of a folder around the named one.
func relayLogsIn(dir, current string) ([]string, error) {
	stem, number, ok := logfile.CutNumber(current)
	if !ok {
		return nil, &RelayLogError{What: fmt.Sprintf("expected a relay log with a number, found %q", current), Advice: "give the relay logs as arguments, oldest first"}
	}
	numbers, err := numbersOf(dir, stem)
	if err == nil {
		err = readable(filepath.Join(dir, current))
	}
	if err != nil {
		return nil, unreadable(filepath.Join(dir, current), err)
	}
	first, last := number, number
	for numbers[first-1] != "" {
		first--
	}
	for numbers[last+1] != "" {
		last++
	}
	var names []string
	for n := first; n <= last; n++ {
		names = append(names, filepath.Join(dir, numbers[n]))
	}
	return names, nil
}

func readable(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	return f.Close()
}

// numbersOf are the logs of one name in a folder, by their number.
func numbersOf(dir, stem string) (map[uint64]string, error) {
	entries, err := os.ReadDir(dir)
	numbers := map[uint64]string{}
	for _, e := range entries {
		if of, n, ok := logfile.CutNumber(e.Name()); ok && of == stem {
			numbers[n] = e.Name()
		}
	}
	return numbers, err
}

func unreadable(name string, err error) error {
	e := &RelayLogError{What: "the relay log " + name, Err: err, Advice: elsewhere}
	var path *fs.PathError
	if errors.As(err, &path) {
		e.Err = path.Err
	}
	if errors.Is(err, fs.ErrPermission) {
		e.Advice = "run binmend as an account that may read it: root, or the one that the server runs as (sudo -u mysql)"
	}
	return e
}
