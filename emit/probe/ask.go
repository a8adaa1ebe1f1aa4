package probe

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/emit/sqltext"
	"binmend/schema"
)

// Conn runs SELECTs on a server.
type Conn interface {
	// Select runs a SELECT and calls yield for each row as it arrives. The values, nil for NULL, are valid until yield returns.
	Select(ctx context.Context, query string, yield func(values [][]byte) error) error
}

// failed is the error for a table that could not be probed.
func failed(t *schema.Table, err error) error {
	return fmt.Errorf("probing %s: %w", t.FullName(), err)
}

const (
	maxQuestions = 2000    // per statement
	maxParts     = 4000    // key parts per statement: with more than range_optimizer_max_mem_size allows, MySQL does not use the index
	minQuestions = 600     // per statement, however many parts the key has
	maxStatement = 8 << 20 // bytes; and never more than the server's max_allowed_packet
	packetMargin = 16 << 10
	// The default sql_select_limit is at least this, and no answer has so many rows.
	leastSelectLimit = 1 << 32
	inList           = 900 // MariaDB turns a longer IN into a subquery (in_predicate_conversion_threshold)
)

// client asks by SQL.
type client struct {
	conn    Conn
	dialect sqltext.Dialect
	limit   int // bytes of a statement
}

// ErrSetting: a setting of the server changes the answers.
var ErrSetting = fault.NewReason("the server's sessions leave out rows")

func badSetting(setting string) error {
	return &fault.Error{Reason: ErrSetting, What: "the server can't be probed: its sessions begin with " + setting}
}

const askSettings = "SELECT @@SESSION.max_allowed_packet, @@SESSION.sql_select_limit, @@SESSION.sql_mode"

// Ask returns the server behind a connection. It asks by SELECTs by key, with many questions in each. If the session would leave out
// rows, the error's reason is ErrSetting.
func Ask(ctx context.Context, conn Conn, d sqltext.Dialect) (Server, error) {
	c := &client{conn: conn, dialect: d.ForReading()}
	err := conn.Select(ctx, askSettings, func(values [][]byte) error {
		if len(values) != 3 {
			return fmt.Errorf("expected 3 settings, found %d", len(values))
		}
		packet, err := strconv.Atoi(string(values[0]))
		c.limit = min(packet-packetMargin, maxStatement)
		switch limit, _ := strconv.ParseUint(string(values[1]), 10, 64); {
		case err != nil:
		case limit < leastSelectLimit:
			err = badSetting(fmt.Sprintf("sql_select_limit=%d, which leaves out rows", limit))
		case bytes.Contains(values[2], []byte("EMPTY_STRING_IS_NULL")):
			err = badSetting("sql_mode EMPTY_STRING_IS_NULL, in which '' finds no row")
		}
		return err
	})
	return c, err
}

// Rows asks for rows by key.
func (c *client) Rows(ctx context.Context, questions []Question, found func(int, *sqltext.Stored, bool) error) (unasked []int, err error) {
	if len(questions) == 0 {
		return nil, nil
	}
	b := batch{client: c, questions: questions, table: questions[0].Row.Table, key: questions[0].Key, found: found}
	b.prepare()
	for n := range questions {
		added, err := b.addQuestion(ctx, n)
		if err != nil {
			return nil, failed(b.table, err)
		}
		if !added {
			unasked = append(unasked, n)
		}
	}
	if err := b.flush(ctx); err != nil {
		return nil, failed(b.table, err)
	}
	return unasked, nil
}

// batch is the questions of one statement.
type batch struct {
	*client
	questions []Question
	table     *schema.Table
	key       *schema.Key
	found     func(int, *sqltext.Stored, bool) error

	columns    []int  // to read
	fetch      []byte // their expressions
	exact      bool   // the values of the key's columns show which question a row answers
	single     bool   // exact, of one column
	conditions [][]byte
	numbers    []int          // of the questions, beside conditions
	byValue    map[string]int // exact: the number by the key's literals
	size       int
	max        int // conditions

	row     sqltext.Stored
	text    []byte // scratch: the row's literals, one after the other
	literal []byte // scratch
}

func (b *batch) prepare() {
	for i := range b.table.Columns {
		column := &b.table.Columns[i]
		isOfKey := slices.ContainsFunc(b.key.Parts, func(part schema.KeyPart) bool { return part.Column == i })
		if column.SystemTime && !isOfKey || column.Type == schema.TypeUnknown {
			continue
		}
		b.columns = append(b.columns, i)
		b.fetch = b.dialect.AppendFetch(append(b.fetch, ", "...), column)
	}
	b.exact = isExact(b.table, b.key) && !slices.ContainsFunc(b.questions, func(q Question) bool {
		return len(q.Spare) > 0 || q.Stored == nil && isComputed(q.Row, b.key)
	})
	b.single = b.exact && len(b.key.Parts) == 1 && !b.table.Columns[b.key.Parts[0].Column].Type.IsDated()
	b.max = max(minQuestions, min(maxQuestions, maxParts/max(1, len(b.key.Parts))))
	b.row = sqltext.Stored{Table: b.table, Literals: make([][]byte, len(b.table.Columns))}
	b.reset()
}

func (b *batch) reset() {
	b.conditions, b.numbers, b.byValue, b.size = nil, nil, map[string]int{}, len(b.fetch)
}

// isExact reports whether two rows have the same value of the key if and only if the literals of its columns are the same.
func isExact(t *schema.Table, key *schema.Key) bool {
	return !key.WithoutOverlaps && !slices.ContainsFunc(key.Parts, func(part schema.KeyPart) bool {
		if part.Column < 0 || part.Prefix > 0 {
			return true
		}
		switch t.Columns[part.Column].Type {
		case schema.TypeTinyInt, schema.TypeSmallInt, schema.TypeMediumInt, schema.TypeInt, schema.TypeBigInt,
			schema.TypeBit, schema.TypeYear, schema.TypeDate, schema.TypeDatetime, schema.TypeTimestamp,
			schema.TypeBinary, schema.TypeVarbinary, schema.TypeUUID:
			return false
		}
		return true
	})
}

// isComputed reports whether the server must compute the row's value of the key.
func isComputed(row schema.Row, key *schema.Key) bool {
	return slices.ContainsFunc(key.Parts, func(part schema.KeyPart) bool { return row.Cells[part.Column].State() == decoder.Absent })
}

// addQuestion adds a question, and asks those before it if they fill a statement. It returns false if the question can't be put into
// SQL.
func (b *batch) addQuestion(ctx context.Context, n int) (bool, error) {
	q := &b.questions[n]
	condition, value, err := b.condition(q)
	if err != nil {
		return false, nil
	}
	size := len(condition)
	if !b.exact {
		size *= 2
	}
	size += len("(CASE WHEN  THEN 00000) OR ()")
	if size+b.size > b.limit || len(b.conditions) == b.max {
		if err := b.flush(ctx); err != nil {
			return false, err
		}
	}
	if b.size+size > b.limit {
		return false, nil
	}
	if b.exact {
		if _, asked := b.byValue[value]; asked {
			return true, nil
		}
		b.byValue[value] = n
	}
	b.conditions, b.numbers, b.size = append(b.conditions, condition), append(b.numbers, n), b.size+size
	return true, nil
}

// condition is a question in SQL and, for an exact key, the literals of its value.
func (b *batch) condition(q *Question) (condition []byte, value string, err error) {
	if q.Stored != nil {
		return b.storedCondition(q.Stored)
	}
	for i := range b.key.Parts {
		if part := &b.key.Parts[i]; part.Column < 0 && len(part.Columns) == 0 {
			return nil, "", fmt.Errorf("what the expression %q reads is not known", part.Expr)
		}
	}
	if b.exact {
		b.literal = b.literal[:0]
		for i := range b.key.Parts {
			column := b.key.Parts[i].Column
			if b.literal, err = b.dialect.AppendLiteral(b.literal, &b.table.Columns[column], q.Row.Cells[column]); err != nil {
				return nil, "", err
			}
			b.literal = append(b.literal, ',')
		}
		value = string(b.literal)
	}
	if b.single {
		return bytes.TrimSuffix([]byte(value), []byte(",")), value, nil
	}
	condition, err = b.dialect.AppendCondition(nil, schema.KeyedRow{Row: q.Row, Key: q.Key}, q.Spare)
	return condition, value, err
}

// storedCondition is condition for a row of a server.
func (b *batch) storedCondition(row *sqltext.Stored) (condition []byte, value string, err error) {
	if !row.IsNamedBy(b.key) {
		return nil, "", fmt.Errorf("the row has no value of key %s", b.key.Name)
	}
	if b.exact {
		value = b.valueOf(row)
	}
	if b.single {
		return bytes.TrimSuffix([]byte(value), []byte(",")), value, nil
	}
	condition, err = b.dialect.AppendStoredCondition(nil, row, b.key)
	return condition, value, err
}

// valueOf are the literals of an exact key's value.
func (b *batch) valueOf(row *sqltext.Stored) string {
	b.literal = b.literal[:0]
	for i := range b.key.Parts {
		b.literal = append(append(b.literal, row.Literals[b.key.Parts[i].Column]...), ',')
	}
	return string(b.literal)
}

// flush asks the collected questions.
func (b *batch) flush(ctx context.Context) error {
	if len(b.conditions) == 0 {
		return nil
	}
	defer b.reset()
	return b.conn.Select(ctx, string(b.statement()), b.take)
}

// statement is a SELECT of the rows that answer a question: the number of the first such question, 0 if the key's value shows it, and
// the columns.
func (b *batch) statement() []byte {
	sql := make([]byte, 0, b.size+len("SELECT  FROM  WHERE ")+2*len(b.table.Name))
	sql = append(sql, "SELECT "...)
	if b.exact {
		sql = append(sql, '0')
	} else {
		sql = appendNumber(sql, b.conditions)
	}
	sql = append(append(sql, b.fetch...), " FROM "...)
	sql = append(b.dialect.AppendTable(sql, b.table), " WHERE "...)
	if b.single {
		return b.appendIn(sql)
	}
	return appendAny(sql, b.conditions)
}

// appendIn appends the condition that the key's one column has one of the values.
func (b *batch) appendIn(sql []byte) []byte {
	name := b.dialect.AppendIdent(nil, b.table.Columns[b.key.Parts[0].Column].Name)
	for n, value := range b.conditions {
		switch {
		case n == 0:
			sql = append(append(sql, name...), " IN ("...)
		case n%inList == 0:
			sql = append(append(append(sql, ") OR "...), name...), " IN ("...)
		default:
			sql = append(sql, ", "...)
		}
		sql = append(sql, value...)
	}
	return append(sql, ')')
}

// appendNumber appends an expression for the number of the first condition that is true.
func appendNumber(sql []byte, conditions [][]byte) []byte {
	sql = append(sql, "CASE"...)
	for n, condition := range conditions {
		sql = append(append(append(sql, " WHEN "...), condition...), " THEN "...)
		sql = strconv.AppendInt(sql, int64(n), 10)
	}
	return append(sql, " END"...)
}

// appendAny appends the condition that one of several is true.
func appendAny(sql []byte, conditions [][]byte) []byte {
	for n, condition := range conditions {
		if n > 0 {
			sql = append(sql, " OR "...)
		}
		sql = append(append(append(sql, '('), condition...), ')')
	}
	return sql
}

// take reads a row of the answer.
func (b *batch) take(values [][]byte) error {
	if len(values) != 1+len(b.columns) {
		return fmt.Errorf("expected %d values in a row, found %d", 1+len(b.columns), len(values))
	}
	if err := b.read(values[1:]); err != nil {
		return err
	}
	n, err := b.number(values[0])
	if err != nil {
		return err
	}
	same, err := b.same(&b.questions[n])
	if err != nil {
		return err
	}
	return b.found(n, &b.row, same)
}

// read turns the values into literals.
func (b *batch) read(values [][]byte) error {
	b.text = b.text[:0]
	ends := make([]int, 0, len(values))
	for i, ordinal := range b.columns {
		var err error
		if b.text, err = b.dialect.AppendStored(b.text, &b.table.Columns[ordinal], values[i]); err != nil {
			return err
		}
		ends = append(ends, len(b.text))
	}
	begin := 0
	for i, ordinal := range b.columns {
		b.row.Literals[ordinal] = b.text[begin:ends[i]:ends[i]]
		begin = ends[i]
	}
	return nil
}

// number is the number of the question that the row answers.
func (b *batch) number(first []byte) (int, error) {
	if !b.exact {
		i, err := strconv.Atoi(string(first))
		if err != nil || i < 0 || i >= len(b.numbers) {
			return 0, fmt.Errorf("expected the number of a question, found %q", first)
		}
		return b.numbers[i], nil
	}
	value := b.valueOf(&b.row)
	n, ok := b.byValue[value]
	if !ok {
		return 0, fmt.Errorf("expected a row with a value of key %s that was asked for, found %s", b.key.Name, value)
	}
	return n, nil
}

// same reports whether the row equals the question's.
func (b *batch) same(q *Question) (bool, error) {
	if q.Stored != nil {
		return q.Stored.ID() == b.row.ID(), nil
	}
	for i := range b.table.Columns {
		column, cell := &b.table.Columns[i], q.Row.Cells[i]
		unknown := cell.State() != decoder.Value && cell.State() != decoder.Null
		if unknown || !column.Assignable() || slices.Contains(q.Open, i) {
			continue
		}
		var err error
		if b.literal, err = b.dialect.AppendLiteral(b.literal[:0], column, cell); err != nil {
			return false, err
		}
		if !bytes.Equal(b.literal, b.row.Literals[i]) {
			return false, nil
		}
	}
	return true, nil
}
