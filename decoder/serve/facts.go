package serve

import (
	"crypto/sha256"
	"path/filepath"
	"strings"

	"binmend/decoder"
	"binmend/decoder/gtid"
)

// facts are what the logs say about the server that wrote them. This server says the same about itself.
type facts struct {
	version  decoder.Version
	serverID uint32
	checksum decoder.Checksum
	gtidMode bool // MySQL: transactions have GTIDs
}

// gtidByDefault reports whether gtid_mode is ON by default: it is on MySQL 9.7, and not on 8.4.
func gtidByDefault(v decoder.Version) bool { return v.AtLeast(9, 7, 0) }

// readFacts reads the last log that says something and, for the GTID mode, the last one with a transaction.
func (s *Server) readFacts() (facts, error) {
	var f facts
	found := false
	_, _, err := s.lastLog(func(_ string, p *prologue) (bool, error) {
		if !found {
			found = true
			f.version, f.checksum, f.serverID = p.format.Server, p.format.Checksum, p.serverID
			f.gtidMode = gtidByDefault(f.version)
		}
		on, known := p.gtidMode()
		if known {
			f.gtidMode = on
		}
		return known, nil
	})
	if err == nil && !found {
		err = refuse("there is no log here yet")
	}
	if s.ServerID != 0 {
		f.serverID = s.ServerID
	}
	return f, err
}

// mariaDB reports whether MariaDB wrote the logs.
func (f *facts) mariaDB() bool { return f.version.Flavor == decoder.MariaDB }

// oldClientPrefix is what MariaDB 10 puts before its version in a greeting: to replicas, a version that begins with 1 is that
// of another protocol.
const oldClientPrefix = "5.5.5-"

// greetingVersion is the version that clients are greeted with.
func (f *facts) greetingVersion() string {
	if f.mariaDB() && f.version.Major == 10 {
		return oldClientPrefix + f.version.Text
	}
	return f.version.Text
}

func (f *facts) checksumName() string {
	if f.checksum == decoder.ChecksumCRC32 {
		return "CRC32"
	}
	return "NONE"
}

// serverUUID is the same for the same folder, and not the source's: the source may come back as a replica of this one, and a
// replica refuses a source with its own UUID.
func serverUUID(dir string) string {
	if absolute, err := filepath.Abs(dir); err == nil {
		dir = absolute
	}
	digest := sha256.Sum256([]byte("binmend serve\x00" + dir))
	var u gtid.UUID
	copy(u[:], digest[:])
	u[6] = u[6]&0x0f | 0x80 // RFC 9562, version 8: custom
	u[8] = u[8]&0x3f | 0x80
	return strings.ToLower(u.String())
}
