package repair

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/find"
	"binmend/decoder/txn"
	"binmend/schema"
	"binmend/schema/replica"
)

// maxCandidates bounds how many transactions are named.
const maxCandidates = 3

// orCandidates names the transactions with the change in the message, if the status does not say which one failed. A person has to
// choose: the same change may have been applied before.
func (p *Place) orCandidates(ctx context.Context, o *Options, s stopped, err error) error {
	if !errors.Is(err, replica.ErrNoPlace) || causeOf(o, s) == nil {
		return err
	}
	found, failed := p.candidates(ctx, o, s)
	if failed != nil || len(found) == 0 {
		return err
	}
	var names []string
	for i := range found {
		name := fmt.Sprintf("%s:%d", filepath.Base(found[i].Start.File), found[i].Start.Offset)
		if !found[i].GTID.IsZero() {
			name += " (" + found[i].GTID.String() + ")"
		}
		names = append(names, name)
	}
	if len(found) == maxCandidates {
		names = append(names, "…")
	}
	return &fault.Error{Reason: ErrCandidates, Err: err, Facts: fault.Facts{Name: strings.Join(names, ", ")}}
}

// takeOvertaken takes the transaction with the change in the message if the one at the position of the status, executed or
// gtid_slave_pos, does not have it, or is in none of the logs. MariaDB's parallel appliers move that position past a failed
// transaction as long as those after it belong to other GTID domains; gtid_slave_pos lacks a domain whose first transaction failed.
// There must be only one such transaction in the logs, and they must hold everything that the replica has received.
func (p *Place) takeOvertaken(ctx context.Context, o *Options, s stopped) bool {
	f := s.failure
	if causeOf(o, s) == nil || s.status.Flavor != decoder.MariaDB || !f.GTID.IsZero() || f.Event.Pos != 0 {
		return false
	}
	found, err := p.candidates(ctx, o, s)
	if err != nil || len(found) != 1 || found[0].Start == p.Transaction.Start {
		return false
	}
	if _, err := find.BySourceEnd(p.Logs, s.status.Read.File, uint32(s.status.Read.Pos), decoder.Position{}); err != nil {
		return false
	}
	p.Transaction = found[0]
	p.Notes = append(p.Notes, "the position executed is that of another GTID domain, which has overtaken the failing transaction; "+
		"this is the only transaction in these logs with the change that the message names")
	return true
}

// candidates are the first transactions in the logs that have the change in the message and are not known to be applied. If the one
// at the position of the status is among them, it is the only one, and the logs are not read on.
func (p *Place) candidates(ctx context.Context, o *Options, s stopped) (found []txn.Transaction, err error) {
	applied, err := s.status.Applied()
	if err != nil {
		return nil, err
	}
	w, err := p.Logs.From(decoder.Position{})
	if err != nil {
		return nil, err
	}
	defer w.Close()
	tables := definitions(o, p, &Range{})
	w.SetCompleter(schema.Completer(ctx, tables))
	var c *cause
	for len(found) < maxCandidates {
		e, step, err := w.Next()
		if err == nil {
			err = ctx.Err()
		}
		if err == io.EOF {
			return found, nil
		}
		if err != nil {
			return nil, err
		}
		if !e.IsRows() {
			if _, err := tables.Follow(e); err != nil {
				return nil, err
			}
		}
		if step == txn.Outside {
			continue
		}
		if step.Begins() {
			c = causeOf(o, s)
		}
		if err := c.look(ctx, tables, e); err != nil {
			return nil, err
		}
		if !step.Ends() || applied.Has(w.Transaction().GTID) || c.check(w.Transaction()) != nil {
			continue
		}
		if w.Transaction().Start == p.Transaction.Start {
			return []txn.Transaction{w.Transaction()}, nil
		}
		found = append(found, w.Transaction())
	}
	return found, nil
}

// look examines an event of a transaction that may be the failing one. Rows of an unknown table are not compared.
func (c *cause) look(ctx context.Context, tables schema.Resolver, e *decoder.Event) error {
	if !e.IsRows() {
		return c.meetStatement(e)
	}
	re, err := e.Rows()
	if err != nil {
		return err
	}
	if c.meet(re); !c.ofTable {
		return nil
	}
	ref := schema.Ref{Database: c.filters.Renamed(re.Map.Database), Table: re.Map.Table, Map: re.Map, Pos: e.Pos}
	t, err := tables.Table(ctx, ref)
	if err != nil {
		c.passOver()
		return nil
	}
	for row, err := range re.All() {
		if err != nil {
			return err
		}
		c.meetRow(t, row)
	}
	return nil
}
