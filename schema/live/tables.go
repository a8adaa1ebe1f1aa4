package live

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"binmend/decoder/fault"
	"binmend/decoder/words"
	"binmend/schema"
	"binmend/schema/dump"
)

// Source is what Table.Source says of tables from a server.
const Source = "live server"

// Tables finds tables on a server and asks for each once. It is a schema.Resolver.
type Tables struct {
	server *Server

	mu     sync.Mutex
	known  map[dump.Name]answer
	made   map[dump.Name]time.Time // of frozen ones
	frozen bool                    // they count as they are in known
}

type answer struct {
	definition *dump.Definition
	err        error
}

// Tables returns the server's tables as they are.
func (s *Server) Tables() *Tables { return &Tables{server: s, known: map[dump.Name]answer{}} }

// Table finds a table. Where the server has none the reason is ErrNoTable.
func (t *Tables) Table(ctx context.Context, ref schema.Ref) (*schema.Table, error) {
	def, err := t.Definition(ctx, dump.Name{Database: ref.Database, Table: ref.Table})
	if err != nil {
		return nil, err
	}
	return def.Table, nil
}

// Definition finds a table as Table does, in a form that DDL changes.
func (t *Tables) Definition(ctx context.Context, name dump.Name) (*dump.Definition, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	a, ok := t.known[name]
	if !ok && t.frozen {
		return nil, noTable(name)
	}
	if !ok {
		a.definition, a.err = t.server.definition(ctx, name)
		t.known[name] = a
	}
	return a.definition, a.err
}

// Freeze asks for all tables at once, and for none after that: they count as they are now.
func (t *Tables) Freeze(ctx context.Context) error {
	names, err := t.server.TableNames(ctx)
	if err != nil {
		return err
	}
	made, err := t.server.allMade(ctx)
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, err := t.Definition(ctx, name); ctx.Err() != nil {
			return err
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.made, t.frozen = made, true
	return nil
}

// allMade is Made of all tables.
func (s *Server) allMade(ctx context.Context) (map[dump.Name]time.Time, error) {
	result, err := s.ask(ctx, "SELECT TABLE_SCHEMA, TABLE_NAME, CAST(UNIX_TIMESTAMP(CREATE_TIME) AS SIGNED) FROM information_schema.TABLES WHERE CREATE_TIME IS NOT NULL")
	made := map[dump.Name]time.Time{}
	for _, row := range result.Rows {
		if seconds, err := strconv.ParseInt(row[2], 10, 64); err == nil {
			made[dump.Name{Database: row[0], Table: row[1]}] = time.Unix(seconds, 0)
		}
	}
	return made, err
}

// Made is when a table was made or last altered, by the server's clock; ok is false where the server does not say. Servers differ in
// whether an ALTER that copies nothing counts.
func (t *Tables) Made(ctx context.Context, name dump.Name) (at time.Time, ok bool) {
	if t.frozen {
		at, ok = t.made[name]
		return at, ok
	}
	const query = "SELECT UNIX_TIMESTAMP(CREATE_TIME) FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?"
	var seconds sql.NullFloat64
	if err := t.server.db.QueryRowContext(ctx, query, name.Database, name.Table).Scan(&seconds); err != nil || !seconds.Valid {
		return at, false
	}
	return time.Unix(int64(seconds.Float64), 0), true
}

// selectTables leaves out views, and what belongs to the server itself.
const selectTables = "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES " +
	"WHERE TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED', 'SEQUENCE') " +
	"AND TABLE_SCHEMA NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema') ORDER BY TABLE_SCHEMA, TABLE_NAME"

// TableNames lists the tables that the account may see, without those of the server itself.
func (s *Server) TableNames(ctx context.Context) ([]dump.Name, error) {
	result, err := s.ask(ctx, selectTables)
	var names []dump.Name
	for _, row := range result.Rows {
		names = append(names, dump.Name{Database: row[0], Table: row[1]})
	}
	return names, err
}

func (s *Server) definition(ctx context.Context, name dump.Name) (*dump.Definition, error) {
	create, err := s.showCreate(ctx, name)
	if err != nil {
		return nil, err
	}
	loaded, err := dump.Load(strings.NewReader("USE "+words.Quote(name.Database)+";\n"+create+";\n"), Source)
	if err != nil {
		return nil, err
	}
	found, err := loaded.Definition(name)
	if err != nil {
		return nil, err
	}
	found = found.Rename(name, Source)
	if err := s.addTriggers(ctx, found.Table); err != nil {
		return nil, err
	}
	return found, s.addReferences(ctx, found.Table)
}

// showCreate is what SHOW CREATE TABLE says of a table, and not of a view.
func (s *Server) showCreate(ctx context.Context, name dump.Name) (string, error) {
	result, err := s.ask(ctx, "SHOW CREATE TABLE "+words.Table(name.Database, name.Table))
	switch errno := serverErrno(err); {
	case errno == errNoTable, errno == errNoDatabase:
		return "", noTable(name)
	case denied(err):
		return "", lacks("SHOW CREATE TABLE", "GRANT SELECT, TRIGGER ON "+words.Quote(name.Database)+".*", err)
	case err != nil:
		return "", fmt.Errorf("%s: SHOW CREATE TABLE: %w", s.Name(), err)
	case len(result.Rows) != 1 || len(result.Columns) < 2:
		return "", fmt.Errorf("SHOW CREATE TABLE of %s.%s: expected a row, found %d", name.Database, name.Table, len(result.Rows))
	case result.Columns[1] != "Create Table":
		return "", fmt.Errorf("%s.%s is not a table on the server: SHOW CREATE TABLE answers with %s", name.Database, name.Table, result.Columns[1])
	}
	return result.Rows[0][1], nil
}

func noTable(name dump.Name) error {
	return &fault.Error{Reason: ErrNoTable, What: fmt.Sprintf("the server has no table %s", words.Table(name.Database, name.Table))}
}

const selectTriggers = "SELECT TRIGGER_NAME, ACTION_TIMING, EVENT_MANIPULATION, ACTION_STATEMENT FROM information_schema.TRIGGERS " +
	"WHERE EVENT_OBJECT_SCHEMA = ? AND EVENT_OBJECT_TABLE = ? ORDER BY TRIGGER_NAME"

// addTriggers adds the triggers. A server shows them to accounts with the TRIGGER privilege and otherwise says that there
// are none.
func (s *Server) addTriggers(ctx context.Context, t *schema.Table) error {
	rows, err := s.db.QueryContext(ctx, selectTriggers, t.Database, t.Name)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name, timing, event, body string
		if err := rows.Scan(&name, &timing, &event, &body); err != nil {
			return err
		}
		trigger := schema.Trigger{Name: name, Timing: timing, Event: event}
		create := fmt.Sprintf("CREATE TRIGGER %s %s %s ON %s FOR EACH ROW %s", words.Quote(name), timing, event, words.Table(t.Database, t.Name), body)
		if read, ok := dump.ReadTrigger(dump.Statement{Server: s.Version, Database: t.Database, SQL: create}); ok {
			trigger.Writes = read.Trigger.Writes
		}
		t.Triggers = append(t.Triggers, trigger)
	}
	if err := rows.Err(); err != nil || len(t.Triggers) > 0 {
		return err
	}
	seen, err := s.seesTriggers(ctx, t)
	if err == nil && !seen {
		t.Notes = append(t.Notes, "whether it has triggers is not known: the account that read it has no TRIGGER privilege")
	}
	return err
}

const selectReferences = "SELECT k.TABLE_SCHEMA, k.TABLE_NAME, k.CONSTRAINT_NAME, k.COLUMN_NAME, k.REFERENCED_COLUMN_NAME, r.DELETE_RULE, r.UPDATE_RULE " +
	"FROM information_schema.KEY_COLUMN_USAGE k JOIN information_schema.REFERENTIAL_CONSTRAINTS r " +
	"ON r.CONSTRAINT_SCHEMA = k.TABLE_SCHEMA AND r.TABLE_NAME = k.TABLE_NAME AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME " +
	"WHERE k.REFERENCED_TABLE_SCHEMA = ? AND k.REFERENCED_TABLE_NAME = ? ORDER BY 1, 2, 3, k.ORDINAL_POSITION"

// addReferences adds the foreign keys that refer to a table.
func (s *Server) addReferences(ctx context.Context, t *schema.Table) error {
	rows, err := s.db.QueryContext(ctx, selectReferences, t.Database, t.Name)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var r schema.Reference
		var column, referenced string
		if err := rows.Scan(&r.Database, &r.Table, &r.Name, &column, &referenced, &r.OnDelete, &r.OnUpdate); err != nil {
			return err
		}
		if n := len(t.ReferredBy); n > 0 && t.ReferredBy[n-1].Database == r.Database && t.ReferredBy[n-1].Table == r.Table && t.ReferredBy[n-1].Name == r.Name {
			r = t.ReferredBy[n-1]
			t.ReferredBy = t.ReferredBy[:n-1]
		}
		r.Columns, r.ReferencedColumns = append(r.Columns, column), append(r.ReferencedColumns, referenced)
		t.ReferredBy = append(t.ReferredBy, r)
	}
	return rows.Err()
}

// In these tables of information_schema an account finds its own privileges; TABLE_SCHEMA is a pattern.
const selectTriggerPrivilege = `SELECT 1 FROM information_schema.USER_PRIVILEGES
WHERE PRIVILEGE_TYPE = 'TRIGGER' AND GRANTEE = @g
UNION SELECT 1 FROM information_schema.SCHEMA_PRIVILEGES
WHERE PRIVILEGE_TYPE = 'TRIGGER' AND GRANTEE = @g AND ? LIKE TABLE_SCHEMA
UNION SELECT 1 FROM information_schema.TABLE_PRIVILEGES
WHERE PRIVILEGE_TYPE = 'TRIGGER' AND GRANTEE = @g AND TABLE_SCHEMA = ? AND TABLE_NAME = ?`

// currentGrantee is the current account as information_schema writes it: 'user'@'host'.
const currentGrantee = `CONCAT('''', LEFT(CURRENT_USER(), CHAR_LENGTH(CURRENT_USER()) - CHAR_LENGTH(SUBSTRING_INDEX(CURRENT_USER(), '@', -1)) - 1), '''@''', SUBSTRING_INDEX(CURRENT_USER(), '@', -1), '''')`

func (s *Server) seesTriggers(ctx context.Context, t *schema.Table) (bool, error) {
	query := strings.ReplaceAll(selectTriggerPrivilege, "@g", currentGrantee)
	var one int
	err := s.db.QueryRowContext(ctx, query, t.Database, t.Database, t.Name).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}
