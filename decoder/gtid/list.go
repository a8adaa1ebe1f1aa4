package gtid

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// List is a list of MariaDB GTIDs: a position such as @@gtid_slave_pos, with one GTID per domain, or the state of a binary
// log, where a domain may occur once per server.
type List []GTID

// ParseList reads `0-1-5,1-2-7`. Blanks and newlines may stand around each GTID. An empty text is an empty list.
func ParseList(text string) (List, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	var list List
	for part := range strings.SplitSeq(text, ",") {
		g, err := parseMariaDB(strings.TrimSpace(part))
		if err != nil {
			return nil, fmt.Errorf("GTID list %s: GTID %s: %w", quote(text), quote(part), err)
		}
		list = append(list, g)
	}
	return list, nil
}

// AppendText appends the list as MariaDB prints it.
func (l List) AppendText(dst []byte) []byte {
	for i, g := range l {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = g.AppendText(dst)
	}
	return dst
}

func (l List) String() string { return string(l.AppendText(nil)) }

const (
	listHeaderSize = 4
	listEntrySize  = 4 + 4 + 8
	listCountBits  = 28
	listPadding    = 2
)

// DecodeList reads the body of a Gtid_list event without its checksum:
//
//	4 bytes     number of GTIDs in the low 28 bits; flags for the receiver of a dump above, which say nothing of the list
//	per GTID:
//	  4         domain
//	  4         server id
//	  8         sequence number
//
// Integers are little-endian. MariaDB pads an empty list with 2 bytes (MariaDB source:
// Gtid_list_log_event).
func DecodeList(body []byte) (List, error) {
	var list List
	err := EachOfList(body, func(g GTID) {
		if list == nil {
			list = make(List, 0, len(body)/listEntrySize)
		}
		list = append(list, g)
	})
	return list, err
}

// EachOfList calls yield with the GTIDs that DecodeList would hold, without the memory for them; none before an error.
func EachOfList(body []byte, yield func(GTID)) error {
	if len(body) < listHeaderSize {
		return fmt.Errorf("body of Gtid_list: expected %d bytes with the number of GTIDs, found %d", listHeaderSize, len(body))
	}
	count := int(binary.LittleEndian.Uint32(body) & (1<<listCountBits - 1))
	entries := body[listHeaderSize:]
	if count == 0 && len(entries) <= listPadding {
		return nil
	}
	if count != len(entries)/listEntrySize || len(entries)%listEntrySize != 0 {
		return fmt.Errorf(
			"body of Gtid_list: expected %d GTIDs of %d bytes, found %d bytes",
			count, listEntrySize, len(entries))
	}
	for ; len(entries) > 0; entries = entries[listEntrySize:] {
		yield(GTID{
			Flavor: MariaDB,
			Domain: binary.LittleEndian.Uint32(entries),
			Server: binary.LittleEndian.Uint32(entries[4:]),
			Seq:    binary.LittleEndian.Uint64(entries[8:]),
		})
	}
	return nil
}
