package advice

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
)

// conversion reads the message. MySQL counts columns from 0, and from 1 where it says so.
var conversion = regexp.MustCompile(`Column ([0-9]+) (\(counting the first column as number 1\) )?of table '([^'.]+)\.([^']+)' cannot be converted from type '(.*?)' to type '(.*?)'`)

// unconvertible is for a column whose type the replica can't convert to its own.
func (in *Input) unconvertible() *Advice {
	m := conversion.FindStringSubmatch(in.Text)
	if m == nil {
		return nil
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return nil
	}
	if m[2] == "" {
		n++
	}
	t := Name{m[3], m[4]}
	column := fmt.Sprintf("column %d", n)
	if def := in.Table(t.Database, t.Table); def != nil && n > 0 && n <= len(def.Columns) {
		column += " (" + def.Columns[n-1].Name + ")"
	}
	a := &Advice{
		Meaning: fmt.Sprintf("The source writes %s of %s as %s; the replica has it as %s and does not convert that.", column, t, m[5], m[6]),
		Safe: "Values go by position, not by name. Where the two servers have another name there, the replica's columns stand in another order, or " +
			"it has one more before this one: move that (ALTER TABLE … MODIFY … AFTER), as any conversion would put values under the wrong columns. " +
			"Where the name is the same, change the column to the source's definition (ALTER TABLE … MODIFY as SHOW CREATE TABLE on the source has it). " +
			"Both with binary logging off; then start again. Skipping would lose the rows.",
		Steps: []Step{{On: Both, Text: "The column on each server:", SQL: []string{
			"SELECT COLUMN_NAME, COLUMN_TYPE, CHARACTER_SET_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = " + in.text(t.Database) +
				" AND TABLE_NAME = " + in.text(t.Table) + " AND ORDINAL_POSITION = " + strconv.Itoa(n)}}},
	}
	switch setting := in.variable() + "_type_conversions"; compareTypes(m[5], m[6]) {
	case wider:
		a.Safe += " Or let the replica convert: its type holds every value of the source's."
		a.Steps = append(a.Steps, Step{On: Replica, Text: "To convert, where the name is the same:", SQL: []string{"SET GLOBAL " + setting + "='ALL_NON_LOSSY'"}})
	case unknownFit:
		a.Safe += " " + setting + "=ALL_NON_LOSSY lets the replica convert where its type holds every value of the source's; where it is narrower, " +
			"only ALL_LOSSY does, which cuts what does not fit."
	case narrower:
		a.Safe += " The replica's type is narrower: with " + setting + "=ALL_LOSSY it would cut what does not fit (ALL_NON_LOSSY does not " +
			"allow this), and its rows would differ from the source's."
	}
	return a
}

// fit is how a type of the replica holds the values of the source's.
type fit uint8

const (
	unknownFit fit = iota
	wider
	narrower
)

// ordered are types of which each holds the values of those before it.
var ordered = [][]string{{"tinyint", "smallint", "mediumint", "int", "bigint"}, {"float", "double"}}

var (
	typeName   = regexp.MustCompile(`^[a-z]+`)
	decimalOf  = regexp.MustCompile(`^decimal\(([0-9]+),([0-9]+)\)`)
	bitsOf     = regexp.MustCompile(`^bit\(([0-9]+)\)`)
	bytesOf    = regexp.MustCompile(`^(?:var)?(?:char|binary)\(([0-9]+)\(bytes\)`)
	withLength = []*regexp.Regexp{decimalOf, bitsOf, bytesOf}
)

// compareTypes compares two types as a message spells them. MySQL 5.6 and MariaDB count the source's text in bytes and the
// replica's in characters: these are not compared.
func compareTypes(source, replica string) fit {
	for _, family := range ordered {
		from, to := slices.Index(family, typeName.FindString(source)), slices.Index(family, typeName.FindString(replica))
		if from >= 0 && to >= 0 && from != to {
			return fitOf(to > from)
		}
	}
	for _, form := range withLength {
		s, r := numbersIn(form, source), numbersIn(form, replica)
		if s == nil || r == nil {
			continue
		}
		if form == decimalOf { // digits before the point and after it
			s[0], r[0] = s[0]-s[1], r[0]-r[1]
		}
		return fitOf(r[0] >= s[0] && r[len(r)-1] >= s[len(s)-1])
	}
	return unknownFit
}

func fitOf(holdsAll bool) fit {
	if holdsAll {
		return wider
	}
	return narrower
}

// numbersIn are the numbers that a form finds in a text; nil where it does not fit.
func numbersIn(form *regexp.Regexp, text string) (numbers []int) {
	found := form.FindStringSubmatch(text)
	for i := 1; i < len(found); i++ {
		n, err := strconv.Atoi(found[i])
		if err != nil {
			return nil
		}
		numbers = append(numbers, n)
	}
	return numbers
}

// variable is the prefix of the names of replication variables.
func (in *Input) variable() string {
	if in.Dialect.MySQLSince(8, 0, 26) {
		return "replica"
	}
	return "slave"
}
