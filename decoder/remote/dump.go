package remote

import (
	"fmt"

	"github.com/go-mysql-org/go-mysql/mysql"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/gtid"
)

// Request says what to send. Without Executed and State, it is every event from a position on.
type Request struct {
	File string // "" is the source's oldest file
	Pos  int64  // where an event begins; 4 is the beginning

	Executed *gtid.Set // MySQL: send every transaction that is not in it
	State    gtid.List // MariaDB: send what comes after it; as @@gtid_slave_pos

	Follow   bool // wait for new events; else the dump ends with the log
	SemiSync bool // the source may wait for acknowledgements
}

// Flags of a dump (MySQL source: rpl_constants.h; MariaDB source: sql/sql_repl.h).
const (
	dumpNonBlock      = 0x01
	dumpSendAnnotate  = 0x02 // MariaDB; the bit means something else to MySQL
	dumpThroughGTID   = 0x04 // MySQL: use the set of GTIDs
	maxDumpPos        = 1<<32 - 1
	mariadbStateQuery = "SET @slave_connect_state = '%s', @slave_gtid_strict_mode = 0, @slave_gtid_ignore_duplicates = 0"
)

// Dump asks for events, which Receive and Next return. It may be called once.
func (c *Conn) Dump(r Request) error {
	if err := c.dump(r); err != nil {
		return c.explain(err)
	}
	return nil
}

func (c *Conn) dump(r Request) error {
	if r.Pos > maxDumpPos {
		return fmt.Errorf("expected a position below 4 GiB, which is all that the protocol knows, found %d", r.Pos)
	}
	c.stream = stream{file: r.File, begin: max(r.Pos, magicLength), jumps: r.Executed != nil || r.State != nil, semiSync: r.SemiSync, idle: idleness{follow: r.Follow}}
	if r.SemiSync {
		if err := c.setSemiSync(); err != nil {
			return err
		}
	}
	if r.State != nil && r.Executed == nil {
		if _, err := c.execute(fmt.Sprintf(mariadbStateQuery, r.State)); err != nil {
			return err
		}
		r.File, r.Pos = "", magicLength
	}
	c.wire.Stream()
	if r.Executed != nil {
		return c.send(c.dumpGTID(r))
	}
	return c.send(c.dumpPosition(r))
}

// setSemiSync asks for the two bytes that semi-synchronous replication puts before each event. A source without the plugin
// sends none.
func (c *Conn) setSemiSync() error {
	result, err := c.execute("SHOW GLOBAL VARIABLES WHERE Variable_name IN ('rpl_semi_sync_source_enabled', 'rpl_semi_sync_master_enabled')")
	if err != nil {
		return err
	}
	if result.Resultset == nil || result.RowNumber() == 0 {
		return &fault.Error{Reason: ErrNoSemiSync, What: "the source " + c.address + " has no semi-synchronous replication"}
	}
	_, err = c.execute("SET @rpl_semi_sync_slave = 1, @rpl_semi_sync_replica = 1")
	return err
}

// dumpPosition is COM_BINLOG_DUMP (MySQL source: com_binlog_dump).
//
//	bytes  field
//	1      0x12
//	4      position
//	2      flags
//	4      server id of the replica
//	n      file name
func (c *Conn) dumpPosition(r Request) command {
	p := newCommand(mysql.COM_BINLOG_DUMP)
	p.uint32(uint32(max(r.Pos, magicLength)))
	p.uint16(c.dumpFlags(r))
	p.uint32(c.ServerID)
	p.bytes([]byte(r.File))
	return p
}

// dumpGTID is COM_BINLOG_DUMP_GTID (MySQL source: com_binlog_dump_gtid).
//
//	bytes  field
//	1      0x1e
//	2      flags
//	4      server id of the replica
//	4 + n  file name, empty: the source looks for it
//	8      position
//	4 + n  set of GTIDs that are not wanted
func (c *Conn) dumpGTID(r Request) command {
	p := newCommand(mysql.COM_BINLOG_DUMP_GTID)
	p.uint16(c.dumpFlags(r) | dumpThroughGTID)
	p.uint32(c.ServerID)
	p.uint32(0)
	p.uint64(magicLength)
	set := r.Executed.AppendBinary(nil)
	p.uint32(uint32(len(set)))
	p.bytes(set)
	return p
}

func (c *Conn) dumpFlags(r Request) (flags uint16) {
	if !r.Follow {
		flags |= dumpNonBlock
	}
	if c.Source.Version.Flavor == decoder.MariaDB {
		flags |= dumpSendAnnotate
	}
	return flags
}
