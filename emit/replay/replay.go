// Package replay writes the changes of a log as SQL that a person can read and a server can run: forward, as they were made
// (Forward), or backward, the inverse of each, newest first (Backward). In goes a stream of changes; out comes SQL text. It runs
// nothing.
//
// A row is identified by the best unique key in which it has a value, or by all its columns and LIMIT 1. Logged statements are
// written in their place, with their session's settings. Transactions stay as they are. Nothing from a log can escape: package
// sqltext writes names and values, and a statement in which a client could find a command of its own is written in hex or
// refused. After an error the output ends in a comment that says why, and in ROLLBACK if a transaction is open.
//
// Backward keeps nothing in memory: chunks are written to a temporary file and read back from its end. It refuses what has no
// inverse: DDL, DML logged as statements, rows that the log does not have in full.
//
// Both use several goroutines; what they write does not depend on how many.
package replay

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"binmend/decoder"
	"binmend/emit/session"
	"binmend/emit/sqltext"
	"binmend/schema"
	"binmend/schema/changes"
)

// Options say how to write the SQL.
type Options struct {
	Batch    int               // most rows of one statement; 0 is 1
	Full     bool              // an UPDATE assigns every logged column, not only those that change
	GTIDs    bool              // each transaction keeps its GTID; forward only
	LogBin   bool              // the server writes the changes to its binary log
	AsBinlog bool              // write rows as BINLOG statements
	Rewrite  map[string]string // names of databases on the server that the SQL is for, if different
	Version  decoder.Version   // of the server that the SQL is for; the zero Version is the one that wrote the log
	Workers  int               // goroutines that write; 0 is 1
	Logs     []string          // named in the comment at the beginning; none: no comment
	GoesOn   bool              // more logs follow, which have no names yet

	backward         bool // write the inverse, newest first
	lasting          bool // the stream leaves out what was rolled back
	explicitDefaults bool // rows prove that the source had it, though the log does not tell
}

func (o *Options) dialect(f *decoder.Format) sqltext.Dialect {
	if o.Version != (decoder.Version{}) {
		return sqltext.For(o.Version).Exact()
	}
	return sqltext.For(f.Server).Exact()
}

// Summary is how much was written.
type Summary struct {
	Transactions int
	Rows         int
	Statements   int // that were logged as such
	Largest      int // bytes of the largest statement, if it is a large one

	undone bool // rows before a ROLLBACK TO were left out
	// fixedDefaults: statements depend on explicit_defaults_for_timestamp, which a session of the server can't set.
	fixedDefaults bool
	// otherCollations: statements depend on character_set_collations, which the server does not have.
	otherCollations bool
	events          bool     // statements make or change events
	unequal         string   // what foreign keys may make otherwise than on the source
	ofTables        []string // risks that the definitions of the tables show
}

func (s *Summary) addSummary(o Summary) {
	s.Transactions += o.Transactions
	s.Rows += o.Rows
	s.Statements += o.Statements
	s.Largest = max(s.Largest, o.Largest)
	s.undone, s.fixedDefaults = s.undone || o.undone, s.fixedDefaults || o.fixedDefaults
	s.otherCollations = s.otherCollations || o.otherCollations
	s.events = s.events || o.events
}

// job writes one stream.
type job struct {
	options   Options
	out       *bufio.Writer
	renderers []renderer
	session   *session.Session // nil until the header is written
	source    decoder.Version  // that wrote the first log
	summary   Summary
	risks     []string
	open      bool // the text so far ends inside a transaction
	results   changes.Handover[result]
}

func newJob(w io.Writer, o Options) *job {
	o.Batch, o.Workers = max(o.Batch, 1), max(o.Workers, 1)
	j := &job{options: o, out: bufio.NewWriterSize(w, 64<<10), renderers: make([]renderer, o.Workers)}
	for i := range j.renderers {
		j.renderers[i].options, j.renderers[i].results = &j.options, &j.results
	}
	return j
}

func (j *job) work(worker int, c *changes.Chunk) error {
	j.results.Give(c, j.renderers[worker].render(c))
	return nil
}

// Forward writes the changes in log order. The output is complete if the error is nil.
func Forward(ctx context.Context, w io.Writer, s *changes.Stream, o Options) (Summary, error) {
	o.explicitDefaults = s.ExplicitDefaults(ctx)
	j := newJob(w, o)
	err := s.Run(ctx, j.options.Workers, j.work, func(c *changes.Chunk) error {
		if j.session == nil {
			if err := j.begin(c.Transactions[0].Format); err != nil {
				return err
			}
		}
		res := j.results.Take(c)
		j.summary.addSummary(res.summary)
		j.open = res.open
		if err := j.out.Flush(); err != nil { // an empty buffer copies nothing of what is larger
			return err
		}
		if _, err := j.out.Write(c.Out); err != nil {
			return err
		}
		if j.options.GoesOn && res.err == nil {
			return j.out.Flush()
		}
		return res.err
	})
	if err == nil && (j.open || s.EndsInside()) {
		err = errOpenEnd
	}
	if j.session != nil {
		j.summary.unequal = unequalCascades(func(t *schema.Table) bool { return !j.source.LogsCascades() || s.ChangedAlone(t) }, j.session.Dialect.Version(), s.Tables())
	}
	j.summary.ofTables = tableRisks(s.Tables(), hiddenNames)
	j.risks = slices.Concat(j.summary.Risks(), s.Definitions.Doubts, s.Definitions.Risks)
	return j.summary, j.finish(err)
}

// begin writes the header, before the first chunk, whose log has the format.
func (j *job) begin(f *decoder.Format) error {
	j.writeAbout()
	j.writeRisks(j.risks)
	j.session = &session.Session{Dialect: j.options.dialect(f), Checks: true, LogBin: j.options.LogBin}
	j.source = f.Server
	j.session.More = j.options.kept(j.session.Dialect, f.Server)
	if j.options.backward && j.session.Dialect.HasCheckVariable() { // what is taken back was there, whatever CHECK says of it
		j.session.More = append(j.session.More, session.Setting{Name: "check_constraint_checks", Value: "0"})
	}
	if j.options.GTIDs {
		j.session.More = append(j.session.More, gtidVariables(j.session.Dialect)...)
	}
	_, err := fmt.Fprintf(j.out, "%s\n%s\n%s\n%s\n\n", j.session.Save(), j.session.Client(), j.session.Names(), j.session.Set())
	return err
}

func (j *job) writeRisks(risks []string) {
	var b []byte
	for _, risk := range risks {
		b = sqltext.AppendComment(b, "RISK: "+risk)
	}
	j.out.Write(b) // an error stays
}

// writeAbout writes the comment at the beginning.
func (j *job) writeAbout() {
	title := "The changes of these logs"
	if j.options.backward {
		title = "What takes back the changes of these logs, newest first"
	}
	var names []string
	for _, name := range j.options.Logs {
		names = append(names, filepath.Base(name))
	}
	if names == nil {
		return
	}
	if j.options.GoesOn {
		names = append(names, "and what follows")
	}
	triggers := "Tables known to have triggers get BINLOG statements, which fire none. A trigger not known fires."
	if j.options.AsBinlog {
		triggers = "Rows are BINLOG statements, which a server applies as a replica does: no trigger fires."
	}
	b := sqltext.AppendComment(nil, title+": "+strings.Join(names, ", "))
	b = sqltext.AppendComment(b, triggers)
	b = sqltext.AppendComment(b, "written by binmend sql; review it before it runs. Text that the statements hold as hex is shown above them.")
	j.out.Write(b) // an error stays
}

// finish writes the end: it restores the session, or says why the output is incomplete.
func (j *job) finish(err error) error {
	switch {
	case err != nil:
		j.writeError(err)
	case j.session != nil:
		if j.options.GTIDs && !j.session.Dialect.MariaDB() {
			j.out.WriteString(automatic)
		}
		fmt.Fprintln(j.out, j.session.Restore())
		if !j.options.backward {
			j.writeRisks(j.risks)
		}
		fmt.Fprintf(j.out, "-- whole: transactions %d, rows %d, statements %d\n", j.summary.Transactions, j.summary.Rows, j.summary.Statements)
	}
	if flushed := j.out.Flush(); err == nil {
		err = flushed
	}
	return err
}

func (j *job) writeError(err error) {
	why := "ERROR: " + err.Error()
	if errors.Is(err, context.Canceled) {
		why = "INTERRUPTED"
	}
	b := sqltext.AppendComment(nil, why)
	b = sqltext.AppendComment(b, "The output breaks off here.")
	if j.open {
		b = append(b, "ROLLBACK;\n"...)
	}
	j.out.Write(b) // an error stays
}
