// Package render writes what package compare has found: the script that makes a replica's rows what the log says, a table for
// people, JSON, and a page. In go a compare.Result; out comes text. It does not decide which rows differ.
//
// Each statement of the script changes a row only if it is still as it was read. All are in one transaction, removals first so
// that rows do not conflict; after an error nothing is changed.
package render

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"binmend/decoder/words"
	"binmend/emit/compare"
	"binmend/emit/control"
	"binmend/emit/display"
	"binmend/emit/session"
	"binmend/emit/sqltext"
	"binmend/schema"
)

// Options say how the script is written.
type Options struct {
	LogBin   bool // write to the replica's binary log
	Platform control.Platform
}

// Script writes the script; nothing if no row differs. After an error the output ends in a comment that says so, and commits
// nothing.
func Script(w io.Writer, r *compare.Result, o Options) error {
	if r.Differences() == 0 {
		return nil
	}
	out := bufio.NewWriter(w)
	s := newScript(out, r, o)
	if err := s.write(); err != nil {
		out.Write(sqltext.AppendComment(nil, "ERROR: "+err.Error()))
		out.WriteString("-- The script breaks off here. Nothing is committed.\nROLLBACK;\n")
		out.Flush()
		return err
	}
	return out.Flush()
}

// script is one script.
type script struct {
	out     *bufio.Writer
	result  *compare.Result
	options Options
	dialect sqltext.Dialect
}

func newScript(out *bufio.Writer, r *compare.Result, o Options) *script {
	if o.Platform == "" {
		o.Platform = control.PlatformOf(r.Host.Procedures, r.Host.Aurora)
	}
	o.LogBin = o.LogBin || o.Platform.IsManaged()
	return &script{out: out, result: r, options: o, dialect: sqltext.For(r.Version)}
}

func (s *script) text(indent, text string) {
	s.out.Write(sqltext.AppendParagraph(nil, indent, text))
}

func (s *script) field(label, value string) {
	s.out.Write(sqltext.AppendField(nil, label, value))
}

func (s *script) command(sql string) { s.out.WriteString(sql + "\n") }

func (s *script) write() error {
	s.header()
	s.risks()
	run := &session.Session{Dialect: s.dialect, LogBin: s.options.LogBin, Guarded: len(s.guards()) > 0}
	s.out.WriteByte('\n')
	for _, sql := range []string{run.Save(), run.Client(), run.Names(), run.Set(), control.GuardSQL(s.dialect, s.guards())} {
		s.command(sql)
	}
	if s.takesReadOnlyOff() {
		s.command(control.UnlessReadOnly(s.dialect, "SET GLOBAL super_read_only=0;"))
	}
	s.command("START TRANSACTION;")
	for _, part := range []func(*compare.Difference) error{s.removal, s.change} {
		if err := s.result.Each(part); err != nil {
			return err
		}
	}
	s.out.WriteByte('\n')
	s.command("COMMIT;")
	if s.takesReadOnlyOff() {
		s.command(control.UnlessReadOnly(s.dialect, "SET GLOBAL super_read_only=1;"))
	}
	s.command(run.Restore())
	return nil
}

func (s *script) takesReadOnlyOff() bool {
	return s.result.Host.SuperReadOnly && !s.options.Platform.IsManaged()
}

// guards writes the conditions under which the script may run.
func (s *script) guards() []control.Guard {
	holds := fmt.Sprintf("@@GLOBAL.server_id = %d", s.result.ServerID)
	if s.result.ServerUUID != "" {
		holds += string(s.dialect.AppendString([]byte(" AND @@GLOBAL.server_uuid = "), s.result.ServerUUID))
	}
	return []control.Guard{{Sentence: "this is not the replica that was compared", Holds: holds}}
}

func (s *script) header() {
	r := s.result
	s.text("", "binmend compare: makes these rows of the replica what the log says they are")
	s.field("Replica", fmt.Sprintf("%s, %s %s", r.Server, r.Version.Flavor, r.Version.Text))
	s.field("Channel", r.Status.Channel)
	s.field("Logs", logsOf(r))
	s.field("Applied", appliedOf(r))
	s.field("Asked", r.Asked)
	var what []string
	for _, t := range r.Tables {
		if n := t.Differs + t.Missing + t.Extra; n > 0 {
			what = append(what, words.Count(int(n), "row")+" in "+nameOf(t)+" ("+kindsOf(t)+")")
		}
	}
	s.text("", "What it changes: "+strings.Join(what, ", ")+". "+s.logged())
	s.text("", "Each statement changes its row only while that is still as it was read. Review it, then run it whole, not with source or --force (they go on after an error): if a statement fails, nothing is changed.")
	s.account()
}

// nameOf is a table's name on the source.
func nameOf(t *compare.TableResult) string { return t.Name.Database + "." + t.Name.Table }

// kindsOf describes how the rows of a table differ: "2 other, 1 missing".
func kindsOf(t *compare.TableResult) string {
	var list []string
	for _, k := range []struct {
		n    uint64
		what string
	}{{t.Differs, "other"}, {t.Missing, "missing"}, {t.Extra, "too many"}} {
		if k.n > 0 {
			list = append(list, fmt.Sprintf("%d %s", k.n, k.what))
		}
	}
	return strings.Join(list, ", ")
}

func (s *script) logged() string {
	if s.options.LogBin {
		return "Written to the replica's binary log: its own replicas get it."
	}
	return "Not written to the replica's binary log (sql_log_bin=0)."
}

// logsOf names the logs.
func logsOf(r *compare.Result) string {
	if len(r.Logs) == 0 {
		return ""
	}
	text := filepath.Base(r.Logs[0])
	if n := len(r.Logs); n > 1 {
		text += " to " + filepath.Base(r.Logs[n-1])
	}
	if r.Fetched != "" {
		text += " of the source " + r.Fetched
	}
	return text
}

// appliedOf describes up to where the replica has applied the logs.
func appliedOf(r *compare.Result) string {
	switch st := r.Status; {
	case st.ExecutedGTID != "":
		return st.ExecutedGTID
	case st.GTIDSlavePos != "":
		return st.GTIDSlavePos
	default:
		return fmt.Sprintf("%s:%d", st.Exec.File, st.Exec.Pos)
	}
}

// risks writes the risks that a reviewer can't see in the statements.
func (s *script) risks() {
	risk := func(text string) { s.out.Write(sqltext.AppendHanging(nil, "RISK: "+text)) }
	if s.options.LogBin {
		risk("the statements are written to the replica's binary log, if it writes one, under GTIDs of its own, which the source does not have.")
	}
	if s.options.LogBin && s.dialect.MariaDB() && s.result.Host.GTIDStrict {
		risk("gtid_strict_mode is on: " + control.StrictGTID)
	}
	if variable := s.result.Host.TransactionReadOnly; variable != "" {
		risk(control.ReadOnlyTransactions(variable))
	}
	for _, database := range s.result.Host.Locked {
		if slices.ContainsFunc(s.changed(), func(t *compare.TableResult) bool { return t.Table.Table.Database == database }) {
			risk(control.LockedDatabase(s.dialect, database))
		}
	}
	if s.result.Host.Galera {
		risk("the replica is a node of a Galera cluster: its other nodes get the statements too, sql_log_bin=0 or not.")
	}
	if s.result.Host.InGroup && !s.options.LogBin {
		risk("the replica is a member of a group: with sql_log_bin=0 the other members don't get the statements.")
	}
	for _, t := range s.changed() {
		name := nameOf(t)
		if len(t.Table.Table.Triggers) > 0 {
			var list []string
			for _, trigger := range t.Table.Table.Triggers {
				list = append(list, trigger.String())
			}
			risk(fmt.Sprintf("%s: triggers fire on the rows that these statements change, though not when the applier changes rows: %s.", name, strings.Join(list, "; ")))
		}
		if len(t.Table.Table.ForeignKeys)+len(t.Table.Table.ReferredBy) > 0 {
			risk(name + ": these statements neither check foreign keys nor cascade (foreign_key_checks=0).")
		}
		if !t.Table.Table.RollsBack() {
			risk(name + ": the engine does not roll back: what was done before a failure stays.")
		}
		if t.Table.Table.SystemVersioned {
			risk(name + ": these statements add rows to the table's history that the source does not have.")
		}
		for _, note := range t.Table.Table.Notes {
			risk(name + ": " + note)
		}
	}
}

func (s *script) changed() (tables []*compare.TableResult) {
	for _, t := range s.result.Tables {
		if t.Differs+t.Missing+t.Extra > 0 {
			tables = append(tables, t)
		}
	}
	return tables
}

// account names the privileges that the connection's account lacks to run the script.
func (s *script) account() {
	host := s.result.Host
	if host.Grants.Unknown || host.Grants.Account == "" {
		return
	}
	var lacks []control.Lack
	if commands, err := control.For(control.Input{Version: s.result.Version, Platform: s.options.Platform}); err == nil {
		lacks = commands.Lacking(&host.Grants, control.Uses{LogBin: !s.options.LogBin, ReadOnly: host.ReadOnly && !s.options.Platform.IsManaged(),
			SuperReadOnly: s.takesReadOnlyOff()})
	}
	for _, t := range s.changed() {
		if l, ok := control.LackingOn(s.dialect, &host.Grants, t.Table.Table, "SELECT", "INSERT", "UPDATE", "DELETE"); ok {
			lacks = append(lacks, l)
		}
	}
	if len(lacks) == 0 {
		return
	}
	s.text("", "The account "+host.Grants.Account+" of this connection can't run the script. It lacks:")
	for _, l := range lacks {
		s.text("  ", l.Grant+" TO "+host.Grants.Account+";")
	}
}

// removal writes the DELETE of a row that must go, or that is inserted again as it must be.
func (s *script) removal(x *compare.Difference) error {
	sql, err := removalOf(s.dialect, x)
	if err != nil || len(sql) == 0 {
		return err
	}
	s.reason(x)
	s.show("is", x, x.Have)
	if x.Kind == compare.Differs {
		s.text("", "it is put below as it must be: a unique value changes")
	}
	return s.statements(x, sql)
}

// change writes the UPDATE or INSERT of a row.
func (s *script) change(x *compare.Difference) error {
	sql, err := changeOf(s.dialect, x)
	if err != nil {
		return err
	}
	if !x.IsMended() {
		s.reason(x)
		s.text("", "the log does not hold the whole row. Read it on the source, then put it:")
		sql, err := selectOf(s.dialect, x)
		if err == nil {
			s.text("  ", sql+";")
		}
		return err
	}
	if len(sql) == 0 {
		return nil
	}
	s.reason(x)
	if x.Have != nil && x.Count == 0 {
		s.show("is", x, x.Have)
	}
	s.show("must be", x, x.Want)
	return s.statements(x, sql)
}

func (s *script) reason(x *compare.Difference) {
	s.out.WriteByte('\n')
	s.text("", fmt.Sprintf("%s, %s: %s: %s", nameOf(x.Table), x.Kind, x.Origin, x.Why))
	switch x.Source {
	case compare.SourceAgrees:
		s.text("", "the source agrees")
	case compare.SourceGave:
		s.text("", "the row is the source's, as it is now")
	case compare.SourceOther:
		s.text("", "the source has another row by now, or none")
	}
	if x.Later {
		s.text("", "a transaction that the replica has not applied touches the row as well")
	}
	if strings.Contains(x.Why, "unique key") && x.Source == compare.NotAsked {
		s.text("", "RISK: the log does not touch this row. The source may have it with another value: look there.")
	}
}

// maxShown bounds what is shown of a row.
const maxShown = 400

// show writes the row or, of a row that differs, the key and the differing columns.
func (s *script) show(label string, x *compare.Difference, row *sqltext.Stored) {
	if row == nil {
		return
	}
	text := label + ": " + strings.Join(values(x, row), ", ")
	s.out.Write(sqltext.AppendComment(nil, "  "+display.OneLine([]byte(text), maxShown)))
}

// values are the columns to show of a row, as column = value.
func values(x *compare.Difference, row *sqltext.Stored) (list []string) {
	differ := x.Columns()
	for i, literal := range row.Literals {
		isKey := x.Table.Key != nil && slices.ContainsFunc(x.Table.Key.Parts, func(p schema.KeyPart) bool { return p.Column == i })
		if literal != nil && row.Table.Columns[i].Assignable() && (len(differ) == 0 || isKey || slices.Contains(differ, i)) {
			list = append(list, row.Table.Columns[i].Name+" = "+string(literal))
		}
	}
	return list
}

// statements writes the statements of one difference.
func (s *script) statements(x *compare.Difference, sql [][]byte) error {
	lenient := x.Want != nil && x.Want.NeedsLenientMode()
	if lenient {
		s.command(session.SetMode(session.LenientMode))
	}
	for _, one := range sql {
		if err := sqltext.CheckClient(one); err != nil {
			return fmt.Errorf("%s: a statement can't go through a client: %w", nameOf(x.Table), err)
		}
		s.out.WriteString(sqltext.PacketNote(one))
		s.out.Write(append(one, ";\n"...))
	}
	if lenient {
		s.command(session.SetMode(session.StrictMode))
	}
	return nil
}

// removalOf is the DELETE of a difference; none if its row stays.
func removalOf(d sqltext.Dialect, x *compare.Difference) ([][]byte, error) {
	if x.Kind == compare.Missing || x.Kind == compare.Differs && !putsAnew(x) {
		return nil, nil
	}
	sql, err := d.AppendDeleteAsRead(nil, x.Have, x.Table.Key, x.Count)
	return [][]byte{sql}, err
}

// putsAnew reports whether a row that differs has to be removed first: a unique key value changes, and another row may still have
// the new one.
func putsAnew(x *compare.Difference) bool {
	t := x.Table.Table.Table
	columns := x.Columns()
	return slices.ContainsFunc(t.Keys, func(k schema.Key) bool {
		return slices.ContainsFunc(k.Parts, func(p schema.KeyPart) bool {
			if p.Column >= 0 && t.Columns[p.Column].Generated == schema.NotGenerated {
				return slices.Contains(columns, p.Column)
			}
			return true // it may be computed from any column
		})
	})
}

// changeOf is the UPDATE or the INSERTs of a difference.
func changeOf(d sqltext.Dialect, x *compare.Difference) ([][]byte, error) {
	switch {
	case x.Kind == compare.Extra || !x.IsMended():
		return nil, nil
	case x.Kind == compare.Differs && !putsAnew(x):
		sql, err := d.AppendUpdateAsRead(nil, x.Have, x.Want, x.Columns(), x.Table.Key)
		return [][]byte{sql}, err
	}
	row, err := wholeRow(x)
	if err != nil {
		return nil, err
	}
	sql, err := d.AppendInsertUnless(nil, row, x.Table.Key)
	if err != nil {
		return nil, err
	}
	all := [][]byte{sql}
	for range x.Count - 1 {
		all = append(all, bytes.Clone(sql))
	}
	return all, nil
}

// wholeRow is the row as it must be, completed with the columns that only the replica has.
func wholeRow(x *compare.Difference) (*sqltext.Stored, error) {
	row := &sqltext.Stored{Table: x.Want.Table, Literals: slices.Clone(x.Want.Literals)}
	for i := range row.Literals {
		c := &row.Table.Columns[i]
		switch {
		case row.Literals[i] != nil || !c.Assignable():
		case x.Have != nil && x.Count == 0:
			row.Literals[i] = x.Have.Literals[i]
		case !c.Nullable && !c.AutoIncrement && c.Default.Kind == schema.NoDefault:
			literal, err := sqltext.AppendAny(nil, c)
			if err != nil {
				return nil, err
			}
			row.Literals[i] = literal
		}
	}
	return row, nil
}

// selectOf is the SELECT, to run on the source, of a row that the log does not have whole.
func selectOf(d sqltext.Dialect, x *compare.Difference) (string, error) {
	t := x.Want.Table
	var columns []int
	for i := range t.Columns {
		if t.Columns[i].Assignable() && !t.Columns[i].Local {
			columns = append(columns, i)
		}
	}
	sql := append(d.AppendColumns([]byte("SELECT "), t, columns), " FROM "...)
	sql = append(d.AppendTable(sql, t), " WHERE "...)
	sql, err := d.AppendStoredCondition(sql, x.Want, x.Table.Key)
	return string(sql), err
}
