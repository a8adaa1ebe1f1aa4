package probe_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/emit/plan"
	"binmend/emit/probe"
	"binmend/emit/sqltext"
	"binmend/schema"
)

var mysql97 = sqltext.For(decoder.Version{Major: 9, Minor: 7, Patch: 4})

// conn is a server that answers every question with the same rows, and remembers the questions.
type conn struct {
	packet  int
	limit   string // sql_select_limit; "" for its default
	mode    string // sql_mode
	answers [][]string
	asked   []string
}

func (c *conn) Select(_ context.Context, query string, yield func([][]byte) error) error {
	if strings.HasPrefix(query, "SELECT @@") {
		return yield([][]byte{strconv.AppendInt(nil, int64(c.packet), 10), []byte(cmp.Or(c.limit, "18446744073709551615")), []byte(c.mode)})
	}
	c.asked = append(c.asked, query)
	for _, answer := range c.answers {
		values := make([][]byte, len(answer))
		for i, v := range answer {
			values[i] = []byte(v)
		}
		if err := yield(values); err != nil {
			return err
		}
	}
	return nil
}

func table(keys ...schema.Key) *schema.Table {
	return &schema.Table{Database: "shop", Name: "item", Keys: keys, Columns: []schema.Column{
		{Name: "id", Type: schema.TypeInt},
		{Name: "sku", Type: schema.TypeVarchar, Charset: "utf8mb4", Collation: "utf8mb4_0900_ai_ci", Length: 40},
	}}
}

func primary() schema.Key {
	return schema.Key{Name: "PRIMARY", Primary: true, Parts: []schema.KeyPart{{Column: 0}}}
}

func unique() schema.Key { return schema.Key{Name: "sku", Parts: []schema.KeyPart{{Column: 1}}} }

func item(id int, sku string) []decoder.Cell {
	return []decoder.Cell{
		decoder.NewCell(&decoder.Column{Type: decoder.TypeLong}, binary.LittleEndian.AppendUint32(nil, uint32(id))),
		decoder.NewCell(&decoder.Column{Type: decoder.TypeVarchar, Length: 160}, []byte(sku)),
	}
}

// planOf wants n rows to be there, n values of each key not to be taken, and n rows without a key.
func planOf(t *schema.Table, n int) *plan.Plan {
	p := &plan.Plan{Tables: []*schema.Table{t}}
	for i := range n {
		row := schema.Row{Table: t, Cells: item(i, fmt.Sprintf("sku-%d", i))}
		p.Presences = append(p.Presences, plan.Presence{Row: row, Key: &t.Keys[0]}, plan.Presence{Row: row, Count: 1})
		for k := range t.Keys {
			p.Absences = append(p.Absences, plan.Absence{Row: row, Key: &t.Keys[k]})
		}
	}
	return p
}

func run(t *testing.T, c *conn, p *plan.Plan) (*probe.Result, error) {
	t.Helper()
	server, err := probe.Ask(context.Background(), c, mysql97)
	if err != nil {
		t.Fatal(err)
	}
	return probe.Run(context.Background(), server, p)
}

// A plan of 100,000 rows takes fewer than one statement for 500 of them, also when each is missing and all its keys are
// asked for, and no statement is longer than the server takes.
func TestStatements(t *testing.T) {
	tb := table(primary(), unique())
	p := planOf(tb, 25_000)
	c := &conn{packet: 4 << 20}
	result, err := run(t, c, p)
	if err != nil {
		t.Fatal(err)
	}
	if rows := len(p.Presences) + len(p.Absences); rows != 100_000 || len(c.asked) >= rows/500 {
		t.Errorf("%d statements for %d rows", len(c.asked), rows)
	}
	for _, query := range c.asked {
		if len(query) > c.packet {
			t.Errorf("a statement of %d bytes", len(query))
		}
		if !strings.HasPrefix(query, "SELECT ") {
			t.Errorf("sent %.80s", query)
		}
	}
	if n := len(result.Plan.Presences); n != len(p.Presences) || len(result.Plan.Absences) != 0 {
		t.Errorf("an empty table needs %d rows and %d deletions", n, len(result.Plan.Absences))
	}
}

// Long key values fill a statement sooner; one that no statement can hold is not asked about, and kept.
func TestPacket(t *testing.T) {
	tb := table(unique())
	p := &plan.Plan{}
	for _, n := range []int{10_000, 10_000, 10_000, 100_000} {
		p.Absences = append(p.Absences, plan.Absence{Row: schema.Row{Table: tb, Cells: item(1, strings.Repeat("x", n))}, Key: &tb.Keys[0]})
	}
	c := &conn{packet: 64 << 10}
	result, err := run(t, c, p)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.asked) != 2 || len(result.Plan.Absences) != 1 || len(result.Absences[0].Unasked) != 1 {
		t.Errorf("%d statements, left %+v", len(c.asked), result.Absences)
	}
}

// TestQuestions shows the statements.
func TestQuestions(t *testing.T) {
	tb := table(primary(), unique())
	c := &conn{packet: 1 << 20}
	if _, err := run(t, c, planOf(tb, 2)); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"SELECT 0, `id`, CAST(`sku` AS BINARY) FROM `shop`.`item` WHERE `id` IN (0, 1)",
		"SELECT CASE WHEN `id` <=> 0 AND CAST(`sku` AS BINARY) <=> CAST('sku-0' AS BINARY) THEN 0 " +
			"WHEN `id` <=> 1 AND CAST(`sku` AS BINARY) <=> CAST('sku-1' AS BINARY) THEN 1 END, COUNT(*) FROM `shop`.`item` " +
			"WHERE (`id` <=> 0 AND CAST(`sku` AS BINARY) <=> CAST('sku-0' AS BINARY)) OR " +
			"(`id` <=> 1 AND CAST(`sku` AS BINARY) <=> CAST('sku-1' AS BINARY)) GROUP BY 1",
		"SELECT 0, `id`, CAST(`sku` AS BINARY) FROM `shop`.`item` WHERE `id` IN (0, 1)",
		"SELECT CASE WHEN `sku` = 'sku-0' THEN 0 WHEN `sku` = 'sku-1' THEN 1 END, `id`, CAST(`sku` AS BINARY) FROM `shop`.`item` " +
			"WHERE (`sku` = 'sku-0') OR (`sku` = 'sku-1')",
	}
	for i, query := range want {
		if i >= len(c.asked) || c.asked[i] != query {
			t.Errorf("question %d: want %s\nfound %q", i+1, query, c.asked[min(i, len(c.asked)-1)])
		}
	}
}

// The keys of a system-versioned table end in the column that ends a row's version: it tells which question a row answers.
func TestVersionedKey(t *testing.T) {
	tb := table(schema.Key{Name: "PRIMARY", Primary: true, Parts: []schema.KeyPart{{Column: 0}, {Column: 1}}})
	tb.SystemVersioned, tb.Columns[1] = true, schema.Column{Name: "ends", Type: schema.TypeBigInt, Unsigned: true, SystemTime: true, RowEnd: true}
	last := decoder.NewCell(&decoder.Column{Type: decoder.TypeLonglong}, bytes.Repeat([]byte{0xff}, 8))
	row := schema.Row{Table: tb, Cells: []decoder.Cell{item(7, "")[0], last}}
	c := &conn{packet: 1 << 20, answers: [][]string{{"0", "7", "18446744073709551615"}}}
	result, err := run(t, c, &plan.Plan{Presences: []plan.Presence{{Row: row, Key: &tb.Keys[0]}}})
	if err != nil || len(result.Plan.Presences) != 0 {
		t.Errorf("%+v, %v; asked %q", result, err, c.asked)
	}
}

// What a server answers is not trusted.
func TestAnswers(t *testing.T) {
	for name, answer := range map[string][]string{
		"too few values":               {"0", "1"},
		"a number that is none":        {"0", "1); DROP TABLE x; --", "a"},
		"a row that nobody asked for":  {"0", "77", "a"},
		"a question that nobody asked": {"9", "1", "a"},
		"a negative question":          {"-1", "1", "a"},
	} {
		tb := table(primary(), unique())
		p := &plan.Plan{}
		for k := range tb.Keys {
			if name == "a row that nobody asked for" && k > 0 || strings.Contains(name, "question") && k == 0 {
				continue
			}
			p.Absences = append(p.Absences, plan.Absence{Row: schema.Row{Table: tb, Cells: item(1, "a")}, Key: &tb.Keys[k]})
		}
		_, err := run(t, &conn{packet: 1 << 20, answers: [][]string{answer}}, p)
		if err == nil || !strings.Contains(err.Error(), "probing shop.item") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A session that leaves out rows would leave out statements.
func TestSettings(t *testing.T) {
	for _, c := range []*conn{{packet: 1 << 20, limit: "1000"}, {packet: 1 << 20, mode: "ANSI,EMPTY_STRING_IS_NULL"}} {
		_, err := probe.Ask(context.Background(), c, mysql97)
		if !errors.Is(err, probe.ErrSetting) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// FuzzStored: whatever a server answers for a column, it is refused or becomes one literal.
func FuzzStored(f *testing.F) {
	for _, text := range []string{"", "0", "-7", "12.50", "2024-02-29", "1714979289.123", "it's", "\\", "\xff", "b8a7c1d4-0000-1000-8000-00805f9b34fb", "::1", "1e300"} {
		for kind := range byte(schema.TypeInet6) + 1 {
			f.Add(kind, []byte(text))
		}
	}
	f.Fuzz(func(t *testing.T, kind byte, value []byte) {
		column := schema.Column{Name: "c", Type: schema.Type(kind), Charset: "latin1", Members: []string{"a", "b"}}
		literal, err := mysql97.AppendStored(nil, &column, value)
		if err == nil && (bytes.ContainsAny(literal, "\\;\n") && !bytes.HasPrefix(literal, []byte("'")) || !closed(literal)) {
			t.Errorf("type %d: %q becomes %s", kind, value, literal)
		}
	})
}

// closed reports whether every quote of the literal is closed.
func closed(literal []byte) bool { return bytes.Count(literal, []byte("'"))%2 == 0 && len(literal) > 0 }
