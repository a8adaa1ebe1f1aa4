package app

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/logfile"
)

// TestNothingBefore: a log that is damaged at its beginning has no part before the damage that could be read.
func TestNothingBefore(t *testing.T) {
	for _, reason := range []*fault.Reason{decoder.ErrCorrupt, logfile.ErrNoEvent, logfile.ErrUnwritten} {
		for offset, want := range map[int64]bool{0: false, 4: false, 120: true} {
			text := adviceOn(&fault.Error{Reason: reason, Pos: decoder.Position{Offset: offset}})
			if text == "" || strings.Contains(text, "--stop-position=120") != want || !want && strings.Contains(text, "stop-position") {
				t.Errorf("%v at %d: %s", reason, offset, text)
			}
		}
	}
}

// ofOthers are the flags of other programs that texts name: of MySQL's clients and dumps, pt-table-sync and zstd.
var ofOthers = regexp.MustCompile(`^--(all|all-databases|databases|long|master-data|no-data|print|print-defaults|raw|` +
	`read-from-remote-server|set-gtid-purged|tab|ultra)$`)

// TestTextsNameFlagsThatExist: every flag in the advice on errors, in help texts and in the README is one of a command, or of another
// program.
func TestTextsNameFlagsThatExist(t *testing.T) {
	exists := map[string]bool{"--help": true, "--version": true}
	for _, command := range allCommands() {
		for _, flag := range command.Flags {
			for _, name := range flag.Names() {
				exists["--"+name] = true
			}
		}
	}
	texts := map[string]string{}
	for reason, text := range advice {
		texts["the advice on \""+reason.Error()+"\""] = text
	}
	for reason, text := range sourceAdvice {
		texts["the advice on \""+reason.Error()+"\" of the source"] = text
	}
	for _, name := range []string{"README.md", "cmd/manual/commands/*.txt", "cmd/manual/topics/*.md"} {
		files, err := filepath.Glob(filepath.Join("..", "..", name))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: found %d files, error %v", name, len(files), err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			texts[filepath.Base(file)] = string(text)
		}
	}
	for where, text := range texts {
		for _, name := range regexp.MustCompile(`(?:^|[^-\w])(--[a-z][-a-z]*[a-z])\b`).FindAllStringSubmatch(text, -1) {
			if !exists[name[1]] && !ofOthers.MatchString(name[1]) {
				t.Errorf("%s names %s, which is not a flag: %s", where, name[1], lineWith(text, name[1]))
			}
		}
	}
}

// lineWith is the line of a text in which a word stands.
func lineWith(text, word string) string {
	begin := strings.Index(text, word)
	line, _, _ := strings.Cut(text[strings.LastIndexByte(text[:begin], '\n')+1:], "\n")
	return strings.TrimSpace(line)
}
