package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"

	"binmend/decoder"
	"binmend/schema/changes"
)

// Backward writes the inverse of the changes, newest first. Unless everything was read, it writes only a comment. If something can't
// be taken back, the error's reason is ErrNotInvertible.
func Backward(ctx context.Context, w io.Writer, s *changes.Stream, o Options) (_ Summary, err error) {
	o.GTIDs, o.lasting = false, s.Undone != nil && s.Undone.Knows()
	o.backward = true
	j := newJob(w, o)
	file, err := newSpool()
	if err != nil {
		return Summary{}, err
	}
	defer func() { err = errors.Join(err, file.close()) }()
	var refused refusals
	var format *decoder.Format // of the first transaction
	err = s.Run(ctx, j.options.Workers, j.work, func(c *changes.Chunk) error {
		if format == nil {
			format = c.Transactions[0].Format
		}
		res := j.results.Take(c)
		j.summary.addSummary(res.summary)
		refused.add(res.refused)
		if res.err != nil {
			return res.err
		}
		j.open = res.open
		return file.addPiece(c.Out, res.goesOn)
	})
	if err == nil {
		err = ctx.Err()
	}
	switch {
	case err != nil:
	case j.open || s.EndsInside():
		err = errOpenEnd
	default:
		err = refused.err()
	}
	j.open = false // nothing is written yet
	if s.GaveUndefined() && format != nil && !format.Server.LogsCascades() {
		j.summary.unequal = "which foreign keys refer to tables without a definition is not known: servers before MySQL 9.6 and MariaDB don't log the rows that these change, so " +
			"such rows are not taken back"
	}
	j.summary.ofTables = tableRisks(s.Tables(), hiddenNames, notTakenBack)
	j.risks = slices.Concat(j.summary.Risks(), s.Definitions.Doubts, s.Definitions.Risks)
	if err == nil && format != nil {
		err = j.begin(format)
		j.open = true
		if err == nil {
			err = file.backward(ctx, j.out)
		}
	} else {
		j.writeAbout()
	}
	return j.summary, j.finish(err)
}

// spool keeps pieces of text in a temporary file and returns them, the last one first. The file is deleted as soon as it is open, if
// the system allows that: however the process ends, nothing is left.
type spool struct {
	file   *os.File
	named  bool
	sizes  []int64
	length int64
}

func newSpool() (*spool, error) {
	f, err := os.CreateTemp("", "binmend-rollback-")
	if err != nil {
		return nil, err
	}
	s := &spool{file: f, named: runtime.GOOS == "windows"}
	if !s.named {
		err = os.Remove(f.Name())
	}
	return s, err
}

// addPiece adds a piece, or more of the last one.
func (s *spool) addPiece(b []byte, more bool) error {
	if len(b) == 0 {
		return nil
	}
	if _, err := s.file.Write(b); err != nil {
		return fmt.Errorf("temporary file: %w", err)
	}
	if n := len(s.sizes); more && n > 0 {
		s.sizes[n-1] += int64(len(b))
	} else {
		s.sizes = append(s.sizes, int64(len(b)))
	}
	s.length += int64(len(b))
	return nil
}

// backward writes the pieces to w, the last one first.
func (s *spool) backward(ctx context.Context, w io.Writer) error {
	b := make([]byte, changes.FlushBytes)
	for _, n := range slices.Backward(s.sizes) {
		s.length -= n
		for at := int64(0); at < n; {
			part := b[:min(n-at, int64(len(b)))]
			if _, err := s.file.ReadAt(part, s.length+at); err != nil {
				return fmt.Errorf("temporary file: %w", err)
			}
			if _, err := w.Write(part); err != nil {
				return err
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
			at += int64(len(part))
		}
	}
	return nil
}

func (s *spool) close() error {
	err := s.file.Close()
	if s.named {
		err = errors.Join(err, os.Remove(s.file.Name()))
	}
	return err
}
