package gtid

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Flavor is the family of a server, which decides the form of its GTIDs.
type Flavor uint8

const (
	MySQL Flavor = iota
	MariaDB
)

func (f Flavor) String() string {
	if f == MariaDB {
		return "MariaDB"
	}
	return "MySQL"
}

// MaxGNO is the largest sequence number that MySQL gives out (MySQL source: rpl_gtid.h, GNO_END - 1). MariaDB's numbers
// use all 64 bits.
const MaxGNO = math.MaxInt64 - 1

// GTID identifies one transaction. It is comparable, so it can be a map key. The fields of the other flavor are zero. The zero
// GTID is no GTID: MySQL gives out no number 0.
type GTID struct {
	Flavor Flavor

	TSID TSID // MySQL

	Domain, Server uint32 // MariaDB

	Seq uint64 // MySQL's GNO, MariaDB's seq_no
}

// Parse reads the text of one GTID: `uuid:7`, `uuid:tag:7` or `0-1-7`. Blanks around it are ignored.
func Parse(text string) (GTID, error) {
	trimmed := strings.TrimSpace(text)
	parse := parseMariaDB
	if strings.Contains(trimmed, ":") {
		parse = parseMySQL
	}
	g, err := parse(trimmed)
	if err != nil {
		return GTID{}, fmt.Errorf("GTID %s: %w", quote(text), err)
	}
	return g, nil
}

func parseMySQL(text string) (GTID, error) {
	colon := strings.LastIndexByte(text, ':')
	uuidText, tagText, tagged := strings.Cut(text[:colon], ":")
	uuid, err := ParseUUID(strings.TrimSpace(uuidText))
	if err != nil {
		return GTID{}, err
	}
	var tag Tag
	if tagged {
		if tag, err = ParseTag(strings.TrimSpace(tagText)); err != nil {
			return GTID{}, err
		}
	}
	seq, err := parseGNO(strings.TrimSpace(text[colon+1:]))
	if err != nil {
		return GTID{}, err
	}
	return GTID{Flavor: MySQL, TSID: TSID{UUID: uuid, Tag: tag}, Seq: seq}, nil
}

func parseMariaDB(text string) (GTID, error) {
	parts := strings.Split(text, "-")
	if len(parts) != 3 {
		return GTID{}, errors.New("expected uuid:number, uuid:tag:number or domain-server-number")
	}
	domain, err := parseNumber("domain", parts[0], math.MaxUint32)
	if err != nil {
		return GTID{}, err
	}
	server, err := parseNumber("server id", parts[1], math.MaxUint32)
	if err != nil {
		return GTID{}, err
	}
	seq, err := parseNumber("sequence number", parts[2], math.MaxUint64)
	if err != nil {
		return GTID{}, err
	}
	return GTID{Flavor: MariaDB, Domain: uint32(domain), Server: uint32(server), Seq: seq}, nil
}

func parseGNO(text string) (uint64, error) {
	n, err := parseNumber("transaction number", text, MaxGNO)
	if err == nil && n == 0 {
		err = errors.New("transaction number 0: the first is 1")
	}
	return n, err
}

func parseNumber(what, text string, limit uint64) (uint64, error) {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s %s is not a number of 0 to %d", what, quote(text), limit)
	}
	if n > limit {
		return 0, fmt.Errorf("%s %d is over the limit of %d", what, n, limit)
	}
	return n, nil
}

// IsZero reports whether g is the zero GTID.
func (g GTID) IsZero() bool { return g.Seq == 0 && g == GTID{} }

// AppendText appends what Parse reads; nothing for the zero GTID.
func (g GTID) AppendText(dst []byte) []byte {
	switch {
	case g.IsZero():
	case g.Flavor == MySQL:
		dst = g.TSID.AppendText(dst)
		dst = append(dst, ':')
		dst = strconv.AppendUint(dst, g.Seq, 10)
	default:
		dst = strconv.AppendUint(dst, uint64(g.Domain), 10)
		dst = append(dst, '-')
		dst = strconv.AppendUint(dst, uint64(g.Server), 10)
		dst = append(dst, '-')
		dst = strconv.AppendUint(dst, g.Seq, 10)
	}
	return dst
}

func (g GTID) String() string {
	const usual = uuidTextLength + len(":18446744073709551615")
	return string(g.AppendText(make([]byte, 0, usual)))
}

// quote quotes a text for a message, and shortens it if it is long.
func quote(text string) string {
	const longest = 80
	if len(text) > longest {
		return strconv.Quote(text[:longest]) + "…"
	}
	return strconv.Quote(text)
}
