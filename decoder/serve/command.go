package serve

import (
	"fmt"

	"binmend/decoder/gtid"
	"binmend/decoder/internal/bin"
)

// Flags of a dump. Bit 1 means one thing to MySQL and another to MariaDB.
const (
	dumpNonBlock    = 0x01 // end at the end of the last log
	dumpHeartbeatV2 = 0x02 // MySQL (source: USE_HEARTBEAT_EVENT_V2)
	dumpAnnotate    = 0x02 // MariaDB: BINLOG_SEND_ANNOTATE_ROWS_EVENT
)

// dumpRequest is what a client asks for: the events from a position on or, with a set, the transactions that are not in it.
type dumpRequest struct {
	flags    uint16
	serverID uint32 // of the client; 0 means the same as dumpNonBlock
	file     string // "" for the first one, or the one that the GTIDs lead to
	position uint64
	executed *gtid.Set // nil when the client did not send one
}

// waits reports whether the client also wants events yet to be written.
func (r *dumpRequest) waits() bool { return r.serverID != 0 && r.flags&dumpNonBlock == 0 }

// parseDump reads the arguments of COM_BINLOG_DUMP:
//
//	4     position
//	2     flags
//	4     the client's server id
//	rest  file
func parseDump(data []byte) (dumpRequest, error) {
	c := bin.New(data)
	r := dumpRequest{position: uint64(c.Uint32("position"))}
	r.flags = c.Uint16("flags")
	r.serverID = c.Uint32("server id")
	r.file = string(c.Rest())
	return r, c.Err()
}

// parseDumpGTID reads the arguments of COM_BINLOG_DUMP_GTID:
//
//	2     flags
//	4     the client's server id
//	4     length of the file's name
//	n     file
//	8     position
//	4     length of the set
//	n     the set, as in a Previous_gtids event
func parseDumpGTID(data []byte) (dumpRequest, error) {
	c := bin.New(data)
	r := dumpRequest{flags: c.Uint16("flags"), serverID: c.Uint32("server id")}
	r.file = string(c.Bytes(uint64(c.Uint32("length of the file name")), "file"))
	r.position = c.Uint64("position")
	encoded := c.Bytes(uint64(c.Uint32("length of the set")), "set")
	if c.Err() != nil {
		return r, c.Err()
	}
	var err error
	if r.executed, err = gtid.DecodeSet(encoded); err != nil {
		err = fmt.Errorf("the client's set of GTIDs: %w", err)
	}
	return r, err
}

// replica is what a client says about itself with COM_REGISTER_SLAVE.
type replica struct {
	serverID uint32
	host     string // report_host
	port     uint16
}

// parseRegister reads the arguments of COM_REGISTER_SLAVE:
//
//	4     server id
//	1+n   report_host
//	1+n   report_user
//	1+n   report_password
//	2     report_port
//	4     not used
//	4     not used
func parseRegister(data []byte) (replica, error) {
	c := bin.New(data)
	r := replica{serverID: c.Uint32("server id")}
	r.host = string(c.Bytes(uint64(c.Uint8("length of the host")), "host"))
	c.Bytes(uint64(c.Uint8("length of the user")), "user")
	c.Bytes(uint64(c.Uint8("length of the password")), "password")
	r.port = c.Uint16("port")
	return r, c.Err()
}
