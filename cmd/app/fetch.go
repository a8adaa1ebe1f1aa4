package app

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/urfave/cli/v2"

	"binmend/decoder"
	"binmend/decoder/fetch"
	"binmend/decoder/gtid"
	"binmend/decoder/remote"
	"binmend/decoder/txn"
	"binmend/schema/live"
	"binmend/schema/replica"
)

// locateAtSource reads the transaction from the source's log.
func (r *session) locateAtSource(c *cli.Context, t *target) error {
	if t.failure != nil && t.failure.Thread != replica.Applier && !c.IsSet("gtid") {
		return nil // the receiver's error is in no log
	}
	w, err := t.wanted(c)
	if err != nil {
		return err
	}
	if err := r.fetch(c, t, w); err != nil {
		return t.orAdvice(err)
	}
	if err := t.locate(c.String("gtid")); err != nil {
		return t.orAdvice(err)
	}
	if w.ahead == 0 {
		t.keepLogsOfTarget()
	}
	return nil
}

// fetch copies what is wanted of the source's log into temporary files, which become the target's logs.
func (r *session) fetch(c *cli.Context, t *target, w *wanted) error {
	options, err := replicaOf(t.source)
	if err != nil {
		return err
	}
	conn, err := remote.Connect(r.ctx, options)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := t.checkSource(conn); err != nil {
		return err
	}
	request, err := w.request(conn)
	if err != nil {
		return err
	}
	opener, err := openerOf(c)
	if err != nil {
		return err
	}
	if t.dir, err = r.temporary.folder(); err != nil {
		return err
	}
	t.fetched = conn.Name()
	t.logs, err = fetch.Part(conn, request, t.dir, opener, w.enough)
	if err == nil && len(t.logs.Names) == 0 {
		err = &sourceError{what: "the log of the source " + conn.Name() + " has nothing behind this place", advice: "has it been reset, or is it another server?"}
	}
	return err
}

// replicaOf is how to read the log of a server that is connected already.
func replicaOf(s *live.Server) (remote.Options, error) {
	e, err := s.Endpoint()
	return asReplica(e), err
}

// asReplica is how a replica reaches what a client does.
func asReplica(e live.Endpoint) remote.Options {
	return remote.Options{Network: e.Network, Address: e.Address, User: e.User, Password: e.Password, TLS: e.TLS, Plaintext: e.Plaintext}
}

// sourceError: the source is not the one that is asked for, or does not have it.
type sourceError struct{ what, advice string }

func (e *sourceError) Error() string { return e.what }
func (e *sourceError) Hint() string  { return e.advice }

// checkSource makes sure that the server is the one that the replica replicates from.
func (t *target) checkSource(conn *remote.Conn) error {
	return t.checkIdentity(conn.Name(), conn.Source.ServerID, conn.Source.UUID)
}

// checkIdentity makes sure that a server is the one that the replica replicates from.
func (t *target) checkIdentity(name string, id uint32, uuid string) error {
	s := t.status
	if s == nil {
		return nil
	}
	is, want := uuid, s.SourceUUID
	if is == "" || want == "" {
		if s.SourceServerID == 0 || s.SourceServerID == id {
			return nil
		}
		is, want = fmt.Sprint("server id ", id), fmt.Sprint("server id ", s.SourceServerID)
	}
	if is == want {
		return nil
	}
	return &sourceError{what: fmt.Sprintf("the server at %s is not the replica's source: expected %s, found %s", name, want, is),
		advice: fmt.Sprintf("the replica's status names %s:%d as its source", s.SourceHost, s.SourcePort)}
}

// wanted is what to read of the source's log.
type wanted struct {
	gtid    gtid.GTID        // zero: the failure tells
	failure *replica.Failure // nil without a status
	status  *replica.Status  // the same
	ahead   int              // transactions behind the failing one
	applied appliedSet

	found  bool // the failing one has come
	behind int  // transactions behind it that have come
}

func (t *target) wanted(c *cli.Context) (w *wanted, err error) {
	w = &wanted{failure: t.failure, status: t.status}
	if w.ahead, err = aheadOf(c); err != nil {
		return nil, err
	}
	switch id := c.String("gtid"); {
	case id != "":
		w.gtid, err = parseGTID(id)
	case t.failure == nil:
		err = errWhich
	case t.status.UsesGTID():
		w.gtid = t.failure.GTID
	}
	if err == nil && w.ahead > 0 && w.status != nil {
		w.applied, err = appliedByStatus(w.status)
	}
	return w, err
}

// request is where to begin: by GTID where that is how the replica finds its place, or else at the position up to which it
// has applied everything.
func (w *wanted) request(conn *remote.Conn) (remote.Request, error) {
	switch {
	case !w.gtid.IsZero() && w.gtid.Flavor == gtid.MySQL && conn.Source.Version.Flavor == decoder.MySQL && w.applied.executed != nil:
		return remote.Request{Executed: w.applied.executed}, nil
	case !w.gtid.IsZero() && w.gtid.Flavor == gtid.MySQL && conn.Source.Version.Flavor == decoder.MySQL:
		return w.onlyGTID(conn)
	case conn.Source.Version.Flavor == decoder.MariaDB && w.status != nil && w.status.UsesGTID() && w.status.GTIDSlavePos != "":
		state, err := gtid.ParseList(w.status.GTIDSlavePos)
		return remote.Request{State: state}, err
	case w.failure != nil && w.failure.Exec.File != "":
		return remote.Request{File: w.failure.Exec.File, Pos: int64(w.failure.Exec.Pos)}, nil
	case w.gtid.Flavor == gtid.MariaDB && conn.Source.Version.Flavor == decoder.MariaDB:
		return w.stateBefore(conn)
	}
	return remote.Request{}, &sourceError{what: "where the transaction is in the source's log is not known",
		advice: "give --status FILE, or --gtid with a GTID of the source's own kind"}
}

// onlyGTID asks for one transaction: all others that the source has executed are left out.
func (w *wanted) onlyGTID(conn *remote.Conn) (remote.Request, error) {
	text, err := conn.Executed()
	if err != nil {
		return remote.Request{}, err
	}
	executed, err := gtid.ParseSet(text)
	if err != nil {
		return remote.Request{}, err
	}
	if !executed.Contains(w.gtid) {
		return remote.Request{}, &sourceError{what: fmt.Sprintf("the source %s has not executed %s", conn.Name(), w.gtid),
			advice: "is it the source of this replica? SELECT @@GLOBAL.gtid_executed shows what it has"}
	}
	one := &gtid.Set{}
	one.Add(w.gtid)
	executed.Subtract(one)
	return remote.Request{Executed: executed}, nil
}

// stateBefore asks a MariaDB source for what follows the GTID before the wanted one.
func (w *wanted) stateBefore(conn *remote.Conn) (remote.Request, error) {
	text, err := conn.Executed()
	if err != nil {
		return remote.Request{}, err
	}
	now, err := gtid.ParseList(text)
	if err != nil {
		return remote.Request{}, err
	}
	state := slices.DeleteFunc(now, func(g gtid.GTID) bool { return g.Domain == w.gtid.Domain })
	if w.gtid.Seq > 1 {
		before := w.gtid
		before.Seq--
		state = append(state, before)
	}
	return remote.Request{State: state}, nil
}

// enough says whether a transaction is the last that is wanted, or ends where all that the replica has received does.
func (w *wanted) enough(t txn.Transaction) bool {
	switch {
	case w.found && !w.applied.has(t):
		w.behind++
	case !w.gtid.IsZero():
		w.found = w.found || t.GTID == w.gtid
	default:
		w.found = w.found || w.failure.Is(t)
	}
	return w.found && w.behind >= w.ahead || w.isAllReceived(t)
}

func (w *wanted) isAllReceived(t txn.Transaction) bool {
	if w.status == nil {
		return false
	}
	read := w.status.Read
	return read.File != "" && t.SourceFile == read.File && uint64(t.End.Offset) >= read.Pos
}

// keepLogsOfTarget leaves out the logs that the transaction does not stand in.
func (t *target) keepLogsOfTarget() {
	first, last := slices.Index(t.logs.Names, t.first.Start.File), slices.Index(t.logs.Names, t.first.End.File)
	if first >= 0 && last >= first {
		t.every = t.logs.Names
		t.logs.Names = t.logs.Names[first : last+1]
	}
}

// logNames are the target's logs as the script names them.
func (t *target) logNames() []string {
	if t.fetched == "" {
		return t.logs.Names
	}
	var names []string
	for _, name := range t.logs.Names {
		names = append(names, filepath.Base(name)+" of the source "+t.fetched)
	}
	return names
}
