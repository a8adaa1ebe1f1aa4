package serve

import (
	"context"
	"encoding/binary"
	"path/filepath"
	"slices"

	"binmend/decoder"
	"binmend/decoder/logfile"
)

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
	d.own.checksum = d.format.Checksum
	event := changedFormat(raw, change)
	if d.format.Checksum == decoder.ChecksumCRC32 {
		sign(event)
	}
	return d.send(event)
}

// event sends an event or leaves it out.
func (d *dump) event(raw []byte, pos decoder.Position) error {
	if d.standsOutside(eventType(raw)) {
		if err := d.endGroup(); err != nil {
			return err
		}
	}
	if err := d.follow(raw, pos); err != nil {
		return err
	}
	if d.skipping {
		d.skipped = pos.Offset + int64(len(raw))
		if !d.standsOutside(eventType(raw)) {
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
		raw = d.opened(raw, asWritten)
	}
	return d.send(raw)
}

// standsOutside reports whether an event of the type stands between transactions.
func (d *dump) standsOutside(t decoder.EventType) bool {
	switch t {
	case decoder.EventIncident:
		return d.format.Server.Flavor == decoder.MariaDB // MySQL's have a GTID
	case decoder.EventGtid, decoder.EventGtidTagged, decoder.EventAnonymousGtid, decoder.EventMariaGtid, decoder.EventPreviousGtids,
		decoder.EventMariaGtidList, decoder.EventRotate, decoder.EventStop, decoder.EventMariaBinlogCheckpoint:
		return true
	}
	return false
}

// follow reads the events that say what follows them.
func (d *dump) follow(raw []byte, pos decoder.Position) error {
	if d.standsOutside(eventType(raw)) {
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

// unwanted reports whether the client has asked not to be sent an event.
func (d *dump) unwanted(raw []byte) bool {
	if !d.mariaDB {
		return false
	}
	if eventType(raw) == decoder.EventMariaAnnotateRows && d.request.flags&dumpAnnotate == 0 {
		return true
	}
	return d.skipsMark && eventFlags(raw)&decoder.FlagSkipRepl != 0
}

// opened is a Start_encryption event as MariaDB sends it: marked to be skipped, because what follows is decrypted. Before the
// position that the replica asked for, it is sent without a position.
func (d *dump) opened(raw []byte, change formatChange) []byte {
	event := slices.Clone(raw)
	binary.LittleEndian.PutUint16(event[flagsOffset:], eventFlags(raw)|decoder.FlagIgnorable)
	if change == withoutTimeAndPosition {
		clear(event[endLogPosOffset:][:4])
	}
	if d.format.Checksum == decoder.ChecksumCRC32 {
		sign(event)
	}
	return event
}

// catchUp tells a client, before the next event or at the end, up to where events were left out.
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

// endGroup tells a MariaDB client that the events left out end with the GTID it has: it sends a Gtid_list of the state after
// that transaction.
func (d *dump) endGroup() error {
	list, ok := d.selected.(*byList)
	if !ok || !list.reached || d.skipped == 0 {
		return nil
	}
	at := d.skipped
	list.reached, d.skipped = false, 0
	return d.send(d.own.gtidList(list.state.sorted(), uint64(at)))
}

// send writes an event into the connection's buffer.
func (d *dump) send(event []byte) error {
	d.sent = true
	d.s.server.load.bytes.Add(int64(len(event)))
	return d.s.wire.putEvent(event)
}
