package export

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"binmend/decoder/words"
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
			u.append(names[i], kinds[i])
			continue
		}
		u.kinds[at] = u.kinds[at].widened(kinds[i])
		if len(u.places[strings.ToLower(names[i])]) == 1 {
			u.names[at] = names[i]
		}
	}
}

// append adds one column at the end.
func (u *union) append(name string, k kind) {
	folded := strings.ToLower(name)
	u.places[folded] = append(u.places[folded], len(u.names))
	u.names, u.kinds = append(u.names, name), append(u.kinds, k)
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

// Columns are the columns that tables have over several logs, of each table that a statement in them makes or changes. A log that is
// exported alone gets these columns, so that all files of a table have one schema.
type Columns struct {
	tables map[tableKey]*packedColumns
	packed map[string]*packedColumns // by their text: tables that are alike have one
	bytes  int
	last   *schema.Table // that was added

	Forgotten int // definitions that were not added, because too many tables have been
}

// packedColumns are the columns of some tables.
type packedColumns struct {
	text string // as packColumns makes it
	of   int    // tables
}

// maxColumns bounds the bytes of the columns that tables have over logs: those of 10,000 tables with 80 columns each.
const (
	maxColumns     = 12 << 20
	bytesOfColumns = 200 // of a table, beside its name and its columns
)

// Add adds a table as it is at one moment, or counts it as forgotten.
func (c *Columns) Add(t *schema.Table) {
	if c.last == t {
		return
	}
	c.last = t
	key := tableKey{t.Database, t.Name}
	if c.bytes > maxColumns && c.tables[key] == nil {
		c.Forgotten++
		return
	}
	l := layoutOf(t)
	c.add(key, l.names, l.kinds)
}

func (c *Columns) add(key tableKey, names []string, kinds []kind) {
	text, before := packColumns(names, kinds), c.tables[key]
	if before != nil {
		if before.text == text {
			return
		}
		u := unpackColumns(before.text)
		u.add(names, kinds)
		text = packColumns(u.names, u.kinds)
	}
	c.set(key, before, text)
}

// set puts other columns in the place of those that a table has.
func (c *Columns) set(key tableKey, before *packedColumns, text string) {
	if c.tables == nil {
		c.tables, c.packed = map[tableKey]*packedColumns{}, map[string]*packedColumns{}
	}
	if before == nil {
		key = tableKey{strings.Clone(key.database), strings.Clone(key.table)}
		c.bytes += bytesOfColumns + len(key.database) + len(key.table)
	} else if before.of--; before.of == 0 {
		delete(c.packed, before.text)
		c.bytes -= len(before.text)
	}
	p := c.packed[text]
	if p == nil {
		p = &packedColumns{text: text}
		c.packed[text] = p
		c.bytes += len(text)
	}
	p.of++
	c.tables[key] = p
}

// of is the columns of a table; none for one that has none here, and for no Columns.
func (c *Columns) of(key tableKey) (u union) {
	if c != nil && c.tables[key] != nil {
		u = unpackColumns(c.tables[key].text)
	}
	return u
}

// Len is of how many tables there are columns.
func (c *Columns) Len() int { return len(c.tables) }

// packColumns writes columns: of each its kind, four numbers, and its name with the length before it.
func packColumns(names []string, kinds []kind) string {
	var b []byte
	for i, k := range kinds {
		for _, n := range []int{int(k.family), k.bits, k.precision, k.scale, len(names[i])} {
			b = binary.AppendUvarint(b, uint64(n))
		}
		b = append(b, names[i]...)
	}
	return string(b)
}

// unpackColumns reads what packColumns has written. The names are parts of the text.
func unpackColumns(text string) (u union) {
	u.places = map[string][]int{}
	in := []byte(text)
	number := func() int {
		n, length := binary.Uvarint(in)
		in, text = in[length:], text[length:]
		return int(n)
	}
	for len(in) > 0 {
		k := kind{family: family(number()), bits: number(), precision: number(), scale: number()}
		n := number()
		u.append(text[:n], k)
		in, text = in[n:], text[n:]
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

// WriteTo writes the text that ReadFrom reads.
func (c *Columns) WriteTo(w io.Writer) (written int64, err error) {
	byName := func(a, b tableKey) int {
		return strings.Compare(a.database+"\x00"+a.table, b.database+"\x00"+b.table)
	}
	for _, key := range slices.SortedFunc(maps.Keys(c.tables), byName) {
		line := columnsOfTable{Database: key.database, Table: key.table}
		u := c.of(key)
		for i, name := range u.names {
			line.Columns = append(line.Columns, [2]string{name, u.kinds[i].String()})
		}
		text, err := json.Marshal(line)
		if err != nil { // strings only
			panic(err)
		}
		n, err := fmt.Fprintf(w, "%s%s\n", columnsMark, asciiJSON(text))
		if written += int64(n); err != nil {
			return written, err
		}
	}
	if c.Forgotten > 0 {
		n, err := fmt.Fprintf(w, "-- too many tables: the columns over all logs are not kept of those of %s\n", words.Count(c.Forgotten, "more definition"))
		return written + int64(n), err
	}
	return written, nil
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

// ReadColumns reads the columns that files hold of tables.
func ReadColumns(files ...string) (*Columns, error) {
	var c Columns
	for _, name := range files {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		_, err = c.ReadFrom(file)
		file.Close()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return &c, nil
}

// ReadFrom adds what WriteTo has written among the lines of a file of SQL, whose other lines may have any length.
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
