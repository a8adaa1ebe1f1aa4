package decoder

import (
	"bytes"
	"strconv"
	"strings"

	"binmend/decoder/gtid"
	"binmend/decoder/internal/bin"
)

// Flavor is the family of server that wrote a log.
type Flavor = gtid.Flavor

const (
	MySQL   = gtid.MySQL
	MariaDB = gtid.MariaDB
)

// Version is a server's version as its format description names it.
type Version struct {
	Flavor              Flavor
	Major, Minor, Patch int
	Text                string // as written: "10.11.19-MariaDB-0+deb12u1-log"
}

// ParseVersion reads a version string such as @@version or the one in a format description.
func ParseVersion(text string) (v Version, ok bool) {
	v.Text = text
	if strings.Contains(strings.ToLower(text), "mariadb") {
		v.Flavor = MariaDB
		text = strings.TrimPrefix(text, "5.5.5-") // MariaDB's prefix for old clients
	}
	numbers, _, _ := strings.Cut(text, "-")
	parts := strings.SplitN(numbers, ".", 3)
	if len(parts) < 2 {
		return v, false
	}
	for i, p := range []*int{&v.Major, &v.Minor, &v.Patch} {
		if i == len(parts) {
			break
		}
		digits := strings.IndexFunc(parts[i]+" ", func(r rune) bool { return r < '0' || r > '9' })
		n, err := strconv.Atoi(parts[i][:digits])
		if err != nil {
			return v, false
		}
		*p = n
	}
	return v, true
}

// AtLeast compares the version's numbers, not its flavour.
func (v Version) AtLeast(major, minor, patch int) bool {
	if v.Major != major {
		return v.Major > major
	}
	if v.Minor != minor {
		return v.Minor > minor
	}
	return v.Patch >= patch
}

// The last series of each flavour that this program was written for.
const LastMySQL, LastMariaDB = 9, 12

// IsNewer reports whether the server is of a later series: what it does in a new way is not known here.
func (v Version) IsNewer() bool {
	last := LastMySQL
	if v.Flavor == MariaDB {
		last = LastMariaDB
	}
	return v.Major > last
}

// LogsCascades reports whether the server hands on itself what foreign keys ask for, and logs it. With innodb_native_foreign_keys
// it does not, as before.
func (v Version) LogsCascades() bool { return v.Flavor == MySQL && v.AtLeast(9, 6, 0) }

// LogsExplicitDefaults reports whether the server's logs tell explicit_defaults_for_timestamp. MariaDB had it as a global variable before
// sessions could set it and flags2 had its bit. Of an unknown server nothing is expected.
func (v Version) LogsExplicitDefaults() bool {
	if v.Flavor == MariaDB {
		return v.AtLeast(10, 8, 4)
	}
	return v.Major == 0 || v.AtLeast(5, 7, 0)
}

// knowsChecksums reports whether the server writes a checksum algorithm into its format descriptions.
func (v Version) knowsChecksums() bool {
	if v.Flavor == MariaDB {
		return v.AtLeast(5, 3, 0)
	}
	return v.AtLeast(5, 6, 1)
}

// logsKeyColumns reports whether the server writes the hidden columns of functional keys into table maps and rows. 8.0.13 is
// the first version with such keys. Logs of 8.0.15 and 8.0.17 have the columns, those of 8.0.31 do not; MySQL's own tests
// keep a log of 8.0.17 as the last of the old kind.
func (v Version) logsKeyColumns() bool {
	return v.Flavor == MySQL && v.Major == 8 && v.Minor == 0 && v.Patch >= 13 && v.Patch <= 17
}

// Checksum is the algorithm that protects each event.
type Checksum uint8

const (
	ChecksumNone  Checksum = 0
	ChecksumCRC32 Checksum = 1
)

const checksumLength = 4

// maxTypesWithoutChecksums is how many event types the last servers without checksums know (MySQL 5.5, MariaDB 5.2). A
// longer list under an older version means a damaged version.
const maxTypesWithoutChecksums = 27

// Format is what a FORMAT_DESCRIPTION event says about the events after it. It is immutable and may be kept.
type Format struct {
	BinlogVersion uint16
	Server        Version
	Created       uint32 // seconds since 1970; 0 when the file began by rotation
	HeaderLength  int
	Checksum      Checksum
	InUse         bool // the server had the file open for writing when it was copied

	postHeader     []byte // length of the fixed part of each event type, from type 1
	alpha          bool   // the event types have the numbers of the alphaTypes
	headerChecksum bool   // each event's header ends in a CRC-32
}

// PostHeaderLength is the length of the fixed part of an event type's body, or -1 where the format does not know the
// type.
func (f *Format) PostHeaderLength(t EventType) int {
	if i := int(t) - 1; i >= 0 && i < len(f.postHeader) {
		return int(f.postHeader[i])
	}
	return -1
}

const (
	magicLength         = 4 // of the file, before the first event
	headerLength        = 19
	typeOffset          = 4 // in an event
	endLogPosOffset     = 13
	flagsOffset         = 17
	createdOffset       = headerLength + 2 + serverVersionLength // in a format description
	serverVersionLength = 50
	postHeaderQuery     = 13
)

// parseFormat reads a FORMAT_DESCRIPTION event (MySQL source: Format_description_event).
//
//	offset  bytes  field
//	0       2      binlog version, 4
//	2       50     server version, padded with 0x00
//	52      4      creation time
//	56      1      length of the common event header, 19; see readBranch
//	57      n      post-header length of each event type
//	57+n    1      checksum algorithm      } servers that know checksums; the format description itself
//	58+n    4      CRC-32 of the event     } carries one whatever the algorithm
//
// raw is the event with its header and trailer.
func parseFormat(e *Event, raw []byte) (*Format, error) {
	c := bin.New(raw[headerLength:])
	f := &Format{InUse: e.Flags&FlagInUse != 0}
	f.BinlogVersion = c.Uint16("binlog version")
	version := c.Bytes(serverVersionLength, "server version")
	f.Created = c.Uint32("creation time")
	f.HeaderLength = int(c.Uint8("header length"))
	rest := c.Rest()
	if c.Err() != nil {
		return nil, e.corrupt(c.Err())
	}
	if f.BinlogVersion != 4 {
		return nil, e.unsupportedVersion(int(f.BinlogVersion))
	}
	var ok bool
	version, _, _ = bytes.Cut(version, []byte{0}) // what follows may be the rest of a longer version
	text := string(version)
	if f.Server, ok = ParseVersion(text); !ok {
		return nil, e.fail(ErrCorrupt, "expected a server version, found %q", text)
	}
	f.postHeader = rest
	if f.Server.knowsChecksums() {
		if len(rest) < 1+checksumLength {
			return nil, e.fail(ErrCorrupt, "expected a checksum algorithm and a checksum at the end, found %d bytes", len(rest))
		}
		n := len(rest) - 1 - checksumLength
		f.postHeader, f.Checksum = rest[:n], Checksum(rest[n])
		if f.Checksum > ChecksumCRC32 {
			return nil, e.fail(ErrUnsupported, "expected checksum algorithm 0 (none) or 1 (CRC32), found %d", f.Checksum)
		}
	}
	if !f.Server.knowsChecksums() && len(f.postHeader) > maxTypesWithoutChecksums {
		return nil, e.fail(ErrCorrupt, "expected at most %d event types of a server %q, found %d",
			maxTypesWithoutChecksums, text, len(f.postHeader))
	}
	f.postHeader = bytes.Clone(f.postHeader)
	if err := f.readBranch(e); err != nil {
		return nil, err
	}
	if n := f.PostHeaderLength(EventQuery); n != postHeaderQuery {
		return nil, e.fail(ErrCorrupt, "expected a Query post-header of %d bytes, the format description says %d", postHeaderQuery, n)
	}
	return f, nil
}

func (e *Event) unsupportedVersion(binlogVersion int) error {
	return e.fail(ErrNoRows, "binlog version %d, written by a server before MySQL 5.0; it has no row events", binlogVersion)
}
