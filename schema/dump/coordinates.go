package dump

import (
	"bytes"
	"regexp"
	"strings"

	"binmend/decoder/gtid"
)

// Executed is the transactions of which a dump says that they had run before it read its first table: what they did to tables is in
// the dump. What others did may be in it too, since servers show tables as they are at the moment.
type Executed struct {
	set  *gtid.Set // MySQL's
	list gtid.List // MariaDB's: the last one of each domain
}

// Has reports whether a transaction is one of them. In a domain of MariaDB a server numbers its own in order; where those of others
// stand is not certain.
func (x *Executed) Has(g gtid.GTID) bool {
	if x.set != nil {
		return x.set.Contains(g)
	}
	for _, last := range x.list {
		if g.Flavor == gtid.MariaDB && last.Domain == g.Domain && last.Server == g.Server && g.Seq <= last.Seq {
			return true
		}
	}
	return false
}

// HasAll reports whether all transactions of a set are among them, and there are some.
func (x *Executed) HasAll(set *gtid.Set) bool {
	return x.set != nil && !set.IsEmpty() && x.set.Holds(set)
}

// coordinate is what mysqldump and mariadb-dump write of GTIDs, also as a comment.
var coordinate = regexp.MustCompile(`(?i)^\s*SET\s+(?:@@GLOBAL\s*\.|GLOBAL\s)\s*(GTID_PURGED|GTID_SLAVE_POS)\s*=\s*(?:/\*!80000\s*'\+'\s*\*/\s*)?'\+?([^']*)'`)

// readExecuted reads such a statement; nil stands for GTIDs that can't be read.
func readExecuted(sql string) (x *Executed, ok bool) {
	found := coordinate.FindStringSubmatch(sql)
	if found == nil {
		return nil, false
	}
	x = &Executed{}
	var err error
	if strings.EqualFold(found[1], "GTID_PURGED") {
		x.set, err = gtid.ParseSet(found[2])
	} else {
		x.list, err = gtid.ParseList(found[2])
	}
	if err != nil {
		return nil, true
	}
	return x, true
}

// deferral begins the comment of mariadb-dump, before the tables, that says that the GTIDs, which it knows then, stand after them: what
// restores the server's own tables would overwrite them.
const deferral = "A corresponding to the above "

// executed notes what a dump says that has run. It says so once, before its tables; where several dumps stand in one file, which of
// them a table is from is not looked at.
func (l *loader) executed(sql string) {
	isFirst := len(l.schema.entries) == 0
	l.deferred = l.deferred || isFirst && strings.HasPrefix(sql, deferral)
	x, ok := readExecuted(sql)
	switch {
	case !ok:
	case x == nil || l.coordinates > 0 || !isFirst && !(l.deferred && x.list != nil):
		l.schema.Executed = nil
	default:
		l.schema.Executed = x
	}
	if ok {
		l.coordinates++
	}
}

// maxCoordinates bounds a comment with GTIDs.
const maxCoordinates = chunk / 2

// coordinateComment keeps a comment that begins with the next byte and may be one with GTIDs.
func (s *splitter) coordinateComment(stop string) {
	w := bytes.TrimLeft(s.window(), "/*- ")
	isSet := len(w) > len("SET ") && bytes.EqualFold(w[:len("SET ")], []byte("SET ")) && bytes.Contains(bytes.ToUpper(w), []byte("GTID_"))
	if !isSet && !bytes.HasPrefix(w, []byte(deferral)) {
		return
	}
	text, _, ended := strings.Cut(string(s.fill(maxCoordinates)), stop)
	if ended {
		s.comments = append(s.comments, strings.TrimLeft(text, "/*- "))
	}
}
