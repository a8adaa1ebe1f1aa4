package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/gtid"
	"binmend/decoder/txn"
	"binmend/schema/replica"
)

func aheadFlag() cli.Flag {
	return &cli.StringFlag{Name: "ahead", DefaultText: "0", Usage: "repair the `N` transactions behind it as well, or all"}
}

// aheadOf reads --ahead: how many transactions behind the failing one are wanted, math.MaxInt for all.
func aheadOf(c *cli.Context) (int, error) {
	text := c.String("ahead")
	switch {
	case text == "":
		return 0, nil
	case text == "all":
		return math.MaxInt, nil
	case givesOffsets(c):
		return 0, &usageError{text: "--ahead with positions", hint: "--start-position and --stop-position name a range by themselves"}
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, &usageError{text: fmt.Sprintf("--ahead: expected a number or all, found %q", text)}
	}
	return n, nil
}

// ahead makes a range of the target: from the first transaction that the replica has not applied, which appliers in
// parallel may have left before the failing one, to the last that is wanted and whole in the logs. Those that are applied
// already are left out.
type ahead struct {
	*target
	wanted  int // transactions behind the failing one
	applied appliedSet

	seen    alterations
	last    txn.Transaction // the last one of the range so far
	found   int             // transactions behind the failing one
	left    int             // those among them that are applied already
	reached bool            // the failing one has been passed
}

// lookAhead takes --ahead.
func (t *target) lookAhead(ctx context.Context, wanted int) error {
	if wanted == 0 {
		return nil
	}
	if t.status == nil {
		return &usageError{text: "--ahead without a status", hint: "give --status FILE, or a connection to the replica: it tells what is applied already"}
	}
	a := &ahead{target: t, wanted: wanted, seen: newAlterations()}
	inOrder, err := t.appliesInOrder(ctx)
	if err != nil {
		return err
	}
	if t.first.GTID.IsZero() && !inOrder {
		t.shortened = []string{"--ahead: without GTIDs, and with several appliers that don't keep the commit order, nothing tells which of " +
			"the transactions behind the failing one are applied already; only the failing one is planned"}
		return nil
	}
	if a.applied, err = appliedOf(t); err != nil {
		return err
	}
	t.from = a.begin()
	return a.walk(ctx)
}

// appliesInOrder says whether no transaction is applied before another one that comes first in the logs.
func (t *target) appliesInOrder(ctx context.Context) (bool, error) {
	if t.server != nil {
		return t.server.AppliesInOrder(ctx)
	}
	return t.status.Flavor == decoder.MariaDB || len(t.status.Workers) <= 1, nil
}

// begin is where the applier is in the relay logs, unless that is behind the failing transaction. It counts only where it
// can be told what is applied from there on.
func (a *ahead) begin() decoder.Position {
	if a.fetched != "" && a.applied.isKnown() {
		return decoder.Position{File: a.logs.Names[0]} // what was read begins where the applier is
	}
	relay := a.failure.Relay
	i, first := a.logs.Index(relay.File), a.logs.Index(a.first.Start.File)
	at := decoder.Position{File: relay.File, Offset: int64(relay.Pos)}
	if !a.applied.isKnown() || relay.File == "" || i < 0 || i > first || i == first && at.Offset > a.first.Start.Offset {
		return a.first.Start
	}
	at.File = a.logs.Names[i]
	return at
}

func (a *ahead) walk(ctx context.Context) error {
	w, err := a.logs.From(a.from)
	if err != nil {
		return err
	}
	defer w.Close()
	for skip := false; ; {
		e, step, err := w.Next()
		switch {
		case err == io.EOF || a.isTorn(err):
			return a.finish()
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case step == txn.Outside:
			continue
		case step.Begins():
			skip = a.applied.has(w.Transaction())
		}
		if !skip {
			why, err := a.obstacle(e, w.Transaction())
			if err != nil {
				return err
			}
			if why != "" {
				return a.stopBefore(ctx, why)
			}
		}
		if step.Ends() && a.end(w.Transaction(), skip) {
			return a.finish()
		}
	}
}

// isTorn says whether the last log ends inside an event: the receiver is still writing it.
func (a *ahead) isTorn(err error) bool {
	var damage *fault.Error
	return errors.As(err, &damage) && errors.Is(err, decoder.ErrTruncated) && damage.Pos.File == a.logs.Names[len(a.logs.Names)-1]
}

// obstacle says why the range can't go on with an event, "" when it can. The failing transaction is planned in any case.
func (a *ahead) obstacle(e *decoder.Event, t txn.Transaction) (string, error) {
	s, found, err := a.seen.add(e)
	if err != nil || t.Start == a.first.Start {
		return "", err
	}
	if found {
		return fmt.Sprintf("before the first rows of a table that the %s alters", s), nil
	}
	text, err := statementText(e)
	if err != nil || text == "" || !changesRows(e) {
		return "", err
	}
	return "before a statement that changes rows and was not logged as rows: " + text, nil
}

// changesRows says whether a statement that was logged as such is not DDL of a kind that leaves rows alone or that the
// definitions follow.
func changesRows(e *decoder.Event) bool {
	if e.Type == decoder.EventExecuteLoadQuery {
		return true
	}
	q, err := e.Query()
	if err != nil {
		return false
	}
	word, _, _ := strings.Cut(strings.TrimLeft(string(q.SQL[:min(len(q.SQL), 40)]), " \t\r\n("), " ")
	switch strings.ToUpper(word) {
	case "CREATE", "ALTER", "DROP", "RENAME", "GRANT", "REVOKE", "SET", "ANALYZE", "OPTIMIZE", "REPAIR", "FLUSH", "/*!40000", "/*":
		return false
	}
	return true
}

// stopBefore ends the range before the transaction at hand.
func (a *ahead) stopBefore(ctx context.Context, why string) error {
	if !a.reached {
		// What is left open before the failing transaction is out of the way of nobody's rows here.
		again := &ahead{target: a.target, wanted: a.wanted, applied: a.applied, seen: newAlterations()}
		a.from = a.first.Start
		return again.walk(ctx)
	}
	a.shortened = []string{fmt.Sprintf("the range ends at %s:%d, %s; run binmend again if the replica stops behind it",
		short(a.last.End).File, a.last.End.Offset, why)}
	return a.finish()
}

// end takes the end of a transaction and says whether it is the last one wanted.
func (a *ahead) end(t txn.Transaction, skipped bool) bool {
	if skipped {
		if a.reached {
			a.left++
		}
		return false
	}
	a.last = t
	if a.reached {
		a.found++
	}
	a.reached = a.reached || t.Start == a.first.Start
	return a.reached && a.found >= a.wanted
}

func (a *ahead) finish() error {
	if !a.reached {
		return errors.New("the logs end before the transaction does")
	}
	a.stop, a.skips = a.last.End, a.applied
	if a.gap != nil && a.found < a.wanted && len(a.shortened) == 0 {
		a.shortened = []string{fmt.Sprintf("the range ends at %s:%d, because %s; give what is missing, or run binmend again if the replica stops after it",
			short(a.last.End).File, a.last.End.Offset, a.gap)}
	}
	first, last := a.logs.Index(a.from.File), a.logs.Index(a.last.End.File)
	a.every = a.logs.Names
	a.logs.Names = a.logs.Names[first : last+1]
	note := fmt.Sprintf("planned ahead: the failing transaction and %s behind it", count(a.found, "transaction"))
	if a.left > 0 {
		note += fmt.Sprintf(", without %d that are applied already", a.left)
	}
	a.notes = append(a.notes, note)
	return nil
}

// appliedSet tells which transactions of the logs the replica has applied. Its zero value knows of none.
type appliedSet struct {
	executed *gtid.Set         // MySQL
	upTo     map[uint32]uint64 // MariaDB: the last number of each domain
}

// appliedOf reads it from the status.
func appliedOf(t *target) (appliedSet, error) {
	if t.first.GTID.IsZero() {
		return appliedSet{}, nil
	}
	return appliedByStatus(t.status)
}

func appliedByStatus(s *replica.Status) (a appliedSet, err error) {
	switch {
	case s.Flavor == decoder.MySQL:
		if a.executed, err = gtid.ParseSet(s.ExecutedGTID); err != nil {
			err = fmt.Errorf("Executed_Gtid_Set of the status: %w", err)
		}
	case s.UsesGTID():
		list, err := gtid.ParseList(s.GTIDSlavePos)
		if err != nil {
			return a, fmt.Errorf("Gtid_Slave_Pos of the status: %w", err)
		}
		a.upTo = map[uint32]uint64{}
		for _, id := range list {
			a.upTo[id.Domain] = id.Seq
		}
	}
	return a, err
}

func (a appliedSet) isKnown() bool { return a.executed != nil || a.upTo != nil }

func (a appliedSet) has(t txn.Transaction) bool {
	if t.GTID.Flavor == gtid.MariaDB {
		seq, ok := a.upTo[t.GTID.Domain]
		return ok && t.GTID.Seq <= seq
	}
	return a.executed != nil && a.executed.Contains(t.GTID)
}
