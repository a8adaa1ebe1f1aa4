package app

import (
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"binmend/decoder"
	"binmend/decoder/find"
	"binmend/decoder/gtid"
	"binmend/decoder/txn"
	"binmend/schema/replica"
)

// target is what fix is asked to repair: the transactions from the one that begins at first up to the one that holds
// the last event before stop.
type target struct {
	logs  find.Logs
	first txn.Transaction
	start int64            // --start-position
	stop  decoder.Position // the zero Position: the first transaction alone

	status  *replica.Status  // nil without --status
	failure *replica.Failure // nil without --status
	notes   []string

	shortened []string // why the target ends before stop, when it does
}

// targetOf finds out which transactions are meant: by position, by GTID, or by the replica's status.
func (r *session) targetOf(c *cli.Context) (*target, error) {
	lr, err := rangeOf(c)
	if err != nil {
		return nil, err
	}
	if slices.Contains(lr.logs.Names, standardInput) {
		return nil, &usageError{text: "fix reads a log more than once, so not from standard input", hint: "save it to a file first"}
	}
	t := &target{logs: lr.logs}
	if name := c.String("status"); name != "" {
		if err := r.readFailure(t, name, c.String("channel")); err != nil {
			return nil, err
		}
	}
	switch {
	case lr.start != 0 || lr.stop != 0:
		err = t.byPosition(lr)
	case c.String("gtid") != "":
		err = t.byGTID(c.String("gtid"))
	case t.failure == nil:
		return nil, &usageError{text: "which transaction?", hint: "give --status FILE with the output of SHOW REPLICA STATUS\\G, or --gtid, or --start-position"}
	case t.failure.Thread == replica.Applier:
		err = t.byStatus()
	}
	return t, err
}

// readFailure reads the pasted status. That there is nothing to repair is a finding, not a failure.
func (r *session) readFailure(t *target, name, channel string) error {
	text, err := r.readStatus(name)
	if err != nil {
		return err
	}
	all, err := replica.Parse(text)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if t.status, err = replica.Pick(all, channel); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if t.failure, err = t.status.Failure(); err != nil {
		return finding{fmt.Errorf("%s: %w", name, err)}
	}
	return nil
}

// byStatus locates the failure. Advice on an error that no row repairs needs no log: it may be the log that is damaged.
func (t *target) byStatus() (err error) {
	t.first, err = t.failure.Locate(t.logs)
	if err != nil && !slices.Contains(repairable, t.failure.Number) {
		t.notes = append(t.notes, "the transaction was not found: "+err.Error())
		return nil
	}
	return err
}

func (t *target) byPosition(lr logRange) (err error) {
	t.start = lr.start
	t.first, err = t.logs.At(decoder.Position{File: lr.logs.Names[0], Offset: lr.start})
	if lr.stop != 0 {
		t.stop = decoder.Position{File: lr.last(), Offset: lr.stop}
	}
	return err
}

func (t *target) byGTID(text string) error {
	id, err := gtid.Parse(text)
	if err != nil {
		return &usageError{text: fmt.Sprintf("--gtid: %v", err), hint: "one GTID, as uuid:7, uuid:tag:7 or 0-1-7"}
	}
	t.first, err = t.logs.ByGTID(id, decoder.Position{})
	return err
}

// done says whether a transaction that ends at end is the last one wanted.
func (t *target) done(end decoder.Position) bool {
	if t.stop.File == "" {
		return true
	}
	return end.File == t.stop.File && end.Offset >= t.stop.Offset
}

// replicaVersion is the version of the server that will run the script: what the user says, or the status, or else the
// server that wrote the first log. A relay log begins with the format description of the replica itself.
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
