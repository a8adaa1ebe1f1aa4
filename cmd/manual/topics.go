package manual

import (
	"embed"
	"fmt"
	"strings"

	"binmend/emit/control"
)

// The texts of commands, and of topics in Markdown. The file of a topic begins with its one-line summary and a blank line.
//
//go:embed commands/*.txt topics/*.md
var texts embed.FS

// Text explains a command: examples, and then what it does. {{filters}} stands for the text about filters.
func Text(command string) string {
	text := strings.ReplaceAll(read("commands/"+command+".txt"), "{{filters}}\n", read("commands/filters.txt"))
	return strings.TrimSuffix(text, "\n")
}

// Overview explains the program: the help without a command.
func Overview() string { return read("commands/binmend.txt") }

// read reads a text that is compiled in.
func read(name string) string {
	text, err := texts.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// topics lists the topics in the order in which they are shown. A topic with a text here is generated from the program.
var topics = []struct {
	name, usage string
	text        func() string
}{
	{"skip", "the ways past a transaction, and what each costs", control.Topics["skip"]},
	{"grants", "what an account needs to read, and to run a script", control.Topics["grants"]},
	{"exit", "", nil}, {"statuses", "", nil}, {"definitions", "", nil}, {"differing", "", nil}, {"repairing", "", nil},
	{"comparing", "", nil}, {"connection", "", nil}, {"platforms", "", nil}, {"watching", "", nil}, {"monitoring", "", nil},
	{"pull-and-serve", "", nil}, {"changes", "", nil}, {"filters", "", nil}, {"statistics", "", nil}, {"searching", "", nil},
	{"engines", "", nil}, {"json", "", nil}, {"formats", "", nil}, {"scale", "", nil},
}

// Topics are the topics of the program.
func Topics(codes []ExitCode) (all []Topic) {
	for _, t := range topics {
		if t.text != nil {
			all = append(all, Topic{Name: t.name, Usage: t.usage, Text: t.text()})
			continue
		}
		usage, text, _ := strings.Cut(read("topics/"+t.name+".md"), "\n\n")
		all = append(all, Topic{Name: t.name, Usage: usage, Text: strings.ReplaceAll(plain(text), "{{codes}}\n", codeTable(codes))})
	}
	return all
}

// ExitCode is an exit code and its meaning.
type ExitCode struct {
	Code    int    `json:"code"`
	Meaning string `json:"meaning"`
}

func codeTable(codes []ExitCode) string {
	var b strings.Builder
	for _, c := range codes {
		fmt.Fprintf(&b, "  %3d  %s\n", c.Code, c.Meaning)
	}
	return b.String()
}
