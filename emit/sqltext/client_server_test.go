package sqltext_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"

	"binmend/emit/session"
	"binmend/emit/sqltext"
	"binmend/fixtures/servers"
)

// clientNames are names that servers take, each with a character that a client may not pass on as it is.
func clientNames() (names []string) {
	for b := byte(1); b < 0x80; b++ {
		for _, form := range []string{"a%sb", "%sb", "a%s\nb", "a\n%sb", "a%s", "a\\%sb", "a%s\\b"} {
			names = append(names, fmt.Sprintf(form, string(b)))
		}
	}
	return append(names, "a\r\nb", "a\\\nb", "a\\", "a\\\\", "a`\\", "a\\`b", "a\n\\! touch canary\n", "a\nsystem touch canary\nb", "a\ndelimiter x\n;",
		"a\n\nb", "a\n-- b\nc", "a\n# b\nc", "/* a", "a /*\n*/", "'", "\"\n'", "a;\nb", "$$", "表\\", "日本", "é\u00a0", "\u2028")
}

// TestClientsPassNames: each client passes every name for which CheckClient has no error on to the server as it is, and finds the
// end of its statement.
func TestClientsPassNames(t *testing.T) {
	for _, line := range []*servers.Line{servers.MySQL57, servers.MySQL97, servers.MariaDB1011, servers.MariaDB114, servers.MariaDB118} {
		t.Run(line.Name, func(t *testing.T) {
			server := servers.Shared(t, line, servers.Options{})
			d := sqltext.Dialect{}
			s := session.Session{Dialect: d}
			for _, options := range [][]string{{}, {"--binary-mode"}, {"--default-character-set=latin1"}, {"--named-commands"}, {"--skip-comments"}} {
				client := server.Client(append([]string{"--force", "--skip-column-names"}, options...)...)
				script, names := []byte(s.Client()+"\n"+s.Names()+"\nCREATE DATABASE names; USE names;\n"), passedNames()
				for i := 0; i < len(names); i += 40 {
					script = fmt.Appendf(script, "CREATE TABLE t%d (`-` INT", i)
					for _, name := range names[i:min(len(names), i+40)] {
						script = append(d.AppendIdent(append(script, ", "...), name), " INT"...)
					}
					script = append(script, ");\n"...)
				}
				client.Stdin = bytes.NewReader(script)
				if out, err := client.CombinedOutput(); err != nil {
					t.Fatalf("%v: %v: %s", options, err, out)
				}
				checkNames(t, server, options, names)
			}
		})
	}
}

// passedNames are those for which CheckClient has no error, each with a number before it.
func passedNames() (names []string) {
	for i, name := range clientNames() {
		if sqltext.CheckClient(name) == nil && name == strings.TrimRight(name, " \t\n") { // no column's name ends in white space
			names = append(names, fmt.Sprint(i, name))
		}
	}
	return names
}

// checkNames compares the columns with the names that they were given.
func checkNames(t *testing.T, server *servers.Server, options, names []string) {
	t.Helper()
	rows, err := server.DB().QueryContext(context.Background(), "SELECT column_name FROM information_schema.columns WHERE table_schema='names' AND column_name<>'-'")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var column string
		if err := rows.Scan(&column); err != nil {
			t.Fatal(err)
		}
		i := slices.Index(names, column)
		if i < 0 {
			t.Errorf("%v: a name has arrived as %q", options, column)
			continue
		}
		names = slices.Delete(names, i, i+1)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		t.Errorf("%v: the name %q has not arrived", options, name)
	}
	server.MustExec(t, "DROP DATABASE names;")
}

// TestClientsUse: each client makes every database the default one for which AppendUse has no error.
func TestClientsUse(t *testing.T) {
	for _, line := range []*servers.Line{servers.MySQL57, servers.MySQL97, servers.MariaDB1011, servers.MariaDB114, servers.MariaDB118} {
		t.Run(line.Name, func(t *testing.T) {
			server := servers.Shared(t, line, servers.Options{})
			d := sqltext.Dialect{}
			s := session.Session{Dialect: d}
			names, begin := usedNames(d), s.Client()+"\n"+s.Names()+"\n"
			for _, name := range names {
				server.MustExec(t, string(d.AppendIdent([]byte("CREATE DATABASE "), name)))
				defer server.MustExec(t, string(d.AppendIdent([]byte("DROP DATABASE "), name)))
			}
			for _, options := range [][]string{{}, {"--binary-mode"}, {"--default-character-set=latin1"}, {"--named-commands"}, {"--skip-comments"}} {
				script := []byte(begin)
				for _, name := range names {
					script, _ = d.AppendUse(script, name)
					script = append(script, ";\nSELECT HEX(DATABASE());\n"...)
				}
				client := server.Client(append([]string{"--force", "--skip-column-names", "--batch"}, options...)...)
				client.Stdin = bytes.NewReader(script)
				out, err := client.CombinedOutput()
				if err != nil {
					t.Fatalf("%v: %v: %s", options, err, out)
				}
				lines := strings.Fields(string(out))
				for i, name := range names {
					if i >= len(lines) || lines[i] != fmt.Sprintf("%X", name) {
						t.Fatalf("%v: after USE of %q the client prints %q, want %X", options, name, lines[min(i, len(lines)):], name)
					}
				}
			}
		})
	}
}

// usedNames are names with each sign inside and at the end, of those for which AppendUse has no error.
func usedNames(d sqltext.Dialect) (names []string) {
	all := []string{"表\\", "日本", "é\u00a0", "\u2028", "/* a", "$$"}
	for b := byte(1); b < 0x80; b++ {
		if !unicode.IsLetter(rune(b)) && !unicode.IsDigit(rune(b)) {
			all = append(all, fmt.Sprintf("a%sb%[1]s", string(b)))
		}
	}
	for _, name := range all {
		if _, err := d.AppendUse(nil, name); err == nil && name == strings.TrimRight(name, " \t") {
			names = append(names, name)
		}
	}
	return names
}
