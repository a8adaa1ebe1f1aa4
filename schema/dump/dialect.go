package dump

import (
	"maps"
	"slices"
	"strings"

	"binmend/decoder"
	"binmend/schema"
	"binmend/schema/lexer"
)

// dialect is what words mean on a certain server. A dump uses words that all servers agree on; a log has its own server's statements.
type dialect struct {
	jsonIsText      bool // MariaDB: JSON is LONGTEXT
	timestampNotNil bool // TIMESTAMP is NOT NULL unless it says NULL: without explicit_defaults_for_timestamp
	types           typeWords
	resizesText     bool // MySQL from 8.0 on: TEXT of an existing column beside CONVERT TO is of the size of what the column held
	keepsDefault    bool // MySQL before 5.7: CONVERT TO alone leaves the default of a table that has no text, or only such as it would make
}

// typeWords are names of types, in upper case, that mean other types on a server or under an sql_mode.
type typeWords map[string]string

// Values of sql_mode that do so.
const (
	realAsFloat = 1 << 0
	oracle      = 1 << 9
	maxDB       = 1 << 12
)

var (
	floatWords  = typeWords{"REAL": "FLOAT"}
	maxDBWords  = typeWords{"TIMESTAMP": "DATETIME"}
	zeroWords   = typeWords{"TEXT(0)": "TINYTEXT", "BLOB(0)": "TINYBLOB"} // of MySQL 8.0: servers before take no length for zero
	oracleWords = typeWords{"NUMBER": "DECIMAL", "VARCHAR2": "VARCHAR", "CLOB": "LONGTEXT", "RAW": "VARBINARY", "BLOB": "LONGBLOB", "DATE": "DATETIME"}
)

// typesUnder are the words that mean other types under an sql_mode. The bits of ORACLE and MAXDB are gone in MySQL 8.0, and ORACLE
// changes types on MariaDB only (MariaDB source: sql_yacc.yy).
func typesUnder(v decoder.Version, mode uint64) typeWords {
	types := typeWords{}
	if v.Flavor == decoder.MySQL && v.Text != "" && v.AtLeast(8, 0, 0) {
		maps.Copy(types, zeroWords)
	}
	if mode&realAsFloat != 0 {
		maps.Copy(types, floatWords)
	}
	if mode&maxDB != 0 && !(v.Flavor == decoder.MySQL && v.AtLeast(8, 0, 0)) {
		maps.Copy(types, maxDBWords)
	}
	if mode&oracle != 0 && v.Flavor == decoder.MariaDB {
		maps.Copy(types, oracleWords)
	}
	return types
}

// translate puts another word in the place of a type's name. NUMBER without a length is DOUBLE.
func (w typeWords) translate(c *lexer.Cursor) {
	if len(w) == 0 || c.Done() {
		return
	}
	t := &c.Tokens[c.At]
	if word, ok := w[strings.ToUpper(t.Text)+"(0)"]; ok && c.Ahead(1).IsSymbol('(') && c.Ahead(2).Text == "0" && c.Ahead(3).IsSymbol(')') {
		t.Text = word
		c.Tokens = slices.Concat(c.Tokens[:c.At+1], c.Tokens[c.At+4:])
		return
	}
	if word, ok := w[strings.ToUpper(t.Text)]; ok {
		if t.Is("NUMBER") && !c.Ahead(1).IsSymbol('(') {
			word = "DOUBLE"
		}
		t.Text = word
	}
}

// dialectOf is the dialect of a server with its default settings, but for sql_mode.
func dialectOf(v decoder.Version, sqlMode uint64) dialect {
	d := dialect{types: typesUnder(v, sqlMode)}
	if v.Flavor == decoder.MariaDB {
		d.jsonIsText, d.timestampNotNil = true, !v.AtLeast(10, 10, 0)
	} else {
		d.timestampNotNil = v.Text != "" && !v.AtLeast(8, 0, 2)
		d.resizesText = v.AtLeast(8, 0, 0)
		d.keepsDefault = v.Text != "" && !v.AtLeast(5, 7, 0)
	}
	return d
}

// column completes a column as the parser understood it.
func (d dialect) column(c columnDefinition) columnDefinition {
	switch {
	case d.jsonIsText && c.Type == schema.TypeJSON:
		c.Type, c.json = schema.TypeLongText, true
	case d.timestampNotNil && c.Type == schema.TypeTimestamp && !c.null:
		c.Nullable = false
	}
	return c
}
