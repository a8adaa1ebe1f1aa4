// Package stats counts what logs hold. In go events in log order, each with where it stands in its transaction; out comes
// a Report: rows per table, per time, per server and session, the largest and longest transactions, the DDL, tables
// without a key, the rate of commits, and how parallel a replica can apply the log. Rows are measured and never decoded.
// Memory is bounded whatever the log holds: lists keep their largest entries, and what is left out is summed up and said.
// The package prints nothing; package render does.
package stats

import "time"

// Version is the version of the JSON form of a Report. Fields are added without a new version; one that changes its
// meaning or goes gives a new one.
const Version = 1

// Format names the JSON form of a Report.
const Format = "binmend stats"

// Report is what was counted. Sizes are in bytes and times in UTC. Bytes are lengths of events, headers and checksums included; the
// events inside a compressed transaction (MySQL) count with their uncompressed length. A transaction counts as a whole where it
// commits.
type Report struct {
	Format  string `json:"format"`
	Version int    `json:"version"`

	// Complete says that the logs were read to their end; Incomplete why not, otherwise.
	Complete   bool   `json:"complete"`
	Incomplete string `json:"incomplete,omitempty"`

	// Filtered says what was seen and how much each condition of the filter removed. Logs and Events then cover everything that was read,
	// the rest of the report what is left.
	Filtered string `json:"filtered,omitempty"`

	Logs     Logs      `json:"logs"`
	Totals   Totals    `json:"totals"`
	Rate     Rate      `json:"rate"`
	Findings []Finding `json:"findings"` // what is worth a look, the most important first

	Tables      []Table `json:"tables"`       // most bytes first
	OtherTables Others  `json:"other_tables"` // the tables that are not in Tables

	IntervalSeconds int64    `json:"interval_seconds"` // of the buckets
	Buckets         []Bucket `json:"buckets"`          // in order of time; those without a transaction are left out

	Sizes []SizeCount `json:"transaction_sizes"` // the smallest first

	Servers      []Session `json:"servers"` // most bytes first; thread_id is left out
	OtherServers Others    `json:"other_servers"`
	Threads      []Session `json:"threads"` // most bytes first
	OtherThreads Others    `json:"other_threads"`

	Largest []Transaction `json:"largest_transactions"` // most bytes first
	Longest []Transaction `json:"longest_transactions"` // longest first; those of two seconds and more

	DDL      []Statement  `json:"ddl"`       // in order of the log, at least the first 100
	OtherDDL int          `json:"other_ddl"` // how many more there were after those in DDL
	Verbs    []VerbCount  `json:"statements"`
	Parallel Parallel     `json:"parallel"`
	Events   []EventCount `json:"events"`

	files []string // that were read, in order
}

// Logs is what was read.
type Logs struct {
	Files      int    `json:"files"`
	FirstFile  string `json:"first_file"`
	LastFile   string `json:"last_file"`
	Bytes      uint64 `json:"bytes"`  // in the files, without what stands inside compressed transactions
	Events     uint64 `json:"events"` // those inside compressed transactions included
	Unreadable uint64 `json:"unreadable_events"`

	FirstUnreadable string   `json:"first_unreadable_event,omitempty"` // where the first of them is, and why
	Servers         []string `json:"server_versions"`                  // of the servers that wrote the transactions
	FirstGTID       string   `json:"first_gtid,omitempty"`
	LastGTID        string   `json:"last_gtid,omitempty"`
}

// Rows counts row changes.
type Rows struct {
	Inserts uint64 `json:"inserts"`
	Updates uint64 `json:"updates"`
	Deletes uint64 `json:"deletes"`
}

// Total is the number of all row changes.
func (r Rows) Total() uint64 { return r.Inserts + r.Updates + r.Deletes }

func (r *Rows) addRows(o Rows) {
	r.Inserts += o.Inserts
	r.Updates += o.Updates
	r.Deletes += o.Deletes
}

// Totals are sums over all transactions.
type Totals struct {
	Transactions uint64 `json:"transactions"`
	RolledBack   uint64 `json:"rolled_back"` // of them: logged all the same, because something in them can't be undone
	Prepared     uint64 `json:"prepared"`    // of them: XA PREPARE, whose XA COMMIT is a transaction of its own
	Open         uint64 `json:"open"`        // of them: cut off by the end of the logs, or by the next transaction
	Compressed   uint64 `json:"compressed"`  // of them: in a Transaction_payload event
	Rows
	RowEvents  uint64 `json:"row_events"`
	Bytes      uint64 `json:"bytes"`      // of transactions
	LogBytes   uint64 `json:"log_bytes"`  // of transactions, compressed ones as they stand in the log
	Statements uint64 `json:"statements"` // that change data and were not logged as rows
	DDL        uint64 `json:"ddl"`
	// Delayed transactions committed on the server whose log this is after they had committed on their first one (MySQL
	// 8.0 and later; in the log of a replica); MaxDelay is the longest such delay.
	Delayed  uint64  `json:"delayed"`
	MaxDelay float64 `json:"max_delay_seconds"`
}

// Rate is how fast transactions were committed.
type Rate struct {
	Begin   *time.Time `json:"begin"` // commit of the first transaction, null when there is none
	End     *time.Time `json:"end"`   // commit of the last one
	Seconds int64      `json:"seconds"`
	Mean    float64    `json:"mean_per_second"`
	Peak    uint64     `json:"peak_per_second"` // most commits in one second
	PeakAt  *time.Time `json:"peak_at"`
}

// Finding is something in the logs that is worth a look.
type Finding struct {
	Kind string `json:"kind"` // a name for programs: large-transaction, long-transaction, no-key, …
	Text string `json:"text"`
}

// Key reports whether a table has a key that finds a row.
type Key string

// The states of a table's key. A replica finds the row of an UPDATE or DELETE by the primary key, or by a unique key
// without NULLs; where there is none it may have to read the whole table for each row.
const (
	KeyUnknown Key = "unknown"
	KeyPrimary Key = "primary"
	KeyUnique  Key = "unique" // no primary key, but a unique key without NULLs
	KeyNone    Key = "none"
)

// Table is what was done to one table.
type Table struct {
	Database string `json:"database"`
	Table    string `json:"table"`
	Rows
	Bytes        uint64 `json:"bytes"` // of its Table_map and row events
	Transactions uint64 `json:"transactions"`
	Key          Key    `json:"key"`
}

// Others sums up the entries that a list leaves out.
type Others struct {
	Count        uint64 `json:"count"`
	Rows         uint64 `json:"rows"`
	Bytes        uint64 `json:"bytes"`
	Transactions uint64 `json:"transactions"` // for tables, one for each table of a transaction
	// Exact is false when there were so many entries that some were summed up while others still grew: their numbers in
	// the list may then be too small.
	Exact bool `json:"exact"`
}

// Bucket is what was committed in a length of time.
type Bucket struct {
	Begin        time.Time `json:"begin"`
	Transactions uint64    `json:"transactions"`
	Rows
	Bytes    uint64  `json:"bytes"`
	DDL      uint64  `json:"ddl"`
	Largest  uint64  `json:"largest_transaction_bytes"`
	MaxDelay float64 `json:"max_delay_seconds"`

	// Where the log has them: from the first of the transactions to the last. Some of another time may stand between them.
	Span
	Tables []BucketTable `json:"tables"` // those with most rows, most first; see BucketTable

	written []written
}

// Span is a part of the logs, for --start-position and --stop-position.
type Span struct {
	File    string `json:"file"`
	Start   int64  `json:"start"`
	EndFile string `json:"end_file"`
	End     int64  `json:"end"`

	first, last uint64 // numbers of the transactions at its ends; 0: there is none
}

// BucketTable is how many rows of a table changed in a length of time. If more than eight tables changed in it, the number may be too
// small, and small tables may be missing; a table with more than half of the rows never is.
type BucketTable struct {
	Database string `json:"database"`
	Table    string `json:"table"`
	Rows     uint64 `json:"rows"`
}

// SizeCount is how many transactions are of a size.
type SizeCount struct {
	From         uint64 `json:"from_bytes"`
	Below        uint64 `json:"below_bytes"`
	Transactions uint64 `json:"transactions"`
	Bytes        uint64 `json:"bytes"`
}

// Session is what one server, or one session of it, wrote.
type Session struct {
	ServerID uint32 `json:"server_id"`
	ThreadID uint32 `json:"thread_id,omitempty"` // 0: the log does not say
	Rows
	Transactions uint64     `json:"transactions"`
	Bytes        uint64     `json:"bytes"`
	Begin        *time.Time `json:"begin"`
	End          *time.Time `json:"end"`
}

// Transaction is one transaction.
type Transaction struct {
	GTID      string    `json:"gtid,omitempty"`
	File      string    `json:"file"`
	Start     int64     `json:"start"` // offsets in the files, for --start-position and --stop-position
	EndFile   string    `json:"end_file"`
	End       int64     `json:"end"`
	ServerID  uint32    `json:"server_id"`
	ThreadID  uint32    `json:"thread_id,omitempty"`
	Ending    string    `json:"ending"`
	Committed time.Time `json:"committed"`
	Seconds   int64     `json:"seconds"` // from its first statement to its commit; the log has it to the second
	Rows
	Bytes     uint64      `json:"bytes"`
	LogBytes  uint64      `json:"log_bytes"`
	DDL       uint64      `json:"ddl"`
	Tables    []TableRows `json:"tables"`     // those with most rows
	TableMany int         `json:"all_tables"` // how many there are in all
}

// TableRows is how many rows of a table a transaction changed.
type TableRows struct {
	Database string `json:"database"`
	Table    string `json:"table"`
	Rows
}

// Statement is a statement that was logged as such.
type Statement struct {
	Time     time.Time `json:"time"`
	File     string    `json:"file"`
	Offset   int64     `json:"offset"`
	GTID     string    `json:"gtid,omitempty"`
	ServerID uint32    `json:"server_id"`
	ThreadID uint32    `json:"thread_id"`
	Seconds  uint32    `json:"seconds"` // that it took
	Database string    `json:"database"`
	Text     string    `json:"text"` // its beginning, on one line
}

// VerbCount is how often a kind of statement was logged.
type VerbCount struct {
	Verb  string `json:"verb"`
	Kind  string `json:"kind"` // ddl, dml, admin, temporary or other
	Count uint64 `json:"count"`
}

// EventCount is how often a type of event was in the logs.
type EventCount struct {
	Type  string `json:"type"`
	Count uint64 `json:"count"`
	Bytes uint64 `json:"bytes"`
}
