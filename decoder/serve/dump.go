package serve

import (
	"cmp"
	"context"
	"errors"
	"io"
	"math"
	"path/filepath"
	"time"

	"github.com/go-mysql-org/go-mysql/mysql"

	"binmend/decoder"
	"binmend/decoder/gtid"
	"binmend/decoder/logfile"
)

// dump sends events to one client.
type dump struct {
	s         *session
	request   dumpRequest
	heartbeat time.Duration // 0: none are wanted
	mariaDB   bool          // the client has MariaDB's capabilities
	unaware   bool          // the client knows of no checksums
	skipsMark bool          // the client does not want events with MariaDB's skip_replication mark
	selected  selection

	file   string // name of the log at hand
	format *decoder.Format
	lens   *lens
	make   artificial

	skipping bool      // the transaction at hand is not sent
	skipped  int64     // how far events were not sent, and the client does not know; 0: it knows
	next     string    // the log that the last Rotate event names
	sent     bool      // something since lastSent
	lastSent time.Time // looked at only where a heartbeat may be due
}

// pollInterval is how often to look for more where a log ends.
const pollInterval = 20 * time.Millisecond

// errEnd ends a dump that does not wait for more.
var errEnd = errors.New("the end of the last log")

// mariaDBCapability is what a client has to have to read MariaDB's GTIDs (MariaDB source: MARIA_SLAVE_CAPABILITY_GTID).
const mariaDBCapability = 4

// dump answers a request for events. It ends the session.
func (s *session) dump(r dumpRequest) error {
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	if err := s.net.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	go s.watch(cancel)
	d, at, err := s.newDump(ctx, r)
	if err == nil {
		s.log().Info("dump begins", "server_id", r.serverID, "file", at.file, "position", at.position)
		err = d.run(ctx, at)
	}
	switch {
	case errors.Is(err, errEnd):
		if err := s.wire.sendEOF(); err != nil {
			return err
		}
		return errClosed
	case s.ctx.Err() != nil:
		return s.refuse(mysql.NewDefaultError(mysql.ER_SERVER_SHUTDOWN))
	case ctx.Err() != nil:
		s.log().Info("dump ends: the client is gone", "server_id", r.serverID, "file", d.file)
		return errClosed
	}
	if sent := s.wire.sendError(asError(err)); sent != nil {
		return sent
	}
	return err
}

// watch notices that the client has gone: during a dump it sends nothing that matters.
func (s *session) watch(gone func()) {
	defer gone()
	io.Copy(io.Discard, s.net)
}

// newDump finds out what the client has to be sent.
func (s *session) newDump(ctx context.Context, r dumpRequest) (*dump, start, error) {
	d := &dump{s: s, request: r, lens: newLens()}
	f, err := s.server.readFacts()
	if err != nil {
		return d, start{}, err
	}
	if err := d.negotiate(&f); err != nil {
		return d, start{}, err
	}
	at, err := d.start()
	for errors.Is(err, errNotYet) {
		if err = pause(ctx); err == nil {
			at, err = d.start()
		}
	}
	d.selected = at.selected
	return d, at, err
}

// pause waits before the next look.
func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(pollInterval):
		return nil
	}
}

// negotiate reads what the client has set before the dump.
func (d *dump) negotiate(f *facts) error {
	s := d.s
	d.make.serverID = f.serverID
	period, err := s.userNumber("source_heartbeat_period", "master_heartbeat_period")
	if err != nil {
		return err
	}
	d.heartbeat = time.Duration(min(period, math.MaxInt64)) // in nanoseconds
	capability, err := s.userNumber("mariadb_slave_capability")
	if err != nil {
		return err
	}
	d.mariaDB = capability > 0
	if f.mariaDB() && capability < mariaDBCapability {
		return refuse("the logs were written by %s %s, and the client does not read MariaDB's GTIDs: its mariadb_slave_capability is %d, not %d",
			f.version.Flavor, f.version.Text, capability, mariaDBCapability)
	}
	d.skipsMark = d.mariaDB && s.flag("skip_replication")
	switch name, aware := s.userVariable("source_binlog_checksum", "master_binlog_checksum"); {
	case !aware:
		d.unaware = true
	case name == "CRC32":
		d.make.checksum = decoder.ChecksumCRC32
	case name == "NONE", name == "OFF", name == "":
	default:
		return refuse("checksum algorithm %q: expected CRC32 or NONE", name)
	}
	return nil
}

// start finds where the dump begins.
func (d *dump) start() (start, error) {
	server := d.s.server
	state, byState := d.s.userVariable("slave_connect_state")
	if d.mariaDB && byState {
		if until, ok := d.s.userVariable("slave_until_gtid"); ok && until != "" {
			return start{}, refuse("START REPLICA UNTIL master_gtid_pos is not served; use UNTIL with a file and a position")
		}
		list, err := gtid.ParseList(state)
		if err != nil {
			return start{}, refuse("slave_connect_state: %v", err)
		}
		strict, err := d.s.userNumber("slave_gtid_strict_mode")
		if err != nil {
			return start{}, err
		}
		return server.startByList(list, strict != 0)
	}
	if d.request.executed == nil {
		return server.startByPosition(d.request.file, d.request.position)
	}
	if d.request.file == "" {
		return server.startBySet(d.request.executed)
	}
	at, err := server.startByPosition(d.request.file, d.request.position)
	at.selected = &bySet{executed: d.request.executed}
	return at, err
}

// run sends logs, one after the other, until there is a reason not to.
func (d *dump) run(ctx context.Context, at start) error {
	name, position, change := at.file, at.position, at.change
	for {
		if err := d.send(d.make.rotate(name, position)); err != nil {
			return err
		}
		next, err := d.log(ctx, name, position, change)
		if err != nil {
			return err
		}
		if follows := cmp.Or(d.next, expected(name)); follows != "" && next != follows {
			return refuse("a log is missing between %s and %s: %s follows the first one", name, next, follows)
		}
		name, position, change = next, magicLength, asWritten
	}
}

// log sends one log from a position on, and returns the name of the one that follows it.
func (d *dump) log(ctx context.Context, name string, position uint64, change formatChange) (string, error) {
	d.file, d.next, d.skipping, d.skipped = name, "", false, 0
	f, err := d.open(ctx, name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if err := d.sendFormat(ctx, f, change); err != nil {
		return "", err
	}
	if position > uint64(f.Offset()) {
		if err := f.SeekTo(int64(position)); err != nil {
			return "", err
		}
	}
	for {
		raw, pos, next, err := d.read(ctx, f)
		if err != nil || next != "" {
			return next, err
		}
		if err := d.event(raw, pos); err != nil {
			return "", err
		}
	}
}

// open opens a log. A last log that is only just being made is waited for.
func (d *dump) open(ctx context.Context, name string) (*logfile.File, error) {
	for {
		f, err := d.s.server.Opener.Open(d.s.server.logs.path(name))
		if err == nil {
			return f, nil
		}
		next, missing := d.s.server.logs.after(name)
		if missing != nil || next != "" || !d.s.server.unwritten(name, err) {
			return nil, refuseLog(err)
		}
		if err := d.wait(ctx, magicLength); err != nil {
			return nil, err
		}
	}
}

// read returns the next event of a log. At its end it waits for more, or returns the name of the next log where there is
// one.
func (d *dump) read(ctx context.Context, f *logfile.File) (raw []byte, pos decoder.Position, next string, err error) {
	for {
		if ctx.Err() != nil {
			return nil, pos, "", ctx.Err()
		}
		raw, pos, err = f.Next()
		if err == nil {
			return raw, pos, "", d.verify(raw, pos)
		}
		if err != io.EOF && !errors.Is(err, decoder.ErrTruncated) {
			return nil, pos, "", refuseLog(err)
		}
		if next != "" {
			break
		}
		if next, err = d.s.server.logs.after(d.file); err != nil {
			return nil, pos, "", refuse("%s: %v while it was being served", d.file, err)
		}
		if next != "" {
			continue // what was written before the next log was made
		}
		if err := d.wait(ctx, f.Offset()); err != nil {
			return nil, pos, "", err
		}
	}
	if err != io.EOF {
		return nil, pos, "", refuseLog(err)
	}
	return nil, pos, next, d.catchUp()
}

// wait is what a dump does where there is no more to read yet.
func (d *dump) wait(ctx context.Context, offset int64) error {
	if err := d.catchUp(); err != nil {
		return err
	}
	if err := d.s.wire.flush(); err != nil {
		return err
	}
	if !d.request.waits() {
		return errEnd
	}
	if err := d.beat(offset); err != nil {
		return err
	}
	return pause(ctx)
}

// beat sends a heartbeat when the client has heard nothing for the period that it asked for.
func (d *dump) beat(offset int64) error {
	if d.heartbeat == 0 {
		return nil
	}
	now := time.Now()
	if d.sent {
		d.sent, d.lastSent = false, now
	}
	if now.Sub(d.lastSent) < d.heartbeat {
		return nil
	}
	return d.sendHeartbeat(offset)
}

func (d *dump) sendHeartbeat(offset int64) error {
	event := d.make.heartbeat
	if !d.mariaDB && d.request.flags&dumpHeartbeatV2 != 0 {
		event = d.make.heartbeatV2
	}
	if err := d.send(event(d.file, uint64(offset))); err != nil {
		return err
	}
	return d.s.wire.flush()
}

// verify checks an event's checksum. That of a format description is checked where it is read.
func (d *dump) verify(raw []byte, pos decoder.Position) error {
	if d.format == nil || d.format.Checksum == decoder.ChecksumNone || decoder.EndsInChecksum(raw) {
		return nil
	}
	return refuse("%s: offset %d: %s event: bad checksum; the log is damaged here", filepath.Base(pos.File), pos.Offset, eventType(raw))
}

// sendFormat sends the format description that a log begins with.
func (d *dump) sendFormat(ctx context.Context, f *logfile.File, change formatChange) error {
	d.format = nil
	raw, pos, next, err := d.read(ctx, f)
	if err != nil {
		return err
	}
	if next != "" || eventType(raw) != decoder.EventFormatDescription {
		return refuse("Could not find format_description_event in binlog file %s", d.file)
	}
	e, err := d.lens.read(raw, pos)
	if err != nil {
		return refuseLog(err)
	}
	d.format = e.Format
	if d.unaware && d.format.Checksum != decoder.ChecksumNone {
		return refuse("Replica can not handle replication events with the checksum that source is configured to log")
	}
	d.make.checksum = d.format.Checksum
	event := changedFormat(raw, change)
	if d.format.Checksum == decoder.ChecksumCRC32 {
		sign(event)
	}
	return d.send(event)
}

// event sends an event or leaves it out.
func (d *dump) event(raw []byte, pos decoder.Position) error {
	if standsOutside(eventType(raw)) {
		if err := d.endGroup(); err != nil {
			return err
		}
	}
	if err := d.follow(raw, pos); err != nil {
		return err
	}
	if d.skipping {
		d.skipped = pos.Offset + int64(len(raw))
		if !standsOutside(eventType(raw)) {
			return nil
		}
		return d.beat(d.skipped)
	}
	if err := d.catchUp(); err != nil {
		return err
	}
	if d.unwanted(raw) {
		return nil
	}
	if eventType(raw) == decoder.EventMariaStartEncryption {
		raw = d.opened(raw)
	}
	return d.send(raw)
}

// standsOutside names the events that no transaction goes on behind.
func standsOutside(t decoder.EventType) bool {
	switch t {
	case decoder.EventGtid, decoder.EventGtidTagged, decoder.EventAnonymousGtid, decoder.EventMariaGtid, decoder.EventPreviousGtids,
		decoder.EventMariaGtidList, decoder.EventRotate, decoder.EventStop, decoder.EventMariaBinlogCheckpoint, decoder.EventIncident:
		return true
	}
	return false
}

// follow looks at the events that say what follows them.
func (d *dump) follow(raw []byte, pos decoder.Position) error {
	if standsOutside(eventType(raw)) {
		d.skipping = false
	}
	switch eventType(raw) {
	case decoder.EventGtid, decoder.EventGtidTagged, decoder.EventAnonymousGtid, decoder.EventMariaGtid:
		e, err := d.lens.read(raw, pos)
		if err != nil {
			return refuseLog(err)
		}
		lacks, err := d.selected.lacks(e)
		d.skipping = !lacks
		return refuseLog(err)
	case decoder.EventPreviousGtids, decoder.EventMariaGtidList:
		e, err := d.lens.read(raw, pos)
		if err != nil {
			return refuseLog(err)
		}
		return refuseLog(d.selected.begins(e))
	case decoder.EventRotate:
		e, err := d.lens.read(raw, pos)
		if err != nil {
			return refuseLog(err)
		}
		r, err := e.Rotate()
		d.next = filepath.Base(r.File)
		return refuseLog(err)
	}
	return nil
}

// unwanted says whether the client has asked not to be sent an event.
func (d *dump) unwanted(raw []byte) bool {
	if !d.mariaDB {
		return false
	}
	if eventType(raw) == decoder.EventMariaAnnotateRows && d.request.flags&dumpAnnotate == 0 {
		return true
	}
	return d.skipsMark && eventFlags(raw)&decoder.FlagSkipRepl != 0
}

// opened is a Start_encryption event as MariaDB sends it: what follows is decrypted, so replicas pass over it.
func (d *dump) opened(raw []byte) []byte {
	event := changedFlags(raw, decoder.FlagIgnorable)
	if d.format.Checksum == decoder.ChecksumCRC32 {
		sign(event)
	}
	return event
}

// catchUp tells a client, before the next event or at the end, how far events were left out.
func (d *dump) catchUp() error {
	if err := d.endGroup(); err != nil {
		return err
	}
	if _, ok := d.selected.(*byList); ok || d.skipped == 0 {
		return nil
	}
	at := d.skipped
	d.skipped = 0
	return d.sendHeartbeat(at)
}

// endGroup tells a MariaDB client that what was left out ends with the GTID that it has: by a Gtid_list of all that it has
// passed, behind that transaction.
func (d *dump) endGroup() error {
	list, ok := d.selected.(*byList)
	if !ok || !list.reached || d.skipped == 0 {
		return nil
	}
	at := d.skipped
	list.reached, d.skipped = false, 0
	return d.send(d.make.gtidList(list.state.sorted(), uint64(at)))
}

// send writes an event into the connection's buffer.
func (d *dump) send(event []byte) error {
	d.sent = true
	w := d.s.wire
	w.begin(mysql.OK_HEADER)
	w.put(event...)
	return w.end()
}
