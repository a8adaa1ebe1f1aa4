package app

import (
	"errors"
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"binmend/decoder"
	"binmend/decoder/filter"
	"binmend/decoder/find"
	"binmend/decoder/gtid"
	"binmend/decoder/txn"
	"binmend/decoder/walk"
	"binmend/emit/control"
	"binmend/schema/live"
	"binmend/schema/replica"
)

// target is what fix is asked to repair: the transactions from the one that begins at first up to the one that holds
// the last event before stop.
type target struct {
	logs  walk.Logs
	gap   *walk.Break // after the last of the logs; nil when no log is missing there
	first txn.Transaction
	start int64            // --start-position
	stop  decoder.Position // the zero Position: the first transaction alone

	server  *live.Server     // nil without a connection
	source  *live.Server     // nil without a connection to the source
	status  *replica.Status  // nil when neither --status nor the server told it
	failure *replica.Failure // nil without a status
	notes   []string

	fetched string // where the logs were read from, when they are temporary files with parts of the source's
	dir     string // with those files; "" for none

	every []string         // the logs' names, of which logs has only the target's; nil: all of them are
	from  decoder.Position // --ahead: where to begin, at or before first; else the zero Position
	skips appliedSet       // --ahead: transactions to leave out

	shortened []string // why the target ends before stop, when it does

	tables *filter.Filter // of which tables the rows are wanted
}

// targetOf finds out which transactions are meant: by position, by GTID, or by the replica's status. What the command
// line does not give, the status and the logs, comes from the server when there is a connection.
func (r *session) targetOf(c *cli.Context, of repairOf) (*target, error) {
	if slices.Contains(c.Args().Slice(), standardInput) {
		return nil, &usageError{text: "fix reads a log more than once, so not from standard input", hint: "save it to a file first"}
	}
	tables, err := filterOf(c)
	if err != nil {
		return nil, err
	}
	t := &target{server: of.server, source: of.source, status: of.status, tables: tables}
	if err := r.readFailure(c, t); err != nil {
		return nil, err
	}
	if !c.Args().Present() && !givesOffsets(c) {
		switch {
		case t.status != nil && t.server != nil:
			return t, r.locateOnServer(c, t)
		case t.source != nil:
			return t, r.locateAtSource(c, t)
		}
	}
	lr, err := r.rangeOf(c)
	if err != nil {
		return nil, err
	}
	order, err := r.order(&lr)
	if err != nil {
		return nil, err
	}
	t.logs = lr.Logs
	if lr.Start != 0 || lr.Stop != 0 {
		if len(order.Breaks) > 0 {
			return nil, order.Breaks[0].Err()
		}
		return t, t.byPosition(lr)
	}
	if err := t.locate(c.String("gtid")); err != nil {
		return t, err
	}
	if t.first.Start.File != "" {
		t.logs, t.gap = order.Around(t.first.Start.File)
	}
	return t, nil
}

var errWhich = &usageError{text: "which transaction?", hint: "give --status FILE with the output of SHOW REPLICA STATUS\\G, or --gtid, or --start-position"}

// locate finds the transaction in the logs.
func (t *target) locate(gtid string) error {
	switch {
	case gtid != "":
		return t.byGTID(gtid)
	case t.failure == nil:
		return errWhich
	case t.failure.Thread == replica.Applier:
		return t.byStatus()
	}
	return nil
}

// locateOnServer finds the transaction in the replica's own relay logs or, when they can't be read here, in the source's
// log.
func (r *session) locateOnServer(c *cli.Context, t *target) error {
	err := t.locateInRelayLogs(c)
	if err == nil || t.source == nil {
		return err
	}
	t.notes = append(t.notes, "the transaction was read from the source's log: "+err.Error())
	return r.locateAtSource(c, t)
}

func (t *target) locateInRelayLogs(c *cli.Context) error {
	opener, err := openerOf(c)
	if err != nil {
		return err
	}
	t.logs.Opener = opener
	t.logs.Names, err = t.server.RelayLogs(t.status, c.String("relay-log-dir"))
	if err != nil {
		return t.orAdvice(err)
	}
	if err := t.locate(c.String("gtid")); err != nil {
		return err
	}
	if !c.IsSet("ahead") {
		t.keepLogsOfTarget()
	}
	return nil
}

// givesOffsets says whether the transaction is named by offsets, which are those of logs of the command line.
func givesOffsets(c *cli.Context) bool { return c.IsSet("start-position") || c.IsSet("stop-position") }

// statuses reads the pasted status, or asks the server for it when something has to come from there.
func (r *session) statuses(c *cli.Context, t *target) (all []*replica.Status, from string, err error) {
	named := c.IsSet("gtid") && c.Args().Present() || givesOffsets(c)
	switch name := c.String("status"); {
	case name != "":
		text, err := r.readStatus(name)
		if err != nil {
			return nil, "", err
		}
		all, err = replica.Parse(text)
		return all, name, err
	case t.server != nil && !named:
		all, err = t.server.Status(r.ctx)
		return all, t.server.Name(), err
	}
	return nil, "", nil
}

// readFailure reads the status. That there is nothing to repair is a finding, not a failure.
func (r *session) readFailure(c *cli.Context, t *target) error {
	if t.status != nil {
		return t.fail(t.server.Name())
	}
	all, from, err := r.statuses(c, t)
	if err != nil && from != "" {
		err = fmt.Errorf("%s: %w", from, err)
	}
	if err != nil || all == nil {
		return err
	}
	if c.IsSet("channel") {
		t.status, err = replica.Named(all, c.String("channel"))
	} else {
		t.status, err = replica.Pick(all)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	return t.fail(from)
}

// fail reads what failed out of the status that came from a place.
func (t *target) fail(from string) (err error) {
	if t.failure, err = t.status.Failure(); err != nil {
		return finding{fmt.Errorf("%s: %w", from, err)}
	}
	return nil
}

// byStatus locates the failure.
func (t *target) byStatus() (err error) {
	t.first, err = t.failure.Locate(t.logs)
	var unplaced *replica.NoPlaceError
	if errors.As(err, &unplaced) {
		err = finding{err}
	}
	return t.orAdvice(err)
}

// orAdvice makes a note of an error in finding the transaction when no row repairs what failed: advice on it needs no
// log, and it may be the log that is damaged.
func (t *target) orAdvice(err error) error {
	if err != nil && !control.RepairedByRows(t.failure.Number) {
		t.notes = append(t.notes, "the transaction was not found: "+err.Error())
		return nil
	}
	return err
}

func (t *target) byPosition(lr walk.Range) (err error) {
	t.start = lr.Start
	t.first, err = find.At(t.logs, decoder.Position{File: lr.Names[0], Offset: lr.Start})
	if lr.Stop != 0 {
		t.stop = decoder.Position{File: lr.Names[len(lr.Names)-1], Offset: lr.Stop}
	}
	return err
}

func (t *target) byGTID(text string) error {
	id, err := parseGTID(text)
	if err != nil {
		return err
	}
	t.first, err = find.ByGTID(t.logs, id, decoder.Position{})
	return err
}

func parseGTID(text string) (gtid.GTID, error) {
	id, err := gtid.Parse(text)
	if err != nil {
		return id, &usageError{text: fmt.Sprintf("--gtid: %v", err), hint: "one GTID, as uuid:7, uuid:tag:7 or 0-1-7"}
	}
	return id, nil
}

// done says whether a transaction that ends at end is the last one wanted.
func (t *target) done(end decoder.Position) bool {
	if t.stop.File == "" {
		return true
	}
	return end.File == t.stop.File && end.Offset >= t.stop.Offset
}

// replicaVersion is the version of the server that will run the script: what the user says, or the status, or else the
// connected server, or the one that wrote the first log. A relay log begins with the format description of the replica itself.
func (t *target) replicaVersion(said string) (decoder.Version, error) {
	if said != "" {
		v, ok := decoder.ParseVersion(said)
		if !ok {
			return v, &usageError{text: fmt.Sprintf("--replica-version: expected a version, found %q", said), hint: versionHint}
		}
		return v, nil
	}
	if t.status != nil {
		if v, ok := decoder.ParseVersion(t.status.Version); ok {
			return v, nil
		}
	}
	if t.server != nil {
		return t.server.Version, nil
	}
	v, relay, err := firstVersion(t.logs)
	if err != nil {
		return v, err
	}
	if !relay {
		t.notes = append(t.notes, "the replica's version is not known: the log is the source's own; --replica-version tells")
	}
	return v, t.contradicts(v)
}

const versionHint = "give --replica-version as SELECT @@version prints it on the replica: 8.0.36 or 10.11.6-MariaDB"

// contradicts is the error of a status that another server printed than the one that wrote the log.
func (t *target) contradicts(v decoder.Version) error {
	s := t.status
	switch {
	case s == nil, !s.FlavorKnown:
		return nil
	case s.Flavor != v.Flavor:
		return &usageError{text: fmt.Sprintf("the status is of a %s replica, the log was written by %s %s", s.Flavor, v.Flavor, v.Text), hint: versionHint}
	case s.ReplicaWords && !v.AtLeast(8, 0, 22):
		return &usageError{text: fmt.Sprintf("the status is of MySQL 8.0.22 or later, the log was written by %s", v.Text), hint: versionHint}
	}
	return nil
}
