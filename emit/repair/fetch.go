package repair

import (
	"context"
	"fmt"
	"slices"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/fetch"
	"binmend/decoder/gtid"
	"binmend/decoder/remote"
	"binmend/decoder/txn"
	"binmend/schema/live"
	"binmend/schema/replica"
)

// atSource reads the transaction, and the wanted ones after it, from the source's log.
func (p *Place) atSource(ctx context.Context, o *Options, s stopped) error {
	if s.failure != nil && s.failure.Thread != replica.Applier && o.GTID.IsZero() {
		return nil // the receiver's error is in no log
	}
	w, err := wantedOf(o, s)
	if err != nil {
		return err
	}
	if err := p.fetch(ctx, o, s, w); err != nil {
		return p.unlessAdvice(s, err)
	}
	return p.unlessAdvice(s, p.find(o, s))
}

// fetch copies the wanted part of the source's log into files, which become the place's logs.
func (p *Place) fetch(ctx context.Context, o *Options, s stopped, w *wanted) error {
	endpoint, err := o.Source.Endpoint()
	if err != nil {
		return err
	}
	conn, err := remote.Connect(ctx, AsReplica(endpoint))
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := s.checkSource(conn.Name(), conn.Source.ServerID, conn.Source.UUID); err != nil {
		return err
	}
	request, err := w.request(conn)
	if err != nil {
		return err
	}
	dir, err := o.Folder()
	if err != nil {
		return err
	}
	p.Fetched = conn.Name()
	p.Logs, err = fetch.Part(conn, request, dir, o.Logs.Opener, w.enough)
	if err == nil && len(p.Logs.Names) == 0 {
		err = &fault.Error{Reason: ErrNothingAfterPlace, What: "the log of the source " + conn.Name() + " has nothing after this place"}
	}
	return err
}

// AsReplica turns a client's connection options into a replica's.
func AsReplica(e live.Endpoint) remote.Options {
	return remote.Options{Network: e.Network, Address: e.Address, User: e.User, Password: e.Password, TLS: e.TLS, Plaintext: e.Plaintext,
		ClearText: e.ClearText, ServerKey: e.ServerKey}
}

// checkSource makes sure that the replica replicates from this server.
func (s stopped) checkSource(name string, id uint32, uuid string) error {
	if s.status == nil {
		return nil
	}
	is, want := uuid, s.status.SourceUUID
	if is == "" || want == "" {
		if s.status.SourceServerID == 0 || s.status.SourceServerID == id {
			return nil
		}
		is, want = fmt.Sprint("server id ", id), fmt.Sprint("server id ", s.status.SourceServerID)
	}
	if is == want {
		return nil
	}
	return &fault.Error{Reason: ErrNotTheSource, What: fmt.Sprintf("the server at %s is not the replica's source: expected %s, found %s", name, want, is),
		Facts: fault.Facts{Name: fmt.Sprintf("%s:%d", s.status.SourceHost, s.status.SourcePort)}}
}

// wanted is what to read from the source's log. Its method enough is called with every transaction in turn.
type wanted struct {
	stopped
	gtid    gtid.GTID // the zero GTID: the failure says which transaction
	ahead   int       // transactions after the failing one
	applied replica.Applied

	found bool // the failing one has come
	after int  // transactions after it that have come
}

func wantedOf(o *Options, s stopped) (*wanted, error) {
	w := &wanted{stopped: s, gtid: o.GTID, ahead: o.Ahead}
	switch {
	case !o.GTID.IsZero():
	case s.failure == nil:
		return nil, whichTransaction
	case s.usesGTID():
		w.gtid = s.failure.GTID
	}
	if w.ahead == 0 || s.status == nil {
		return w, nil
	}
	var err error
	w.applied, err = s.status.Applied()
	return w, err
}

// request is where to begin: by GTID if the replica uses GTIDs, else at the position up to which it has applied everything.
func (w *wanted) request(conn *remote.Conn) (remote.Request, error) {
	isMariaDB := conn.Source.Version.Flavor == decoder.MariaDB
	switch {
	case !w.gtid.IsZero() && w.gtid.Flavor == gtid.MySQL && !isMariaDB && w.applied.Executed != nil:
		return remote.Request{Executed: w.applied.Executed}, nil
	case !w.gtid.IsZero() && w.gtid.Flavor == gtid.MySQL && !isMariaDB:
		return w.onlyGTID(conn)
	case isMariaDB && w.usesGTID() && w.status.GTIDSlavePos != "":
		state, err := gtid.ParseList(w.status.GTIDSlavePos)
		return remote.Request{State: state}, err
	case w.failure != nil && w.failure.Exec.File != "":
		return remote.Request{File: w.failure.Exec.File, Pos: int64(w.failure.Exec.Pos)}, nil
	case w.gtid.Flavor == gtid.MariaDB && isMariaDB:
		return w.stateBefore(conn)
	}
	return remote.Request{}, &fault.Error{Reason: ErrPlaceUnknown, What: "where the transaction is in the source's log is not known"}
}

// onlyGTID asks for one transaction, by excluding all others that the source has executed.
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
		return remote.Request{}, &fault.Error{Reason: ErrNotOnSource, What: fmt.Sprintf("the source %s has not executed %s", conn.Name(), w.gtid)}
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

// enough reports whether a transaction is the last wanted one, or ends where everything that the replica has received ends.
func (w *wanted) enough(t txn.Transaction) bool {
	switch {
	case w.found && !w.applied.Has(t.GTID):
		w.after++
	case !w.gtid.IsZero():
		w.found = w.found || t.GTID == w.gtid
	default:
		w.found = w.found || w.failure.Is(t)
	}
	return w.found && w.after >= w.ahead || w.isAllReceived(t)
}

func (w *wanted) isAllReceived(t txn.Transaction) bool {
	if w.status == nil {
		return false
	}
	read := w.status.Read
	return read.File != "" && t.SourceFile == read.File && uint64(t.End.Offset) >= read.Pos
}
