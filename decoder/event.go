package decoder

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"binmend/decoder/fault"
)

// Position is a place in a log.
type Position = fault.Position

// LogName is the server's name for the log in a file: without the folder and without the .gz or .zst of a compressed copy.
func LogName(file string) string { return UnpackedName(filepath.Base(file)) }

// UnpackedName is the name of a file without the .gz or .zst of a compressed copy.
func UnpackedName(name string) string {
	for _, packed := range []string{".gz", ".zst"} {
		if bare, ok := strings.CutSuffix(name, packed); ok && bare != "" {
			return bare
		}
	}
	return name
}

// EventType is the event's type number, under MySQL's names (mysql::binlog::event::Log_event_type; MariaDB's own from
// log_event.h).
type EventType uint8

const (
	EventUnknown            EventType = 0
	EventStartV3            EventType = 1
	EventQuery              EventType = 2
	EventStop               EventType = 3
	EventRotate             EventType = 4
	EventIntvar             EventType = 5
	EventLoad               EventType = 6
	EventSlave              EventType = 7
	EventCreateFile         EventType = 8
	EventAppendBlock        EventType = 9
	EventExecLoad           EventType = 10
	EventDeleteFile         EventType = 11
	EventNewLoad            EventType = 12
	EventRand               EventType = 13
	EventUserVar            EventType = 14
	EventFormatDescription  EventType = 15
	EventXid                EventType = 16
	EventBeginLoadQuery     EventType = 17
	EventExecuteLoadQuery   EventType = 18
	EventTableMap           EventType = 19
	EventPreGAWriteRows     EventType = 20
	EventPreGAUpdateRows    EventType = 21
	EventPreGADeleteRows    EventType = 22
	EventWriteRowsV1        EventType = 23
	EventUpdateRowsV1       EventType = 24
	EventDeleteRowsV1       EventType = 25
	EventIncident           EventType = 26
	EventHeartbeat          EventType = 27
	EventIgnorable          EventType = 28
	EventRowsQuery          EventType = 29
	EventWriteRows          EventType = 30
	EventUpdateRows         EventType = 31
	EventDeleteRows         EventType = 32
	EventGtid               EventType = 33
	EventAnonymousGtid      EventType = 34
	EventPreviousGtids      EventType = 35
	EventTransactionContext EventType = 36
	EventViewChange         EventType = 37
	EventXAPrepare          EventType = 38
	EventPartialUpdateRows  EventType = 39
	EventTransactionPayload EventType = 40
	EventHeartbeatV2        EventType = 41
	EventGtidTagged         EventType = 42

	EventMariaAnnotateRows          EventType = 160
	EventMariaBinlogCheckpoint      EventType = 161
	EventMariaGtid                  EventType = 162
	EventMariaGtidList              EventType = 163
	EventMariaStartEncryption       EventType = 164
	EventMariaQueryCompressed       EventType = 165
	EventMariaWriteRowsCompressed1  EventType = 166
	EventMariaUpdateRowsCompressed1 EventType = 167
	EventMariaDeleteRowsCompressed1 EventType = 168
	EventMariaWriteRowsCompressed   EventType = 169
	EventMariaUpdateRowsCompressed  EventType = 170
	EventMariaDeleteRowsCompressed  EventType = 171
)

var eventNames = [256]string{
	EventUnknown: "Unknown", EventStartV3: "Start_v3", EventQuery: "Query", EventStop: "Stop", EventRotate: "Rotate",
	EventIntvar: "Intvar", EventLoad: "Load", EventSlave: "Slave", EventCreateFile: "Create_file",
	EventAppendBlock: "Append_block", EventExecLoad: "Exec_load", EventDeleteFile: "Delete_file",
	EventNewLoad: "New_load", EventRand: "RAND", EventUserVar: "User_var", EventFormatDescription: "Format_desc",
	EventXid: "Xid", EventBeginLoadQuery: "Begin_load_query", EventExecuteLoadQuery: "Execute_load_query",
	EventTableMap: "Table_map", EventPreGAWriteRows: "Write_rows_event_old",
	EventPreGAUpdateRows: "Update_rows_event_old", EventPreGADeleteRows: "Delete_rows_event_old",
	EventWriteRowsV1: "Write_rows_v1", EventUpdateRowsV1: "Update_rows_v1", EventDeleteRowsV1: "Delete_rows_v1",
	EventIncident: "Incident", EventHeartbeat: "Heartbeat", EventIgnorable: "Ignorable", EventRowsQuery: "Rows_query",
	EventWriteRows: "Write_rows", EventUpdateRows: "Update_rows", EventDeleteRows: "Delete_rows", EventGtid: "Gtid",
	EventAnonymousGtid: "Anonymous_Gtid", EventPreviousGtids: "Previous_gtids",
	EventTransactionContext: "Transaction_context", EventViewChange: "View_change", EventXAPrepare: "XA_prepare",
	EventPartialUpdateRows: "Update_rows_partial", EventTransactionPayload: "Transaction_payload",
	EventHeartbeatV2: "Heartbeat_v2", EventGtidTagged: "Gtid_tagged",
	EventMariaAnnotateRows: "Annotate_rows", EventMariaBinlogCheckpoint: "Binlog_checkpoint", EventMariaGtid: "Gtid",
	EventMariaGtidList: "Gtid_list", EventMariaStartEncryption: "Start_encryption",
	EventMariaQueryCompressed:       "Query_compressed",
	EventMariaWriteRowsCompressed1:  "Write_rows_compressed_v1",
	EventMariaUpdateRowsCompressed1: "Update_rows_compressed_v1",
	EventMariaDeleteRowsCompressed1: "Delete_rows_compressed_v1",
	EventMariaWriteRowsCompressed:   "Write_rows_compressed",
	EventMariaUpdateRowsCompressed:  "Update_rows_compressed",
	EventMariaDeleteRowsCompressed:  "Delete_rows_compressed",
}

// String is the name that SHOW BINLOG EVENTS prints.
func (t EventType) String() string {
	if s := eventNames[t]; s != "" {
		return s
	}
	return fmt.Sprintf("event type %d", uint8(t))
}

// IsKnown reports whether a supported server writes events of this type. Those of LOAD DATA INFILE before MySQL 5.0.3 are not read.
func (t EventType) IsKnown() bool {
	switch t {
	case EventUnknown, EventLoad, EventCreateFile, EventExecLoad, EventNewLoad:
		return false
	}
	return eventNames[t] != ""
}

// Event header flags (MySQL: binlog_event.h, LOG_EVENT_*_F).
const (
	FlagInUse          = 0x0001 // in a format description: the file was not closed
	FlagThreadSpecific = 0x0004 // of a statement: it depends on its thread's number, as statements on temporary tables do
	FlagSuppressUse    = 0x0008 // of a statement: it needs no default database, like CREATE DATABASE
	FlagArtificial     = 0x0020 // made by the replica's receiver or a dump thread, not by a transaction
	FlagRelayLog       = 0x0040
	FlagIgnorable      = 0x0080
	FlagSkipRepl       = 0x8000 // MariaDB: @@skip_replication
)

// Header is the common event header.
type Header struct {
	Timestamp uint32 // seconds since 1970, UTC
	Type      EventType
	ServerID  uint32
	Length    uint32 // of the whole event, header and checksum included
	EndLogPos uint32 // where the event ends in the source's own file; 0 for events of unknown place; wraps at 4 GiB
	Flags     uint16
}

// Time is the header's timestamp in UTC.
func (h *Header) Time() time.Time { return time.Unix(int64(h.Timestamp), 0).UTC() }

// IsUnknown reports whether no known server writes events of this type and the event may not be ignored: it may change rows.
func (h *Header) IsUnknown() bool { return !h.Type.IsKnown() && h.Flags&FlagIgnorable == 0 }

// CheckKnown is an error if the event IsUnknown.
func (e *Event) CheckKnown() error {
	if !e.IsUnknown() {
		return nil
	}
	failed := fault.Error{Reason: ErrUnknown, Pos: e.Pos, Event: e.Type.String(), Facts: fault.Facts{Begin: e.Pos.Offset, End: e.End()},
		What: "no known server writes it, and it is not marked as one to ignore: it may hold changes"}
	return &failed
}

// StartsEncryption reports whether the events of the file after this one are encrypted. A Start_encryption event with the
// ignorable flag says only that they are in the log of the server which sent it (MariaDB source: send_format_descriptor_event).
func (h *Header) StartsEncryption() bool {
	return h.Type == EventMariaStartEncryption && h.Flags&FlagIgnorable == 0
}

// Event is one event: its header, and its body not yet interpreted. It is valid until the reader's next Next.
type Event struct {
	Header
	Pos    Position // where it begins; for an event out of a Transaction_payload, where the payload event begins
	Body   []byte   // after the header, without the checksum
	Format *Format  // the format description in force

	// RelayLog: the log is a relay log, as far as its events up to this one show.
	RelayLog bool

	// Inner counts from 1 for an event that was inside a Transaction_payload; 0 for an event of the file itself.
	Inner int

	reader *Reader
}

// raw is the event as it was read, with its checksum.
func (e *Event) raw() []byte { return e.reader.raw }

// Memo is where a package keeps what it made of an event, so that who asks for it again gets the same. Only package statement uses it.
type Memo struct {
	Value any // made of this event if Valid, else of an earlier one: its memory may be reused
	Valid bool
}

// Memo is the event's memo, which lasts until the reader's next Next. A copy of an event gets a new, empty one at each call.
func (e *Event) Memo() *Memo {
	if e.reader == nil || e != &e.reader.event {
		return &Memo{}
	}
	return &e.reader.memo
}

// End is the offset of the byte after the event in its file; for an event out of a Transaction_payload, of the byte after
// the payload event.
func (e *Event) End() int64 {
	if e.Inner > 0 {
		return e.reader.payload.outer.End()
	}
	return e.Pos.Offset + int64(e.Length)
}
