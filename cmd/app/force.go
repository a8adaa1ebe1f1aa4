package app

import (
	"errors"
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"binmend/decoder"
	"binmend/decoder/txn"
)

func forceFlag() cli.Flag {
	return &cli.BoolFlag{Name: "force", Usage: "go on behind damage", DisableDefaultText: true}
}

// forcedWalk goes on behind damage, and says on standard error what it passes over. A transaction that the damage is in has
// no end, or no beginning.
type forcedWalk struct {
	walker
	session *session
}

func (w *forcedWalk) Next() (*decoder.Event, txn.Step, error) {
	for {
		e, step, err := w.walker.Next()
		var damage *decoder.Error
		if !errors.As(err, &damage) || !damage.IsDamage() {
			return e, step, err
		}
		next, failed := w.Resync(damage.Pos)
		switch {
		case errors.Is(failed, decoder.ErrNoProof):
			return nil, txn.Outside, err
		case failed != nil && failed != io.EOF:
			return nil, txn.Outside, failed
		}
		w.session.gap(damage, next, failed)
	}
}

// gap tells what --force passed over; end is io.EOF when nothing readable follows in the file.
func (r *session) gap(damage *decoder.Error, next int64, end error) {
	r.gaps++
	follows := fmt.Sprintf("reading goes on at %d", next)
	if end != nil {
		follows = "no event follows in this file"
	}
	fmt.Fprintf(r.Err, "binmend: %s: %s\n%s: passed over %d bytes from %d on; %s\n", r.command.Name, printable(damage.Error()),
		printable(damage.Pos.File), next-damage.Pos.Offset, damage.Pos.Offset, follows)
}
