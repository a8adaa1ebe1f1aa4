package decoder

import (
	"strconv"

	"binmend/decoder/gtid"
	"binmend/decoder/internal/bin"
)

func (f *fieldReader) gtid() {
	f.bits(1, "flags")
	b := f.take(16)
	var id gtid.UUID
	copy(id[:], b)
	f.give(b, "uuid", id.String())
	f.number(8, "transaction number")
	f.number(1, "type of the counters")
	f.number(8, "last_committed")
	f.number(8, "sequence_number")
	const original = 1 << 55
	if at := f.number(commitTimeBytes, "time of the commit, microseconds"); at&original != 0 {
		f.number(commitTimeBytes, "time of the original commit, microseconds")
	}
	f.length("length of the transaction")
	const originalVersion = 1 << 31
	if v := f.number(4, "version of the server"); v&originalVersion != 0 {
		f.number(4, "version of the original server")
	}
}

func (f *fieldReader) mariaGtid() {
	f.number(8, "sequence number")
	f.number(4, "domain")
	flags := f.bits(1, "flags")
	if flags&MariaGtidCommitID != 0 {
		f.number(8, "commit id")
	}
	if flags&(MariaGtidPreparedXA|MariaGtidCompletedXA) != 0 {
		f.number(4, "format id of the XA id")
		gtrid, bqual := f.number(1, "length of gtrid"), f.number(1, "length of bqual")
		f.text(gtrid, "gtrid")
		f.text(bqual, "bqual")
	}
	if f.body.Len() == 0 {
		return
	}
	extra := f.bits(1, "extra flags")
	if extra&mariaExtraEngines != 0 {
		f.number(1, "number of engines")
	}
	if extra&(mariaExtraCommitAlter|mariaExtraRollbackAlter) != 0 {
		f.number(8, "sequence number of ALTER")
	}
	if extra&mariaExtraThreadID != 0 {
		f.number(4, "thread id")
	}
	f.rest("padding")
}

func (f *fieldReader) gtidList() {
	n := f.number(4, "number of GTIDs")
	for i := uint64(0); i < n&(1<<28-1) && f.body.Len() >= 16; i++ {
		f.number(4, "domain")
		f.number(4, "server id")
		f.number(8, "sequence number")
	}
	f.rest("padding")
}

func (f *fieldReader) previousGtids() {
	if f.event.CheckPreviousGtids() != nil {
		return
	}
	const tagged = 1 // the format, in the last byte
	head := f.take(8)
	format := head[7]
	number := bin.Uint(head[:7])
	if format == tagged {
		number >>= 8
	}
	f.give(head, "number of UUIDs and tags", strconv.FormatUint(number, 10))
	for range number {
		var tsid gtid.TSID
		copy(tsid.UUID[:], f.take(uint64(len(tsid.UUID))))
		f.give(tsid.UUID[:], "UUID", tsid.UUID.String())
		if format == tagged {
			f.text(f.number(1, "length of the tag, times 2")/2, "tag")
		}
		for range f.number(8, "number of intervals") {
			f.number(8, "first of an interval")
			f.number(8, "last of it, plus 1")
		}
	}
}
