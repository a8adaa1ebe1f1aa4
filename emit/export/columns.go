package export

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"binmend/schema"
)

// union is the columns of all definitions that a table has had, each of a kind that holds the values of all.
type union struct {
	names  []string // as the last definition spells them
	kinds  []kind
	places map[string][]int // by their names in lower case
}

// add adds the columns of one more definition, or of another union.
func (u *union) add(names []string, kinds []kind) {
	if u.places == nil {
		u.places = map[string][]int{}
	}
	for i, at := range u.find(names) {
		if at < 0 {
			folded := strings.ToLower(names[i])
			u.places[folded] = append(u.places[folded], len(u.names))
			u.names, u.kinds = append(u.names, names[i]), append(u.kinds, kinds[i])
			continue
		}
		u.kinds[at] = u.kinds[at].widened(kinds[i])
		if len(u.places[strings.ToLower(names[i])]) == 1 {
			u.names[at] = names[i]
		}
	}
}

// find is where the columns of a definition are; -1: the union does not have the column. Names are the same without regard to case,
// but no two columns of a definition are one: servers keep apart letters whose case they don't know, such as the Georgian ones, and
// then each column is the one that is spelled like it.
func (u *union) find(names []string) []int {
	found := appendRepeated(make([]int, 0, len(names)), -1, len(names))
	taken := make([]bool, len(u.names))
	take := func(isSame func(at, i int) bool) {
		for i, name := range names {
			for _, at := range u.places[strings.ToLower(name)] {
				if found[i] < 0 && !taken[at] && isSame(at, i) {
					found[i], taken[at] = at, true
				}
			}
		}
	}
	take(func(at, i int) bool { return u.names[at] == names[i] })
	take(func(int, int) bool { return true })
	return found
}

// Columns are those that tables have over logs: of all that a statement in the logs makes or changes. Each log alone is exported with
// those of all, so that the files of a table have one schema.
type Columns struct {
	tables map[tableKey]*union
	last   *schema.Table // that was added
}

// Add adds a table as it is at one moment.
func (c *Columns) Add(t *schema.Table) {
	if c.last != t {
		c.last = t
		l := layoutOf(t)
		c.add(tableKey{t.Database, t.Name}, l.names, l.kinds)
	}
}

func (c *Columns) add(key tableKey, names []string, kinds []kind) {
	if c.tables == nil {
		c.tables = map[tableKey]*union{}
	}
	if c.tables[key] == nil {
		c.tables[key] = &union{}
	}
	c.tables[key].add(names, kinds)
}

// of is the columns of a table; none for one that has none here, and for no Columns.
func (c *Columns) of(key tableKey) (u union) {
	if c != nil && c.tables[key] != nil {
		u = *c.tables[key]
	}
	return u
}

// columnsOfTable is a line of the text that keeps Columns: a comment of SQL, in ASCII without a line break.
type columnsOfTable struct {
	Database string      `json:"database"`
	Table    string      `json:"table"`
	Columns  [][2]string `json:"columns"` // name and kind
}

const columnsMark = "-- over all logs: "

// Append appends the text that ReadFrom reads.
func (c *Columns) Append(dst []byte) []byte {
	byName := func(a, b tableKey) int {
		return strings.Compare(a.database+"\x00"+a.table, b.database+"\x00"+b.table)
	}
	for _, key := range slices.SortedFunc(maps.Keys(c.tables), byName) {
		line := columnsOfTable{Database: key.database, Table: key.table}
		for i, name := range c.tables[key].names {
			line.Columns = append(line.Columns, [2]string{name, c.tables[key].kinds[i].String()})
		}
		text, err := json.Marshal(line)
		if err != nil { // strings only
			panic(err)
		}
		dst = append(append(append(dst, columnsMark...), asciiJSON(text)...), '\n')
	}
	return dst
}

// asciiJSON escapes what is not ASCII, which clients read by their own character set.
func asciiJSON(text []byte) []byte {
	var b bytes.Buffer
	for _, r := range string(text) {
		switch {
		case r < 0x80:
			b.WriteByte(byte(r))
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			r -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		}
	}
	return b.Bytes()
}

// A line of the text that is read has a bound, against files that are made to fill memory: 4,096 columns with names of 64 characters,
// each of them two escapes.
const (
	maxColumnsLine = 8 << 20
	maxUnion       = 4 * 4096 // a table has 4,096 columns at one moment
)

// ReadFrom adds what Append has written among the lines of a file of SQL, whose other lines may have any length.
func (c *Columns) ReadFrom(r io.Reader) (n int64, err error) {
	in := bufio.NewReader(r)
	var line []byte
	isKept, begins := false, true
	for {
		text, err := in.ReadSlice('\n')
		n += int64(len(text))
		if begins {
			line, isKept = line[:0], bytes.HasPrefix(text, []byte(columnsMark))
		}
		if isKept {
			line = append(line, text...)
		}
		begins = err != bufio.ErrBufferFull
		switch {
		case len(line) > maxColumnsLine:
			return n, fmt.Errorf("expected the columns of a table over all logs in at most %d bytes, found %.80q", maxColumnsLine, line)
		case begins && isKept:
			if err := c.readLine(line[len(columnsMark):]); err != nil {
				return n, err
			}
			isKept = false
		}
		switch err {
		case nil, bufio.ErrBufferFull:
		case io.EOF:
			return n, nil
		default:
			return n, err
		}
	}
}

func (c *Columns) readLine(text []byte) error {
	var line columnsOfTable
	if err := json.Unmarshal(text, &line); err != nil {
		return fmt.Errorf("expected the columns of a table over all logs, found %.80q: %w", text, err)
	}
	if n := len(line.Columns); n > maxUnion {
		return fmt.Errorf("expected at most %d columns of a table over all logs, found %d", maxUnion, n)
	}
	var names []string
	var kinds []kind
	for _, column := range line.Columns {
		k, err := parseKind(column[1])
		if err != nil {
			return err
		}
		if column[0] == "" {
			return fmt.Errorf("expected the name of a column over all logs, found none in %.80q", text)
		}
		names, kinds = append(names, column[0]), append(kinds, k)
	}
	c.add(tableKey{line.Database, line.Table}, names, kinds)
	return nil
}

// The words for families, with (bits) of integers, (digits,scale) of decimals, and (scale) of moments.
var familyWords = [...]string{familyInt: "int", familyUint: "uint", familyFloat: "float", familyDouble: "double", familyDecimal: "decimal",
	familyDate: "date", familyDatetime: "datetime", familyTimestamp: "timestamp", familyText: "text", familyBytes: "bytes", familyVector: "vector"}

// String is a kind as the text of Columns has it.
func (k kind) String() string {
	word := familyWords[k.family]
	switch k.family {
	case familyInt, familyUint:
		return fmt.Sprintf("%s(%d)", word, k.bits)
	case familyDecimal:
		return fmt.Sprintf("%s(%d,%d)", word, k.precision, k.scale)
	case familyDatetime, familyTimestamp:
		return fmt.Sprintf("%s(%d)", word, k.scale)
	}
	return word
}

// parseKind reads what String writes.
func parseKind(text string) (k kind, err error) {
	word, arguments, _ := strings.Cut(text, "(")
	at := slices.Index(familyWords[:], word)
	k.family = family(max(at, 0))
	switch k.family {
	case familyInt, familyUint:
		_, err = fmt.Sscanf(arguments, "%d)", &k.bits)
	case familyDecimal:
		_, err = fmt.Sscanf(arguments, "%d,%d)", &k.precision, &k.scale)
	case familyDatetime, familyTimestamp:
		_, err = fmt.Sscanf(arguments, "%d)", &k.scale)
	}
	if at < 0 || err != nil || k.String() != text || !k.isSound() {
		return k, fmt.Errorf("expected the kind of a column over all logs, found %.40q", text)
	}
	return k, nil
}

// isSound reports whether a column can be of the kind.
func (k kind) isSound() bool {
	switch k.family {
	case familyInt, familyUint:
		return slices.Contains([]int{8, 16, 32, 64}, k.bits)
	case familyDecimal:
		return 1 <= k.precision && k.precision <= maxDecimal && 0 <= k.scale && k.scale <= k.precision
	case familyDatetime, familyTimestamp:
		return 0 <= k.scale && k.scale <= 6
	}
	return true
}
