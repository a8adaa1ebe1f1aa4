package serve

import (
	"context"
	"errors"
	"io"
	"math"
	"time"

	"github.com/go-mysql-org/go-mysql/mysql"

	"binmend/decoder"
	"binmend/decoder/gtid"
)

// dump sends events to one client.
type dump struct {
	s         *session
	request   dumpRequest
	heartbeat time.Duration // 0 for none
	mariaDB   bool          // the client has MariaDB's capabilities
	unaware   bool          // the client does not know checksums
	skipsMark bool          // the client does not want events with MariaDB's skip_replication mark
	selected  selection

	file   string // name of the current log
	format *decoder.Format
	lens   *lens
	own    artificial

	skipping bool      // the current transaction is not sent
	skipped  int64     // up to here events were left out without telling the client; 0 for none
	next     string    // the log named by the last Rotate event
	sent     bool      // something was sent since lastSent
	lastSent time.Time // read only when a heartbeat may be due
}

// errEnd ends a dump that does not wait for more.
var errEnd = errors.New("the end of the last log")

// mariaDBCapability is the capability that a client needs to read MariaDB's GTIDs (MariaDB source:
// MARIA_SLAVE_CAPABILITY_GTID).
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
		s.server.load.dumps.Add(1)
		s.server.load.replicas.Add(1)
		err = d.run(ctx, at)
		s.server.load.replicas.Add(-1)
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
	s.server.load.refused.Add(1)
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

// newDump finds out what to send to the client.
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

// negotiate reads what the client has set before the dump.
func (d *dump) negotiate(f *facts) error {
	s := d.s
	d.own.serverID = f.serverID
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
		d.own.checksum = decoder.ChecksumCRC32
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
		return server.startByList(listRequest{state: list, strict: d.s.flag("@slave_gtid_strict_mode"), mayBeAhead: d.s.flag("@slave_gtid_ignore_duplicates")})
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
