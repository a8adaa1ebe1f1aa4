package endtoend

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"binmend/cmd/app"
	"binmend/fixtures/forms"
	"binmend/fixtures/servers"
	"binmend/schema/live/optionfile/logintest"
)

// grants are the least privileges that "binmend fix" needs, as the README gives them.
func grants(line *servers.Line) []string {
	common := []string{"GRANT SELECT, TRIGGER ON shop.* TO doctor@localhost"}
	switch line {
	case servers.MySQL57, servers.MySQL8015, servers.MySQL8031, servers.MySQL97:
		return append(common, "GRANT REPLICATION CLIENT ON *.* TO doctor@localhost",
			"GRANT SELECT ON performance_schema.replication_applier_status_by_worker TO doctor@localhost",
			"GRANT SELECT ON performance_schema.replication_applier_status_by_coordinator TO doctor@localhost")
	case servers.MariaDB1011, servers.MariaDB114, servers.MariaDB118:
		return append(common, "GRANT SLAVE MONITOR ON *.* TO doctor@localhost")
	}
	return append(common, "GRANT REPLICATION CLIENT ON *.* TO doctor@localhost")
}

const secret = "s3cr#t pass'word"

// createDoctor makes the account that the tests connect with.
func createDoctor(t *testing.T, s *servers.Server) {
	t.Helper()
	script := "SET sql_log_bin = 0;\nCREATE USER doctor@localhost IDENTIFIED BY 's3cr#t pass''word';\n"
	for _, grant := range grants(s.Install.Line) {
		script += grant + ";\n"
	}
	s.MustExec(t, script)
}

// binmend runs the program as somebody whose ~/.my.cnf has the text home.
func binmend(t *testing.T, home string, args ...string) fixRun {
	t.Helper()
	dir := t.TempDir()
	if home != "" {
		if err := os.WriteFile(filepath.Join(dir, ".my.cnf"), []byte(home), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out, stderr strings.Builder
	exit := app.Main(append([]string{"binmend"}, args...), app.Streams{
		In: strings.NewReader(""), Out: &out, Err: &stderr,
		Getenv:      func(name string) string { return map[string]string{"HOME": dir}[name] },
		AskPassword: func(string) (string, error) { return secret, nil },
	})
	if strings.Contains(out.String()+stderr.String(), secret) {
		t.Errorf("the password is in the output:\n%s%s", &out, &stderr)
	}
	if err := forms.CheckOutput(args, []byte(out.String())); err != nil {
		t.Error(err)
	}
	return fixRun{exit: exit, script: out.String(), stderr: stderr.String()}
}

const shop = `CREATE DATABASE shop;
CREATE TABLE shop.customers (id INT PRIMARY KEY, email VARCHAR(80) UNIQUE, note TEXT) ENGINE=InnoDB;
INSERT INTO shop.customers VALUES (1, 'ann@example.org', NULL), (2, 'bob@example.org', 'second');
`

// breakShop lets the replica stop: two rows are in the way of an INSERT, and a row is missing for an UPDATE. With small
// logs the transaction takes several relay logs.
func breakShop(t *testing.T, p *servers.Pair) {
	t.Helper()
	p.Source.MustExec(t, shop)
	p.Sync(t)
	p.Drift(t, "DELETE FROM shop.customers WHERE id = 2; INSERT INTO shop.customers VALUES (4, 'x', ''), (5, 'dee@example.org', '')")
	p.Source.MustExec(t, "BEGIN; "+
		"INSERT INTO shop.customers VALUES (11, 'l', REPEAT('long', 1000)); "+
		"INSERT INTO shop.customers VALUES (12, 'm', REPEAT('long', 1000)); "+
		"INSERT INTO shop.customers VALUES (4, 'dee@example.org', ''); "+
		"INSERT INTO shop.customers VALUES (13, 'n', REPEAT('long', 1000)); "+
		"UPDATE shop.customers SET note = 'changed' WHERE id = 2; COMMIT")
	p.WaitError(t, 1062)
	receive(t, p)
}

// sameRows makes sure that a query has the same answer on the source and on the replica.
func sameRows(t *testing.T, p *servers.Pair, query string) {
	t.Helper()
	if source, replica := p.Source.MustExec(t, query), p.Replica.MustExec(t, query); source != replica {
		t.Errorf("%s: the replica's rows differ.\nsource:\n%s\nreplica:\n%s", query, source, replica)
	}
}

// TestFixLive repairs a stopped replica with nothing but a connection, as an account with the least privileges.
func TestFixLive(t *testing.T) {
	servers.On(t, servers.AllLines(), func(t *testing.T, line *servers.Line) {
		for _, s := range setupsOf(line) {
			t.Run(s.name, func(t *testing.T) { testFixLive(t, servers.StartPair(t, line, s.options)) })
		}
	})
}

func testFixLive(t *testing.T, p *servers.Pair) {
	createDoctor(t, p.Replica)
	breakShop(t, p)
	fixed := binmend(t, "", "fix", "-S", p.Replica.Socket, "-u", "doctor", "-p")
	if fixed.exit != 0 || fixed.stderr != "" {
		t.Fatalf("exit code %d\n%s\n%s", fixed.exit, fixed.stderr, fixed.script)
	}
	if _, err := p.Replica.Exec(fixed.script); err != nil {
		t.Fatalf("%v\n%s", err, fixed.script)
	}
	p.Sync(t)
	if source, replica := p.Source.Contents(t, "shop"), p.Replica.Contents(t, "shop"); source != replica {
		t.Errorf("the replica's rows differ.\nsource:\n%s\nreplica:\n%s", source, replica)
	}
	checkLogs(t, p)
}

// TestFixLiveOnlyReads reads the server's general log: two SETs of the session itself, the first of which makes it read only,
// then SELECT and SHOW.
func TestFixLiveOnlyReads(t *testing.T) {
	servers.On(t, servers.Lines(), func(t *testing.T, line *servers.Line) {
		p := servers.StartPair(t, line, servers.Options{GTID: true})
		createDoctor(t, p.Replica)
		breakShop(t, p)
		p.Replica.MustExec(t, "SET GLOBAL log_output = 'TABLE', GLOBAL general_log = ON")
		if fixed := binmend(t, "", "fix", "-S", p.Replica.Socket, "-u", "doctor", "-p"); fixed.exit != 0 {
			t.Fatalf("exit code %d\n%s", fixed.exit, fixed.stderr)
		}
		p.Replica.MustExec(t, "SET GLOBAL general_log = OFF")
		questions(t, p.Replica)
	})
}

// questions are the SELECTs and SHOWs of the doctor's session. Before them it sets two things of its own, first that it is read only;
// there is nothing else in the server's general log.
func questions(t *testing.T, s *servers.Server) []string {
	t.Helper()
	log := generalLog(t, s)
	want := []string{"Query SET SESSION TRANSACTION READ ONLY", "Query SET SESSION sql_mode = '', sql_select_limit = 18446744073709551615, NAMES utf8mb4"}
	if len(log) < 5 || !strings.HasPrefix(log[0], "Connect") || !slices.Equal(log[1:3], want) {
		t.Fatalf("expected %q and then questions, found %q", want, log)
	}
	for _, entry := range log[3:] {
		if !strings.HasPrefix(entry, "Query SELECT ") && !strings.HasPrefix(entry, "Query SHOW ") && entry != "Quit " {
			t.Errorf("sent %.80q", entry)
		}
	}
	return log[3:]
}

// generalLog lists the statements of the doctor's session.
func generalLog(t *testing.T, s *servers.Server) (entries []string) {
	t.Helper()
	rows, err := s.DB().Query("SELECT command_type, CONVERT(argument USING utf8mb4) FROM mysql.general_log " +
		"WHERE thread_id = (SELECT MAX(thread_id) FROM mysql.general_log WHERE user_host LIKE '%doctor%')")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var kind, argument string
		if err := rows.Scan(&kind, &argument); err != nil {
			t.Fatal(err)
		}
		entries = append(entries, kind+" "+argument)
	}
	return entries
}

// TestFixLivePrivileges takes the documented privileges away, one at a time: each is needed, and named when it is not
// there.
func TestFixLivePrivileges(t *testing.T) {
	servers.On(t, servers.AllLines(), func(t *testing.T, line *servers.Line) {
		p := servers.StartPair(t, line, servers.Options{GTID: true})
		createDoctor(t, p.Replica)
		breakShop(t, p)
		for _, grant := range grants(line) {
			revoke := strings.NewReplacer("GRANT", "REVOKE", " TO ", " FROM ").Replace(grant)
			p.Replica.MustExec(t, "SET sql_log_bin = 0; "+revoke)
			without := binmend(t, "", "fix", "-S", p.Replica.Socket, "-u", "doctor", "-p")
			hint := "hint: let the account read it: " + strings.Replace(strings.TrimSuffix(grant, " TO doctor@localhost"), "shop", "`shop`", 1) + " TO "
			if without.exit != 2 || without.script != "" || !strings.Contains(without.stderr, hint) {
				t.Errorf("without %s: exit code %d\n%s", grant, without.exit, without.stderr)
			}
			p.Replica.MustExec(t, "SET sql_log_bin = 0; "+grant)
		}
		p.Replica.MustExec(t, "SET sql_log_bin = 0; REVOKE TRIGGER ON shop.* FROM doctor@localhost")
		unseen := binmend(t, "", "fix", "-S", p.Replica.Socket, "-u", "doctor", "-p")
		if unseen.exit != 0 || !strings.Contains(strings.ReplaceAll(unseen.script, "\n-- ", ""), "no TRIGGER privilege") {
			t.Errorf("without TRIGGER: exit code %d\n%s\n%s", unseen.exit, unseen.stderr, unseen.script)
		}
	})
}

// TestFixLiveRefusals are the runs that print no script, and what they say.
func TestFixLiveRefusals(t *testing.T) {
	servers.On(t, servers.Lines(), func(t *testing.T, line *servers.Line) {
		p := servers.StartPair(t, line, servers.Options{})
		createDoctor(t, p.Replica)
		createDoctor(t, p.Source)
		account := "[client]\nuser=doctor\npassword=\"" + secret + "\"\nsocket=" + p.Replica.Socket + "\n"
		for _, c := range []struct {
			name   string
			args   []string
			exit   int
			stderr string
		}{
			{"wrong password", []string{"-pwrong"}, 2, "no connection to " + p.Replica.Socket + ": Error 1045"},
			{"no server", []string{"-S", "/nowhere/mysqld.sock"}, 2, "no connection to /nowhere/mysqld.sock: dial unix"},
			{"no replication", []string{"-S", p.Source.Socket}, 2, "this server is not a replica"},
			{"no error", []string{"-udoctor"}, 1, "the status reports no error"},
			{"no such channel", []string{"-udoctor", "--channel=other"}, 2, "the status has no channel 'other'"},
			{"no such file of options", []string{"--defaults-file=/nowhere.cnf"}, 2, "open /nowhere.cnf: no such file"},
			{"positions without logs", []string{"-udoctor", "--start-position=4"}, 64, "no log given"},
			{"a port that is none", []string{"-P", "x"}, 64, `--port: expected a number, found "x"`},
			{"a mode that is none", []string{"--ssl-mode=SOMETIMES"}, 64, "ssl-mode: expected DISABLED"},
		} {
			t.Run(c.name, func(t *testing.T) {
				got := binmend(t, account, append([]string{"fix"}, c.args...)...)
				if got.exit != c.exit || got.script != "" || !strings.Contains(got.stderr, c.stderr) {
					t.Errorf("exit code %d, want %d with %q\n%s\n%s", got.exit, c.exit, c.stderr, got.stderr, got.script)
				}
			})
		}
	})
}

// TestFixLiveRelayLogDir reads relay logs where they are mounted; those of a folder without them are asked for.
func TestFixLiveRelayLogDir(t *testing.T) {
	p := servers.StartPair(t, servers.MySQL97, servers.Options{GTID: true})
	createDoctor(t, p.Replica)
	breakShop(t, p)
	fix := func(dir string) fixRun {
		return binmend(t, "", "fix", "-S", p.Replica.Socket, "-u", "doctor", "-p", "--relay-log-dir", dir)
	}
	mounted := t.TempDir()
	for _, name := range p.Replica.RelayLogs(t) {
		log, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(mounted, filepath.Base(name)), log, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := fix(mounted); got.exit != 0 || !strings.Contains(got.script, "-- Range:") {
		t.Errorf("exit code %d\n%s\n%s", got.exit, got.stderr, got.script)
	}
	got := fix(t.TempDir())
	if got.exit != 2 || !strings.Contains(got.stderr, "no such file") || !strings.Contains(got.stderr, "run binmend on the replica's host") {
		t.Errorf("exit code %d\n%s", got.exit, got.stderr)
	}
}

// TestFixLivePrecedence: what is given by hand takes precedence over what the server says.
func TestFixLivePrecedence(t *testing.T) {
	p := servers.StartPair(t, servers.MySQL97, servers.Options{GTID: true})
	createDoctor(t, p.Replica)
	breakShop(t, p)
	dir := t.TempDir()
	files := map[string]string{
		"status.txt": strings.Replace(p.Status(t), "Last_SQL_Errno: 1062", "Last_SQL_Errno: 1022", 1),
		"schema.sql": strings.Replace(p.Replica.SchemaDump(t, "shop"), "UNIQUE KEY", "KEY", 1),
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	account := []string{"fix", "-S", p.Replica.Socket, "-u", "doctor", "-p"}
	relay := p.Replica.RelayLogs(t)
	gtid := strings.TrimSpace(strings.TrimPrefix(p.Source.MustExec(t, "SELECT CONCAT(@@server_uuid, ':', 4) AS g"), "g\n"))
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"all from the server", nil, "live server"},
		{"the logs by hand", relay, "1062 (ER_DUP_ENTRY"},
		{"the logs and the transaction by hand", append([]string{"--gtid=" + gtid}, relay...), "WHERE `email` = 'dee@example.org'"},
		{"the transaction by hand", []string{"--gtid=" + gtid}, gtid},
		{"the status by hand", []string{"--status", filepath.Join(dir, "status.txt")}, "1022"},
		{"the tables by hand", []string{"--schema", filepath.Join(dir, "schema.sql")}, "schema.sql"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := binmend(t, "", append(account[:len(account):len(account)], c.args...)...)
			if got.exit != 0 || !strings.Contains(got.script, c.want) {
				t.Errorf("exit code %d, want 0 with %q\n%s\n%s", got.exit, c.want, got.stderr, got.script)
			}
		})
	}
}

// TestFixLiveReceiver: what stops the receiver is advised on; no row repairs it.
func TestFixLiveReceiver(t *testing.T) {
	servers.On(t, servers.Lines(), func(t *testing.T, line *servers.Line) {
		p := servers.StartPair(t, line, servers.Options{})
		createDoctor(t, p.Replica)
		p.StopReplica(t)
		p.Source.MustExec(t, "CREATE DATABASE shop")
		p.Replica.MustExec(t, "SET GLOBAL server_id = 1") // the source's
		p.StartReplica(t)
		if stop := p.Settle(t); stop.Thread != "IO" {
			t.Fatal(stop)
		}
		got := binmend(t, "", "fix", "-S", p.Replica.Socket, "-u", "doctor", "-p")
		if got.exit != 1 || !strings.Contains(got.stderr, "no change of rows mends error") || !strings.Contains(got.script, "-- What is safe") {
			t.Errorf("exit code %d\n%s\n%s", got.exit, got.stderr, got.script)
		}
	})
}

// TestFixLiveLoginPath connects as a login path says: what mysql_config_editor writes, a # in the password included.
func TestFixLiveLoginPath(t *testing.T) {
	p := servers.StartPair(t, servers.MySQL97, servers.Options{GTID: true})
	createDoctor(t, p.Replica)
	breakShop(t, p)
	name := filepath.Join(t.TempDir(), "login.cnf")
	login := logintest.File("[replica]\n", "user = \"doctor\"\n", "password = \""+secret+"\"\n", "socket = \""+p.Replica.Socket+"\"\n")
	if err := os.WriteFile(name, login, 0o600); err != nil {
		t.Fatal(err)
	}
	var out, stderr strings.Builder
	exit := app.Main([]string{"binmend", "fix", "--login-path=replica"}, app.Streams{
		In: strings.NewReader(""), Out: &out, Err: &stderr,
		Getenv: func(variable string) string { return map[string]string{"MYSQL_TEST_LOGIN_FILE": name}[variable] },
	})
	if exit != 0 || !strings.Contains(out.String(), "\nDELETE FROM `shop`.`customers`") {
		t.Errorf("exit code %d\n%s\n%s", exit, &stderr, &out)
	}
}
