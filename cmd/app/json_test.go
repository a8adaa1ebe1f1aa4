package app

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"binmend/cmd/manual"
	"binmend/fixtures/forms"
)

// runs are command lines with --json over one recorded case: CASE is its folder, LOGS its logs, EVENT an offset, DIR an empty folder.
var runs = []string{
	"fix --json --status CASE/status.txt --schema CASE/schema.sql LOGS",
	"fix --json --status CASE/status.txt --ahead all LOGS",
	"fix --json --status DIR/exists.txt --schema CASE/schema.sql LOGS",
	"events --json LOGS",
	"events --json --transactions LOGS",
	"find --json --query INSERT LOGS",
	"find --json --query create LOGS",
	"find --json --table shop.customers --key id>0 --schema CASE/schema.sql LOGS",
	"find --json --time 2020-01-01 LOGS",
	"stats --json --schema CASE/schema.sql LOGS",
	"stats --json --database shop LOGS",
	"export --json --schema CASE/schema.sql LOGS",
	"export --json --source db7 --schema CASE/schema.sql LOGS",
	"check --json LOGS",
	"check --json CASE/status.txt",
	"check --json --force DIR/cut.000002",
	"stats --json DIR/cut.000002",
	"schema --json --schema CASE/schema.sql",
	"schema --json --schema CASE/status.txt --schema CASE/schema.sql LOGS",
	"schema --json --schema DIR/odd.sql",
	"schema --json --schema DIR/odd.sql LOGS",
	"sql --json --schema CASE/schema.sql LOGS",
	"sql --json --rollback --schema CASE/schema.sql LOGS",
	"account --json repl",
	"version --json",
	"help --json",
	"help --json exit",
	"help --json fix",
}

// elsewhere are the fields that these logs do not show, as regular expressions of their paths.
var elsewhere = map[string]string{
	"fix":     `probed|error_text|advice`,                        // a connection, a script that breaks off, another error
	"events":  `commit_id|end_file|errant|error_code|unreadable`, // other logs, see the scripts
	"find":    `end_file|errant|risk`,
	"stats":   `first_unreadable_event`,
	"export":  `json_null`,   // cmd/endtoend, and TestJSONNull in emit/export
	"version": `commit|date`, // a build from a checkout
	"compare": `.`,           // cmd/endtoend, with servers
	"pull":    `.`,           // emit/progress
	"serve":   `.`,           // TestServeEnds
	"watch":   `.`,           // as fix
}

// TestJSON: what every command prints with --json is what its schema says, and the recorded logs show nearly all that it says.
func TestJSON(t *testing.T) {
	forms := formsOf(t)
	dir := t.TempDir()
	cases, _ := filepath.Glob(filepath.Join("..", "..", "fixtures", "m*", "*"))
	for _, folder := range cases {
		prepareCase(t, folder, dir)
		for _, line := range runs {
			args := argumentsFor(line, folder, dir)
			out, code := printed(t, args)
			n, err := forms[args[0]].Check(out)
			if err != nil {
				t.Errorf("binmend %s: %v", strings.Join(args, " "), err)
			}
			if code == exitDone && n == 0 {
				t.Errorf("binmend %s prints no JSON", strings.Join(args, " "))
			}
		}
	}
	for name, form := range forms {
		for _, field := range form.Unseen() {
			if other := elsewhere[name]; other == "" || !regexp.MustCompile(other).MatchString(field) {
				t.Errorf("%s: no output has the field %s of the schema", name, field)
			}
		}
	}
}

// TestJSONIsTheSQL: the texts of what sql prints as JSON are what it prints without.
func TestJSONIsTheSQL(t *testing.T) {
	cases, _ := filepath.Glob(filepath.Join("..", "..", "fixtures", "m*", "*"))
	for _, folder := range cases {
		for _, line := range []string{"sql LOGS", "sql --rollback LOGS", "sql --batch 9 --schema CASE/schema.sql LOGS", "sql --as-binlog LOGS"} {
			args := argumentsFor(line, folder, "")
			want, _ := printed(t, args)
			asJSON, _ := printed(t, append(args, "--json"))
			var got strings.Builder
			for d := json.NewDecoder(bytes.NewReader(asJSON)); d.More(); {
				var part struct{ Text string }
				if err := d.Decode(&part); err != nil {
					t.Fatal(err)
				}
				got.WriteString(part.Text)
			}
			if got.String() != string(want) {
				t.Errorf("binmend %s: as JSON\n%s\nand without\n%s", strings.Join(args, " "), got.String(), want)
			}
		}
	}
}

// formsOf are the forms of all commands. Every command has --json, and a schema with a version.
func formsOf(t *testing.T) map[string]*forms.Form {
	all := map[string]*forms.Form{}
	for _, c := range Manual().Commands {
		form, err := forms.Of(c.Name)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(c.Flags, func(f manual.Flag) bool { return slices.Contains(f.Names, "--json") }) {
			t.Errorf("%s has no --json", c.Name)
		}
		if text, _, ok := Manual().Help("json " + c.Name); !ok || !strings.Contains(text, `"version": {"const": 1`) {
			t.Errorf("help json %s has no version: %.80s", c.Name, text)
		}
		all[c.Name] = form
	}
	return all
}

func prepareCase(t *testing.T, folder, dir string) {
	t.Helper()
	log, err := os.ReadFile(filepath.Join(folder, "relay.000002"))
	if err != nil {
		t.Fatal(err)
	}
	status, err := os.ReadFile(filepath.Join(folder, "status.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"exists.txt": replaceError(status),
		"cut.000002": log[:len(log)-100],
		"odd.sql":    []byte("CREATE DATABASE shop; USE shop; CREATE TABLE customers (id INT PRIMARY KEY, name TEXT, UNIQUE (name(5)), UNIQUE ((id + 1)));\nCREATE TABLE b (c NOTYPE);"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// replaceError makes a status one of error 1050: a table exists already.
func replaceError(status []byte) []byte {
	status = regexp.MustCompile(`(Last(?:_SQL)?_Errno: )\d+`).ReplaceAll(status, []byte("${1}1050"))
	return regexp.MustCompile(`(Last(?:_SQL)?_Error: ).*`).ReplaceAll(status, []byte("${1}Error 'Table 'customers' already exists' on query."))
}

func argumentsFor(line, folder, dir string) (args []string) {
	for _, arg := range strings.Fields(line) {
		if arg == "LOGS" {
			args = append(args, filepath.Join(folder, "relay.000001"), filepath.Join(folder, "relay.000002"))
			continue
		}
		args = append(args, strings.NewReplacer("CASE", folder, "DIR", dir).Replace(arg))
	}
	return args
}

// printed is what a command line prints, and its exit code.
func printed(t *testing.T, args []string) ([]byte, int) {
	t.Helper()
	var out, messages bytes.Buffer
	code := run(context.Background(), args, Streams{Out: &out, Err: &messages, Getenv: func(name string) string {
		return map[string]string{"MYSQL_PWD": "secret"}[name]
	}})
	if code > exitFailed {
		t.Errorf("binmend %s: %s", strings.Join(args, " "), &messages)
	}
	return out.Bytes(), code
}
