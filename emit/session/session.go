// Package session knows how a session must be set so that literals of package sqltext store exactly their values, whatever the
// server's own settings: sql_mode, time zone, names, and what would refuse or change a row. In go a dialect and what else a
// script needs; out come the SET statements that save, set and restore the session's variables. It runs nothing.
package session

import (
	"strings"

	"binmend/emit/sqltext"
)

// The modes accept zero dates, impossible dates, and 0 in an AUTO_INCREMENT column. StrictMode refuses a value that does not fit its
// column; LenientMode, for the ENUM value number 0, cuts it.
const (
	StrictMode  = "STRICT_ALL_TABLES,ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO"
	LenientMode = "ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO"
)

// Setting is a session variable and its value in SQL.
type Setting struct{ Name, Value string }

// connection are the session variables that SET NAMES sets.
var connection = []string{"character_set_client", "character_set_results", "collation_connection"}

// Session is the settings of a script's session.
type Session struct {
	Dialect sqltext.Dialect
	Checks  bool      // check foreign keys, and run their cascades; and check CHECK constraints, as far as they can be turned off
	LogBin  bool      // write to the server's binary log
	Guarded bool      // guards come before the statements, and make transactions read only where they do not hold
	More    []Setting // further variables; those without a value are only saved and restored
}

func (s *Session) all() []Setting {
	checks := "0"
	if s.Checks {
		checks = "1"
	}
	all := []Setting{
		{"sql_mode", "'" + StrictMode + "'"},
		{"time_zone", "'+00:00'"},
		{"foreign_key_checks", checks},
		{"sql_safe_updates", "0"},
		{"unique_checks", "1"},   // without them, InnoDB may not see the row that a REPLACE has to remove
		{"completion_type", "0"}, // else COMMIT may begin another transaction, or end the session
	}
	if !s.Checks && s.Dialect.HasCheckVariable() {
		all = append(all, Setting{"check_constraint_checks", "0"})
	}
	if !s.LogBin {
		all = append(all, Setting{"sql_log_bin", "0"})
	}
	if name := s.Dialect.ReadOnlyVariable(); s.Guarded && name != "" {
		all = append(all, Setting{Name: name})
	}
	return append(all, s.More...)
}

func (s *Session) names() []string {
	var names []string
	for _, v := range s.all() {
		names = append(names, v.Name)
	}
	return names
}

// Save saves the session's variables in user variables. It must come before the others.
func (s *Session) Save() string {
	var parts []string
	for _, name := range append(connection[:len(connection):len(connection)], s.names()...) {
		parts = append(parts, "@binmend_"+name+"=@@SESSION."+name)
	}
	return "SET " + strings.Join(parts, ", ") + ";"
}

// Client sets the client's character set to the script's. With another one, such as gbk, the client would read the last byte of a
// name and the quote after it as one character, and could find commands in what follows.
func (s *Session) Client() string { return ClientCharset(s.Dialect.Charset()) }

// ClientCharset sets the client's character set, which also sets names in the session. For servers it is an empty comment. All clients
// know it, even those that refuse other commands in a script.
func ClientCharset(charset string) string { return "/*!\\C " + charset + " */;" }

// Names sets the character set of the statements to that of the script.
func (s *Session) Names() string { return "SET NAMES " + s.Dialect.Charset() + ";" }

// Set sets the variables.
func (s *Session) Set() string {
	var parts []string
	for _, v := range s.all() {
		if v.Value != "" {
			parts = append(parts, v.Name+"="+v.Value)
		}
	}
	return "SET SESSION " + strings.Join(parts, ", ") + ";"
}

// Restore restores the session's variables; the user variables were read before SET NAMES.
func (s *Session) Restore() string {
	var parts []string
	for _, name := range append(s.names(), connection...) {
		parts = append(parts, name+"=@binmend_"+name)
	}
	return "SET SESSION " + strings.Join(parts, ", ") + ";"
}

// SetMode sets sql_mode for the statements that follow.
func SetMode(mode string) string { return "SET SESSION sql_mode='" + mode + "';" }
