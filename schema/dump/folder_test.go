package dump

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"binmend/decoder/gtid"
	"binmend/schema"
)

// folders are what programs write that dump into a folder, in short: tables t in two databases, with other members, and a trigger of one.
var folders = map[string]map[string]string{
	"mydumper 0.10": {
		"d-schema-create.sql":     "CREATE DATABASE `d` /*!40100 DEFAULT CHARACTER SET latin1 */;\n",
		"d.t-schema.sql":          "/*!40101 SET NAMES binary*/;\nCREATE TABLE `t` (\n  `e` enum('p','q')\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;\n",
		"e.t-schema.sql":          "/*!40101 SET NAMES binary*/;\nCREATE TABLE `t` (\n  `e` enum('q','p')\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;\n",
		"d.t-schema-triggers.sql": "/*!40101 SET NAMES binary*/;\nCREATE DEFINER=`` trigger tr before insert on t for each row set new.e='p';\n",
		"d.t.sql":                 "INSERT INTO `t` VALUES ('p');\n",
		"metadata":                "Started dump at: 2026-11-30 04:32:26\nSHOW MASTER STATUS:\n\tLog: bin.000003\n\tPos: 336\n\tGTID:0-1-10\n\nFinished dump at: 2026-11-30 04:33:26\n",
	},
	"mydumper 0.16": {
		"d-schema-create.sql":     "/*!40101 SET NAMES binary*/;\nCREATE DATABASE /*!32312 IF NOT EXISTS*/ `d` /*!40100 DEFAULT CHARACTER SET latin1 */;\n",
		"d.t-schema.sql":          "/*!40014 SET FOREIGN_KEY_CHECKS=0*/;\nCREATE TABLE IF NOT EXISTS `t` (\n  `e` enum('p','q')\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;\n",
		"e.t-schema.sql":          "/*!40014 SET FOREIGN_KEY_CHECKS=0*/;\nCREATE TABLE IF NOT EXISTS `t` (\n  `e` enum('q','p')\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;\n",
		"d.t-schema-triggers.sql": "CREATE DEFINER=`root`@`%` TRIGGER `tr` BEFORE INSERT ON `t` FOR EACH ROW set new.e='p';\n",
		"d.t.00000.sql":           "INSERT INTO `t` VALUES ('p')\n;\n",
		"metadata": "# Started dump at: 2026-11-30 04:32:26\n[config]\nquote-character = BACKTICK\n\n[source]\n# Channel_Name = ''\nFile = bin.000003\nPosition = 336\n" +
			"Executed_Gtid_Set = 0-1-10\n\n[`d`.`t`]\nreal_table_name=t\nrows = 1\n# Finished dump at: 2026-11-30 04:33:26\n",
	},
	"MySQL Shell": {
		"@.sql":              "-- MySQLShell dump 2.0.1  Distrib Ver 8.0.34 for Linux\n--\n-- Host: localhost\n",
		"@.json":             `{"dumper": "mysqlsh", "gtidExecuted": "0-1-10", "gtidExecutedInconsistent": false, "begin": "2026-11-30 04:32:26"}`,
		"@.done.json":        `{"end": "2026-11-30 04:33:26", "dataBytes": 5}`,
		"d.sql":              "-- Host: localhost    Database: d\nCREATE DATABASE /*!32312 IF NOT EXISTS*/ `d`;\n",
		"d@t.sql":            "-- Host: localhost    Database: d    Table: t\nCREATE TABLE IF NOT EXISTS `t` (\n  `e` enum('p','q')\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;\n",
		"e@t.sql":            "-- Host: localhost    Database: e    Table: t\nCREATE TABLE IF NOT EXISTS `t` (\n  `e` enum('q','p')\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;\n",
		"d@t.triggers.sql":   "-- Host: localhost    Database: d    Table: t\nDELIMITER ;;\n/*!50003 CREATE TRIGGER `tr` BEFORE INSERT ON `t` FOR EACH ROW set new.e='p' */;;\nDELIMITER ;\n",
		"d@t@@0.tsv.zst":     "\x28\xb5\x2f\xfd",
		"d@t@@0.tsv.zst.idx": "\x00\x00",
	},
}

func writeFolder(t *testing.T, files map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// TestFolders: of a folder, each table is found in its own database, with its triggers, and the folder says when it was written.
func TestFolders(t *testing.T) {
	for name, files := range folders {
		t.Run(name, func(t *testing.T) {
			s, err := LoadFiles(writeFolder(t, files))
			if err != nil || len(s.Problems) > 0 {
				t.Fatal(err, s)
			}
			for database, want := range map[string]string{"d": "p", "e": "q"} {
				table, err := s.Table(context.Background(), schema.Ref{Database: database, Table: "t"})
				if err != nil {
					t.Fatal(err)
				}
				if got := table.Columns[0].Members[0]; got != want || (len(table.Triggers) == 1) != (database == "d") || s.Guess(database, "t") != "" {
					t.Errorf("%s.t: member %s, %d triggers, %s", database, got, len(table.Triggers), s.Guess(database, "t"))
				}
			}
			if want := time.Date(2026, 11, 30, 4, 33, 26, 0, time.UTC); s.Completed != want || s.FirstCompleted != want {
				t.Errorf("completed %v", s.Completed)
			}
			g, _ := gtid.Parse("0-1-10")
			later, _ := gtid.Parse("0-1-11")
			if s.Executed == nil || !s.Executed.Has(g) || s.Executed.Has(later) {
				t.Errorf("executed %v", s.Executed)
			}
		})
	}
}

// TestGuess: a definition without its database is told apart from that of the rows.
func TestGuess(t *testing.T) {
	const table = "CREATE TABLE `t` (`e` enum('p','q'));\n"
	load := func(name, text string) *Schema {
		s, err := LoadFiles(filepath.Join(writeFolder(t, map[string]string{name: text}), name))
		if err != nil {
			t.Fatal(err)
		}
		for _, database := range []string{"d", "e"} {
			if _, err := s.Table(context.Background(), schema.Ref{Database: database, Table: "t"}); err != nil {
				t.Fatal(err)
			}
		}
		return s
	}
	for _, tc := range []struct{ name, text, ofD, ofE string }{
		{"schema.sql", "-- Host: localhost    Database: d\n" + table, "", "in database `d`"},
		{"schema.sql", "-- phpMyAdmin SQL Dump\n-- Host: localhost:3306\n--\n-- Database: `d`\n--\n" + table, "", "in database `d`"},
		{"d.t-schema.sql", table, "", "in database `d`"},
		{"schema.sql", table, "in several", "in several"},
		{"schema.sql", "USE d;\n" + table + "CREATE TABLE e.t (`e` enum('q','p'));\n", "", ""},
	} {
		s := load(tc.name, tc.text)
		for database, want := range map[string]string{"d": tc.ofD, "e": tc.ofE} {
			if got := s.Guess(database, "t"); (got == "") != (want == "") || !strings.Contains(got, want) {
				t.Errorf("%s %q: %s.t: %q, want %q", tc.name, tc.text, database, got, want)
			}
		}
	}
}

// TestNoTables: what defines no table is an error, and not a dump of a database without any.
func TestNoTables(t *testing.T) {
	for name, tc := range map[string]struct {
		text  string
		isBad bool
	}{
		"XML":               {"<?xml version=\"1.0\"?>\n<mysqldump><database name=\"d\"><table_structure name=\"t\"/></database></mysqldump>\n", true},
		"rows":              {"1\tA\tp\n2\tB\tq\n", true},
		"inserts":           {"/*!40101 SET NAMES binary*/;\nINSERT INTO `t` VALUES (1);\n", true},
		"metadata":          {folders["mydumper 0.10"]["metadata"], true},
		"JSON":              {folders["MySQL Shell"]["@.json"], true},
		"an empty database": {"-- Host: localhost    Database: d\n-- Dump completed on 2026-11-30  4:32:26\n", false},
		"only the database": {"CREATE DATABASE d;\n", false},
		"at each log":       {"-- The tables as they are where bin.000001 begins\n", false},
		"a view":            {"CREATE TABLE t (id INT);\nDROP TABLE t;\n", true},
		"a comment":         {"-- no tables\n", false},
		"a problem":         {"CREATE TABLE t (id NOTYPE);\n", false},
	} {
		_, err := LoadFiles(writeFile(t, []byte(tc.text)))
		if errors.Is(err, ErrNoText) != tc.isBad || err != nil && !tc.isBad {
			t.Errorf("%s: %v", name, err)
		}
	}
}
