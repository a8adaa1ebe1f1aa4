package filter

import (
	"fmt"
	"strconv"
	"strings"

	"binmend/decoder/gtid"
)

// GTIDs is a set of GTIDs of either flavour.
type GTIDs struct {
	mysql *gtid.Set
	maria []mariaRange
}

// mariaRange is a run of MariaDB's sequence numbers, both ends included.
type mariaRange struct {
	domain, server uint32
	first, last    uint64
}

// ParseGTIDs reads a set of MySQL GTIDs (uuid:1-5:7,uuid:tag:3), or MariaDB GTIDs (0-1-7) and ranges of them (0-1-7-12, from
// the 7th to the 12th), with commas between them.
func ParseGTIDs(text string) (*GTIDs, error) {
	if strings.Contains(text, ":") {
		set, err := gtid.ParseSet(text)
		if err != nil {
			return nil, err
		}
		return &GTIDs{mysql: set}, nil
	}
	g := &GTIDs{}
	for _, part := range strings.Split(text, ",") {
		r, err := parseMariaRange(strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		g.maria = append(g.maria, r)
	}
	return g, nil
}

func parseMariaRange(text string) (r mariaRange, err error) {
	bad := fmt.Errorf("expected uuid:number, domain-server-number or domain-server-first-last, found %q", text)
	parts := strings.Split(text, "-")
	if len(parts) < 3 || len(parts) > 4 {
		return r, bad
	}
	var numbers [4]uint64
	for i, part := range parts {
		bits := 32
		if i >= 2 {
			bits = 64
		}
		if numbers[i], err = strconv.ParseUint(part, 10, bits); err != nil {
			return r, bad
		}
	}
	r = mariaRange{uint32(numbers[0]), uint32(numbers[1]), numbers[2], numbers[2]}
	if len(parts) == 4 {
		r.last = numbers[3]
	}
	if r.first > r.last {
		return r, fmt.Errorf("%q ends before it begins", text)
	}
	return r, nil
}

// Contains reports whether a GTID is in the set; the zero GTID never is.
func (g *GTIDs) Contains(id gtid.GTID) bool {
	if id.Flavor == gtid.MySQL {
		return g.mysql != nil && g.mysql.Contains(id)
	}
	for _, r := range g.maria {
		if id.Flavor == gtid.MariaDB && id.Domain == r.domain && id.Server == r.server && r.first <= id.Seq && id.Seq <= r.last {
			return true
		}
	}
	return false
}
