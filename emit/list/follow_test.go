package list

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/schema"
	"binmend/schema/where"
)

// accounts has a primary key, a unique key, and a column that no key has.
var accounts = schema.Table{Database: "shop", Name: "accounts",
	Columns: []schema.Column{
		{Name: "id", Type: schema.TypeInt},
		{Name: "email", Type: schema.TypeVarchar, Charset: "utf8mb4", Nullable: true},
		{Name: "note", Type: schema.TypeVarchar, Charset: "utf8mb4", Nullable: true},
	},
	Keys: []schema.Key{{Name: "PRIMARY", Primary: true, Parts: []schema.KeyPart{{Column: 0}}}, {Name: "email", Parts: []schema.KeyPart{{Column: 1}}}},
}

// keyless is the same without keys.
var keyless = schema.Table{Database: accounts.Database, Name: accounts.Name, Columns: accounts.Columns}

// image is a row image of accounts: "1 a@x note", with . for NULL and - for a column that it leaves out.
func image(text string) decoder.Image {
	var cells decoder.Image
	for i, word := range strings.Fields(text) {
		column := &decoder.Column{Type: decoder.TypeVarchar, Length: 50, LenBytes: 1}
		data := []byte(word)
		if i == 0 {
			column = &decoder.Column{Type: decoder.TypeLong}
			data = binary.LittleEndian.AppendUint32(nil, uint32(word[0]-'0'))
		}
		switch word {
		case "-":
			cells = append(cells, decoder.Cell{})
		case ".":
			cells = append(cells, decoder.NullCell(column))
		default:
			cells = append(cells, decoder.NewCell(column, data))
		}
	}
	return cells
}

// row reads "before > after"; one of them is empty for INSERT and DELETE.
func row(t *testing.T, text string) (*decoder.Row, decoder.RowsKind) {
	t.Helper()
	before, after, ok := strings.Cut(text, ">")
	if !ok {
		t.Fatalf("no > in %q", text)
	}
	r := &decoder.Row{Before: image(before), After: image(after)}
	switch {
	case len(r.Before) == 0:
		return r, decoder.Insert
	case len(r.After) == 0:
		return r, decoder.Delete
	}
	return r, decoder.Update
}

func TestFollower(t *testing.T) {
	for _, tc := range []struct {
		name, key string
		table     *schema.Table
		rows      string // one a line; those that are wanted begin with *
	}{
		{"other rows are left out", "id = 1", &accounts, `
			* > 1 a@x .
			  > 2 b@x .
			* 1 a@x . > 1 a@x paid
			  2 b@x . > 2 b@x paid
			* 1 a@x paid >`},
		{"under a new key, and a key that is used again", "id = 1", &accounts, `
			* > 1 a@x .
			* 1 a@x . > 2 a@x .
			* 2 a@x . > 3 a@x .
			  2 c@x . > 2 c@x late
			* > 1 b@x .
			* 3 a@x . >
			  > 3 d@x .
			* 1 b@x . >`},
		{"by a unique key, and under its primary key from then on", "email = 'a@x'", &accounts, `
			  > 1 z@x .
			* 1 z@x . > 1 a@x .
			* 1 a@x . > 1 b@x .
			* 1 b@x . > 1 b@x paid
			* > 2 a@x .
			* 1 b@x paid >
			  > 1 c@x .`},
		{"row images that hold no more than they must", "email = 'a@x'", &accounts, `
			* > 1 a@x -
			* 1 - - > - - paid
			* 1 - - > 2 - -
			  1 - - > - - late
			* 2 - - >`},
		{"a row that comes to the key", "id = 2", &accounts, `
			  > 1 a@x .
			* 1 a@x . > 2 a@x .
			* 2 a@x . >`},
		{"a table without a key: rows that are so", "email = 'a@x'", &keyless, `
			* > 1 a@x .
			* 1 a@x . > 1 b@x .
			  1 b@x . >`},
		{"a condition that is no key", "note = 'lost'", &accounts, `
			  > 1 a@x .
			* 1 a@x . > 1 a@x lost
			* 1 a@x lost > 1 a@x .
			* 1 a@x . >`},
		{"a column that the table lacks", "size = 1", &accounts, `
			  > 1 a@x .`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			condition, err := where.Parse(tc.key)
			if err != nil {
				t.Fatal(err)
			}
			f := newFollower(condition)
			for line := range strings.Lines(strings.TrimSpace(tc.rows)) {
				text, want := strings.CutPrefix(strings.TrimSpace(line), "*")
				r, _ := row(t, text)
				if got, err := f.wants(tc.table, decoder.MySQL, r); err != nil || got != want {
					t.Errorf("%s: wanted %v, %v; want %v", text, got, err, want)
				}
			}
		})
	}
}

// TestFollowerAfterRename: the row is the same when its key's column has another name, which the condition does not know.
func TestFollowerAfterRename(t *testing.T) {
	condition, err := where.Parse("id = 1")
	if err != nil {
		t.Fatal(err)
	}
	renamed := accounts
	renamed.Columns = slices.Clone(accounts.Columns)
	renamed.Columns[0].Name = "number"
	f := newFollower(condition)
	for _, tc := range []struct {
		table *schema.Table
		row   string
		want  bool
	}{{&accounts, "> 1 a@x .", true}, {&renamed, "2 b@x . > 2 b@x paid", false}, {&renamed, "1 a@x . > 1 a@x paid", true}} {
		r, _ := row(t, tc.row)
		if got, err := f.wants(tc.table, decoder.MySQL, r); err != nil || got != tc.want {
			t.Errorf("%s: wanted %v, %v; want %v", tc.row, got, err, tc.want)
		}
	}
}

// A row that is not wanted costs no memory, also while others are followed.
func TestFollowerDoesNotAllocate(t *testing.T) {
	condition, err := where.Parse("id = 1")
	if err != nil {
		t.Fatal(err)
	}
	f := newFollower(condition)
	wanted, _ := row(t, "1 a@x . > 3 a@x .")
	if _, err := f.wants(&accounts, decoder.MySQL, wanted); err != nil {
		t.Fatal(err)
	}
	other, _ := row(t, "2 b@x . > 2 b@x paid")
	if n := testing.AllocsPerRun(100, func() {
		if got, err := f.wants(&accounts, decoder.MySQL, other); got || err != nil {
			t.Fatal(got, err)
		}
	}); n > 0 {
		t.Errorf("%v allocations for a row", n)
	}
}
