package app

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"binmend/decoder/crypt/crypttest"

	"binmend/cmd/terminal"
	"binmend/fixtures/forms"
	"binmend/fixtures/golden"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"binmend":          func() { os.Exit(Main(os.Args, streamsOfTest())) },
		"binmend-measured": measured,
	})
}

// streamsOfTest are the process's own, on a machine without option files.
func streamsOfTest() Streams {
	s := terminal.System()
	s.OptionFiles = nil
	return s
}

// TestScript runs the command lines under testdata/script. Beside testscript's own commands there is
//
//	code N COMMAND ARGS…   the command ends with exit code N
//	head N FROM TO         TO gets the first N bytes of FROM
//	without M N FROM TO    TO gets FROM without its bytes from M up to N
//	texts FROM TO          TO gets the texts of the parts of a repair as JSON, FROM
//	encrypt FLAVOUR FROM TO KEYS   TO gets the log FROM as mysql or mariadb encrypts it, KEYS the file with the key
//
// The working directory holds the case "mixed" of each server line under fixtures: mysql-9.7/relay.000002 and so on.
// $BROKEN is the folder of the corpus's broken replicas, $CORPUS that of all of it; scripts that need them begin with "[!corpus] skip".
func TestScript(t *testing.T) {
	broken, _ := filepath.Abs("../../../shared/corpus/broken-replicas")
	_, err := os.Stat(broken)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		UpdateScripts:       golden.Updating(),
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"code": code, "head": head, "without": without, "texts": texts, "encrypt": encrypt},
		Condition:           func(string) (bool, error) { return err == nil, nil },
		Setup: func(e *testscript.Env) error {
			e.Setenv("BROKEN", broken)
			e.Setenv("CORPUS", filepath.Dir(broken))
			return copyFixtures(e.WorkDir)
		},
	})
}

func copyFixtures(dir string) error {
	for _, line := range []string{"mysql-5.6", "mysql-9.7", "mariadb-10.11", "mariadb-11.8"} {
		from := filepath.Join("..", "..", "fixtures", line, "mixed")
		if err := os.CopyFS(filepath.Join(dir, line), os.DirFS(from)); err != nil {
			return err
		}
	}
	return nil
}

func code(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
	if args[1] == "binmend" {
		ts.Check(forms.CheckOutput(args[2:], []byte(ts.ReadFile("stdout"))))
	}
}

func head(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	text := ts.ReadFile(args[1])
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(text[:n]), 0o644))
}

// encrypt makes the key out of the name of the file that holds it.
// texts writes the texts of the parts of a repair as JSON, one after the other, into a file.
func texts(ts *testscript.TestScript, _ bool, args []string) {
	var form struct{ Parts []struct{ Text string } }
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &form))
	var text strings.Builder
	for _, part := range form.Parts {
		text.WriteString(part.Text)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text.String()), 0o644))
}

func encrypt(ts *testscript.TestScript, _ bool, args []string) {
	id, key, log := crypttest.KeyID(1), crypttest.Key(args[3], 32), []byte(ts.ReadFile(args[1]))
	sealed, keys := crypttest.MySQL(log, id, key), crypttest.Keyring(id, key)
	if args[0] == "mariadb" {
		sealed, keys = crypttest.MariaDB(log, key, crypttest.CBC), crypttest.KeyFile(key)
	}
	ts.Check(os.MkdirAll(filepath.Dir(ts.MkAbs(args[2])), 0o755))
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), sealed, 0o644))
	ts.Check(os.WriteFile(ts.MkAbs(args[3]), keys, 0o644))
}

func without(ts *testscript.TestScript, _ bool, args []string) {
	from, err := strconv.Atoi(args[0])
	ts.Check(err)
	to, err := strconv.Atoi(args[1])
	ts.Check(err)
	text := ts.ReadFile(args[2])
	ts.Check(os.WriteFile(ts.MkAbs(args[3]), []byte(text[:from]+text[to:]), 0o644))
}
