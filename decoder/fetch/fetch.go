// Package fetch copies a part of a running source's log into files that other packages read as logs. In go a connection,
// where to begin and when to stop; out come the files, under the source's names, with every event at its own offset and holes
// for what was left out. One event at a time is in memory, never a file. The caller removes the files.
package fetch

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/logfile"
	"binmend/decoder/remote"
	"binmend/decoder/txn"
	"binmend/decoder/walk"
)

// Part copies what the source sends to a request into dir, up to the transaction that enough accepts, or to the end of
// the source's log. Each transaction is shown to enough when it is complete. The logs have the opener's keys.
func Part(conn *remote.Conn, r remote.Request, dir string, opener logfile.Opener, enough func(txn.Transaction) bool) (walk.Logs, error) {
	w := &writer{conn: conn, dir: dir, logs: walk.Logs{Opener: opener}}
	w.logs.Opener.Holes = maps.Clone(opener.Holes)
	if w.logs.Opener.Holes == nil {
		w.logs.Opener.Holes = map[string][]logfile.Hole{}
	}
	if err := conn.Dump(r); err != nil {
		return w.logs, err
	}
	err := follow(decoder.NewReader(w), enough)
	return w.logs, errors.Join(err, w.finish())
}

// All copies a source's logs into dir, from the named one to the end of the last, under their names on the source. It tells
// show how much of each log is there.
func All(ctx context.Context, source remote.Options, log, dir string, show func(log string, end int64)) (walk.Logs, error) {
	conn, err := remote.Connect(ctx, source)
	if err != nil {
		return walk.Logs{}, err
	}
	defer conn.Close()
	logs, err := Part(conn, fromBeginning(log), dir, logfile.Opener{}, func(t txn.Transaction) bool {
		show(t.End.File, t.End.Offset)
		return false
	})
	named := walk.Logs{Opener: logfile.Opener{Dir: dir, Holes: map[string][]logfile.Hole{}}}
	for _, path := range logs.Names {
		name := filepath.Base(path)
		named.Names = append(named.Names, name)
		named.Opener.Holes[name] = logs.Opener.Holes[path]
	}
	return named, err
}

func fromBeginning(log string) remote.Request {
	return remote.Request{File: log, Pos: int64(len(logfile.Magic))}
}

// follow reads up to the last transaction that is wanted.
func follow(r *decoder.Reader, enough func(txn.Transaction) bool) error {
	var tracker txn.Tracker
	for {
		e, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		var step txn.Step
		if e.Type == decoder.EventTransactionPayload {
			r.SkipPayload()
			step = tracker.AddClosed(e)
		} else if step, err = tracker.AddEvent(e); err != nil {
			return err
		}
		if step.Ends() && enough(tracker.Current()) {
			return nil
		}
	}
}

// writer is a decoder.Source that also writes every event to the files.
type writer struct {
	conn *remote.Conn
	dir  string
	logs walk.Logs

	source string // the name of the current log
	file   *os.File
	buf    *bufio.Writer
	end    int64 // after the last event written
}

func (w *writer) Next() (raw []byte, pos decoder.Position, err error) {
	raw, pos, err = w.conn.Next()
	if err != nil {
		return nil, pos, err
	}
	return raw, pos, w.put(raw, pos)
}

// put writes an event at its place.
func (w *writer) put(raw []byte, pos decoder.Position) error {
	if pos.File != w.source || w.file == nil {
		if err := w.begin(pos.File); err != nil {
			return err
		}
	}
	if err := w.goTo(pos.Offset); err != nil {
		return err
	}
	n, err := w.buf.Write(raw)
	w.end += int64(n)
	return err
}

// begin begins the next log.
func (w *writer) begin(name string) (err error) {
	if err := w.finish(); err != nil {
		return err
	}
	path := filepath.Join(w.dir, name)
	w.file, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	switch {
	case errors.Is(err, fs.ErrExist):
		return &fault.Error{Reason: remote.ErrBegunAnew, What: fmt.Sprintf("the source sends %s a second time, after %s", name, w.source)}
	case err != nil:
		return err
	}
	w.source, w.buf = name, bufio.NewWriterSize(w.file, 256<<10)
	w.logs.Names = append(w.logs.Names, path)
	n, err := w.buf.Write(logfile.Magic)
	w.end = int64(n)
	return err
}

// goTo leaves a hole up to an event's offset.
func (w *writer) goTo(offset int64) error {
	switch {
	case offset == w.end:
		return nil
	case offset < w.end:
		return fmt.Errorf("expected an event at %s:%d or after it, found one at %d", w.source, w.end, offset)
	}
	if err := w.buf.Flush(); err != nil {
		return err
	}
	if _, err := w.file.Seek(offset, io.SeekStart); err != nil {
		return err
	}
	holes := w.logs.Opener.Holes
	holes[w.file.Name()] = append(holes[w.file.Name()], logfile.Hole{From: w.end, To: offset})
	w.end = offset
	return nil
}

// finish ends the current log.
func (w *writer) finish() error {
	if w.file == nil {
		return nil
	}
	err := errors.Join(w.buf.Flush(), w.file.Close())
	w.file = nil
	return err
}
