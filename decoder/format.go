package decoder

// Flavor is the family of server that wrote a log.
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

// Version is a server's version as its format description names it.
type Version struct {
	Flavor              Flavor
	Major, Minor, Patch int
	Text                string // as written: "10.11.19-MariaDB-0+deb12u1-log"
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

// Format is what a FORMAT_DESCRIPTION event says of the events that follow it. It is immutable and may be kept.
type Format struct {
	Server Version
}
