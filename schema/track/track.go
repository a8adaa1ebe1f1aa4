// Package track follows the definitions of tables through a log. In go schema files and, in log order, the statements of
// QUERY events; out come the tables as they are at that point of the log. A table that the log itself creates needs no
// file. Where a file's definition is from another time than the rows, the package finds out whether it was written before
// or after the statements that change the table, and says so where it can't. What it remembers is bounded: names beyond that are
// forgotten, and their tables are unknown until a statement makes them (forgotten.go). It reads no logs and changes no rows.
package track

import (
	"fmt"
	"path/filepath"
	"time"

	"binmend/decoder"
	"binmend/decoder/cache"
	"binmend/schema"
	"binmend/schema/dump"
)

// At says when the schema files were written.
type At uint8

const (
	Detect At = iota // find out from what fits
	Start            // before the first statement that is applied
	End              // after the last statement that is foreseen
	Later            // the same, and perhaps after more statements
)

// Statement is a statement of a log that changes a table.
type Statement struct {
	Pos  decoder.Position
	Verb string // "ALTER TABLE"

	ended time.Time
}

func (s Statement) String() string {
	return fmt.Sprintf("%s at %s:%d", s.Verb, filepath.Base(s.Pos.File), s.Pos.Offset)
}

// Source has the definitions that a tracker starts from: schema files, or a server.
type Source interface {
	Definition(dump.Name) (*dump.Definition, error)
	Encoding(database string) dump.Encoding
	Places() []string // where the definitions are, for messages; none for no place
}

// Tracker holds the tables as they are at one point of a log. It is a schema.Resolver for the rows at that point.
type Tracker struct {
	files      Source // nil when there are none
	at         At
	written    period                  // when the files were
	ahead      *Tracker                // stands after all that was foreseen; nil until it is needed
	scouted    map[dump.Name][]scouted // by name in lower case
	scoutedAll int                     // columns of all of them
	parser     *dump.Parser
	foreseer   *dump.Parser // reads what is still to come; each parser has the temporary tables of its own place
	tables     map[dump.Name]*lineage
	folded     map[dump.Name][]dump.Name // the names of tables by their lower case
	apart      map[dump.Name]bool        // names in lower case that are those of several tables
	databases  map[string]dump.Encoding  // defaults that the log has
	lost       map[string]lostBy         // databases by their lower case
	dropped    map[string]Statement      // databases by their lower case
	created    map[string]bool           // the same: the log has all their tables
	assumed    map[string]*Statement     // the same: the CREATE DATABASE IF NOT EXISTS that their defaults are from, which may have found them there
	existing   map[string]bool           // the same: a statement on one of their tables says that they exist
	foreseen   map[dump.Name][]foreseen  // by name in lower case: what is still to come, in log order
	foreseeing int                       // changes that were foreseen
	shapes     shapes                    // of rows to come
	kept       int                       // bytes of the statements to come whose changes are kept
	passing    int                       // bytes of the changes that were applied
	completed  cache.Cache[*schema.Table, *schema.Table]
	packing
	forgotten     forgotten
	last          Statement // that was applied
	sizeAfter     int       // of packing, when names were forgotten last
	apartBytes    int       // of apart
	databaseBytes int       // of what is known of databases
	foreseenBytes int       // of the list of statements to come
	foreseenKeys  int       // that the map of foreseen has room for
	hasAll        bool      // the files have every table that there was

	// Seen is told what tables are before and after each statement that is applied, where that is known; nil: nobody is.
	Seen func(*schema.Table)
}

// New returns a tracker that stands before the first statement. files may be nil: then only tables that the log creates
// are known.
func New(files Source, at At) *Tracker {
	if s, ok := files.(*dump.Schema); ok && s == nil {
		files = nil
	}
	return &Tracker{
		files: files, at: at, written: writtenAt(files, at), parser: dump.NewParser(), foreseer: dump.NewParser(), tables: map[dump.Name]*lineage{},
		folded: map[dump.Name][]dump.Name{}, apart: map[dump.Name]bool{}, databases: map[string]dump.Encoding{}, dropped: map[string]Statement{},
		lost: map[string]lostBy{}, created: map[string]bool{}, existing: map[string]bool{}, assumed: map[string]*Statement{}, foreseen: map[dump.Name][]foreseen{},
		scouted: map[dump.Name][]scouted{}, completed: cache.Cache[*schema.Table, *schema.Table]{Bytes: maxCompleted}, packing: newPacking(),
	}
}

// Restart is a tracker at the same point of the log that knows all tables by files, which have every one that there is at this point.
func (t *Tracker) Restart(files Source) *Tracker {
	n := New(files, Start)
	n.parser, n.databases, n.apart, n.hasAll = t.parser, t.databases, t.apart, true
	return n
}

// Bounds on what a log can make a tracker hold, against logs that are made to fill memory: a short statement can copy or
// alter a large table.
const (
	maxCandidates = 16
	maxForeseen   = 24 << 20 // bytes of the statements to come whose changes are kept, and of the changes; and of the list of all
	maxNamed      = 4 << 20  // of the list where there are no files: only messages need it
	maxPast       = 24 << 20 // bytes of the changes that were applied and against which files are held
)
