package sqltext

import (
	"errors"
	"fmt"
	"strings"

	"binmend/schema"
)

// AppendIdent appends a back-quoted identifier. Inside back-quotes no server reads anything but the closing back-quote; what
// clients do with it, CheckClient says.
func (d Dialect) AppendIdent(dst []byte, name string) []byte {
	dst = append(dst, '`')
	for i := 0; i < len(name); i++ {
		if name[i] == '`' {
			dst = append(dst, '`')
		}
		dst = append(dst, name[i])
	}
	return append(dst, '`')
}

// AppendTable appends the table's name, qualified by its database.
func (d Dialect) AppendTable(dst []byte, t *schema.Table) []byte {
	if t.Database != "" {
		dst = append(d.AppendIdent(dst, t.Database), '.')
	}
	return d.AppendIdent(dst, t.Name)
}

// AppendColumns appends the names of the columns with the given ordinals.
func (d Dialect) AppendColumns(dst []byte, t *schema.Table, ordinals []int) []byte {
	for i, ordinal := range ordinals {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = d.AppendIdent(dst, t.Columns[ordinal].Name)
	}
	return dst
}

// CheckClient reports why the clients would not pass a statement of this package, or one of its names, to the server as it is.
// Only a name can hold such bytes: values and comments have neither control characters nor backslashes. Clients drop the
// carriage return of a line's end, a backslash before a line's end and zero bytes, and some take a backslash for an escape of
// the back-quote after it. What else is a control character is refused as well, save tab and newline: versions differ.
// (MySQL source: client/readline.cc and mysql.cc, add_line; tried with the clients of 9.7 and MariaDB 10.11 to 11.8.)
func CheckClient[T ~string | ~[]byte](sql T) error {
	for i := 0; i < len(sql); i++ {
		switch b := sql[i]; {
		case b == '\\' && (i+1 == len(sql) || sql[i+1] == '\n' || sql[i+1] == '`'):
			return fmt.Errorf("a name has a backslash at its end or before a line's end, which some clients drop or take for an escape")
		case b < ' ' && b != '\t' && b != '\n' || b == 0x7f:
			return fmt.Errorf("a name has the byte 0x%02X, which some clients drop or change", b)
		}
	}
	return nil
}

// AppendUse appends USE and a database's name. USE is a word of the clients' own: they read the name by their
// rules, which know no line breaks and take a backslash for an escape. Such names are refused.
// (MySQL source: client/mysql.cc, com_use and get_arg; tried with the clients of 5.7, 9.7 and MariaDB 10.11 to 11.8.)
func (d Dialect) AppendUse(dst []byte, database string) ([]byte, error) {
	if err := CheckClient(database); err != nil {
		return nil, err
	}
	if strings.ContainsAny(database, "\n\\") {
		return nil, errors.New("a database's name has a line break or a backslash, which the clients read otherwise after USE")
	}
	return d.AppendIdent(append(dst, "USE "...), database), nil
}
