package pull

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/gofrs/flock"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/logfile"
)

const (
	folderMode = 0o750 // as servers make theirs
	fileMode   = 0o640
	lockName   = "binmend-pull.lock"
)

// store is the folder of logs. The last one grows.
type store struct {
	dir  string
	lock *flock.Flock
	logs []string // as in the index, oldest first

	file   file // the last log; nil before it is opened
	w      *buffer
	end    int64 // after the last whole event that was appended
	synced int64 // up to here the last log is on disk for certain
	resume int64 // where the last whole event begins that the protocol can ask for
}

// file is a log being written.
type file interface {
	Write(b []byte) (int, error)
	ReadAt(b []byte, offset int64) (int, error)
	Truncate(size int64) error
	Sync() error
	Close() error
}

// openFile opens a log for appending, and creates it if it does not exist.
var openFile = func(name string) (file, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_APPEND|os.O_CREATE, fileMode)
	if err != nil {
		return nil, err
	}
	return f, nil
}

// openStore locks a folder for this process, and creates it if it does not exist.
func openStore(dir string) (*store, error) {
	if err := os.MkdirAll(dir, folderMode); err != nil {
		return nil, err
	}
	s := &store{dir: dir, lock: flock.New(filepath.Join(dir, lockName), flock.SetPermissions(fileMode))}
	locked, err := s.lock.TryLock()
	if err != nil {
		return nil, err
	}
	if !locked {
		return nil, &fault.Error{Reason: ErrTaken, What: dir + " is taken: another process pulls into it"}
	}
	if s.logs, err = readIndex(dir); err == nil {
		err = completeIndex(dir, s.logs)
	}
	if err != nil {
		s.lock.Close()
		return nil, err
	}
	return s, nil
}

// close unlocks the folder.
func (s *store) close() error {
	return errors.Join(s.closeLog(), s.lock.Close())
}

func (s *store) path(name string) string { return filepath.Join(s.dir, name) }

// current is the name of the last log, "" when there is none.
func (s *store) current() string {
	if len(s.logs) == 0 {
		return ""
	}
	return s.logs[len(s.logs)-1]
}

// open opens the last log, unless it is open, and cuts off what an unfinished write left after its last whole event. The log
// is on disk then.
func (s *store) open() error {
	if s.current() == "" || s.file != nil {
		return nil
	}
	name := s.path(s.current())
	t, err := findTail(name)
	if err != nil {
		return err
	}
	if t.damage != nil {
		if err := keepRest(name, t.end); err != nil {
			return err
		}
	}
	if s.file, err = openFile(name); err != nil {
		return err
	}
	s.w, s.end, s.resume, s.synced = newBuffer(s.file), t.end, t.resume, t.end
	if err := s.cut(); err != nil {
		s.closeLog()
		return explainWrite(err)
	}
	return nil
}

// cut removes what is after the last whole event.
func (s *store) cut() error {
	if s.end == 0 {
		return s.writeMagic()
	}
	if err := s.file.Truncate(s.end); err != nil {
		return err
	}
	return s.sync()
}

// begin ends the last log and begins the next one. The index names it once it exists.
func (s *store) begin(name string) error {
	if len(s.logs) > 0 && !sameStem(s.logs[0], name) {
		return severalNames(s.dir, s.logs[0], name)
	}
	if err := s.sync(); err != nil {
		return err
	}
	if err := s.closeLog(); err != nil {
		return err
	}
	if err := s.checkFree(name); err != nil {
		return err
	}
	if err := s.create(name); err != nil {
		s.closeLog()
		return explainWrite(err)
	}
	return nil
}

// create makes a log and names it in the index.
func (s *store) create(name string) (err error) {
	if s.file, err = openFile(s.path(name)); err != nil {
		return err
	}
	s.w = newBuffer(s.file)
	if err := s.writeMagic(); err != nil {
		return err
	}
	logs := append(slices.Clip(s.logs), name)
	if err := writeIndex(s.dir, logs); err != nil {
		return err
	}
	s.logs = logs
	return nil
}

// checkFree makes sure that there is no log of this name with events in it.
func (s *store) checkFree(name string) error {
	info, err := os.Lstat(s.path(name))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode().IsRegular() && info.Size() <= int64(len(logfile.Magic)):
		return nil // created, but the process was killed before the index was written
	}
	return &fault.Error{Reason: ErrOtherLog, What: fmt.Sprintf("%s is there already, and is not the log after %q", s.path(name), s.current())}
}

// writeMagic writes the magic number of the open log.
func (s *store) writeMagic() error {
	if err := s.file.Truncate(0); err != nil {
		return err
	}
	if err := s.w.write(logfile.Magic); err != nil {
		return err
	}
	s.w.mark()
	s.end, s.resume, s.synced = int64(len(logfile.Magic)), int64(len(logfile.Magic)), 0
	if err := s.sync(); err != nil {
		return err
	}
	return syncFolder(s.dir)
}

// write appends bytes of an event.
func (s *store) write(b []byte) error { return explainWrite(s.w.write(b)) }

// appended marks the event written last as whole.
func (s *store) appended(pos decoder.Position, length uint32) {
	s.w.mark()
	s.end = pos.Offset + int64(length)
	if pos.Offset <= maxResume {
		s.resume = pos.Offset
	}
}

// maxResume is the last position that a dump can begin at.
const maxResume = 1<<32 - 1

// markInUse sets the flag in the format description that says that the log was not closed. After a crash of MariaDB the
// source's file keeps it, but the source sends every log without it (MariaDB source: send_format_descriptor_event).
func (s *store) markInUse() error {
	f, err := os.OpenFile(s.path(s.current()), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	const offset = 4 + 17 // of the flags' first byte, in the first event
	var flags [1]byte
	_, err = f.ReadAt(flags[:], offset)
	if err == nil {
		flags[0] |= decoder.FlagInUse
		_, err = f.WriteAt(flags[:], offset)
	}
	return errors.Join(err, f.Sync(), f.Close())
}

// flush writes the buffer out, so that readers of the folder see it.
func (s *store) flush() error {
	if s.file == nil {
		return nil
	}
	return explainWrite(s.w.flush())
}

// sync makes sure that what was written is on disk.
func (s *store) sync() error {
	if s.file == nil {
		return nil
	}
	if err := s.flush(); err != nil {
		return err
	}
	if err := s.file.Sync(); err != nil {
		return explainWrite(s.distrust(err))
	}
	s.synced = s.end
	return nil
}

// distrust goes back to what was on disk before a failed sync. The system may have dropped what it could not write, and a
// second sync would not report it.
func (s *store) distrust(err error) error {
	return errors.Join(err, s.file.Truncate(s.synced), s.closeLog())
}

// rewind goes back to the end of the last whole event after an error. If that fails too, the next open does it.
func (s *store) rewind() {
	if s.file == nil {
		return
	}
	s.w.drop()
	if s.sync() != nil || s.file.Truncate(s.end) != nil {
		s.closeLog()
	}
}

// closeLog closes the last log as it is.
func (s *store) closeLog() error {
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	s.file = nil
	return err
}

// syncFolder makes sure that the names in a folder are on disk.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
