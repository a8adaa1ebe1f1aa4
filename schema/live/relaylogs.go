package live

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"binmend/decoder/fault"
	"binmend/decoder/logfile"
	"binmend/schema/replica"
)

// RelayLogs lists the relay logs of a channel, oldest first: the one that its status names, those before it and those
// after it, without a gap. dir is a copy of the folder they are in; "" means the server's own folder, on this host.
func (s *Server) RelayLogs(status *replica.Status, dir string) ([]string, error) {
	if status.Relay.File == "" {
		return nil, &fault.Error{Reason: ErrWhichLog, What: "the status names no relay log"}
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
	return &fault.Error{Reason: ErrElsewhere, What: fmt.Sprintf("the replica's relay logs are on %s, and this is %s", s.facts.host, here)}
}

// relayLogsIn lists the relay logs of a folder around the named one.
func relayLogsIn(dir, current string) ([]string, error) {
	stem, number, ok := logfile.CutNumber(current)
	if !ok {
		return nil, &fault.Error{Reason: ErrWhichLog, What: fmt.Sprintf("expected a relay log with a number, found %q", current)}
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
	e := &fault.Error{Reason: ErrElsewhere, What: "the relay log " + name, Err: err}
	var path *fs.PathError
	if errors.As(err, &path) {
		e.Err = path.Err
	}
	if errors.Is(err, fs.ErrPermission) {
		e.Reason = ErrNotAllowed
	}
	return e
}
