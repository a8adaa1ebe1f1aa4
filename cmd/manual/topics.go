package manual

import (
	"embed"
	"fmt"
	"strings"

	"binmend/emit/control"
)

// The texts of topics: a file begins with the topic in a line, and a blank one.
//
//go:embed topics/*.txt
var texts embed.FS

// topics are what there is, in the order in which it is listed. Those that have a text here are made of what the program does.
var topics = []struct {
	name, usage string
	text        func() string
}{
	{"skip", "the ways past a transaction, and what each costs", control.Topics["skip"]},
	{"grants", "what an account needs to read, and to run a script", control.Topics["grants"]},
	{"exit", "", nil},
}

// Topics are the topics of the program.
func Topics(codes []ExitCode) (all []Topic) {
	for _, t := range topics {
		if t.text != nil {
			all = append(all, Topic{Name: t.name, Usage: t.usage, Text: t.text()})
			continue
		}
		file, err := texts.ReadFile("topics/" + t.name + ".txt")
		if err != nil {
			panic(err) // it is compiled in
		}
		usage, text, _ := strings.Cut(string(file), "\n\n")
		all = append(all, Topic{Name: t.name, Usage: usage, Text: strings.ReplaceAll(text, "{{codes}}\n", codeTable(codes))})
	}
	return all
}

// ExitCode is what the program ends with, and what that means.
type ExitCode struct {
	Code    int
	Meaning string
}

func codeTable(codes []ExitCode) string {
	var b strings.Builder
	for _, c := range codes {
		fmt.Fprintf(&b, "  %3d  %s\n", c.Code, c.Meaning)
	}
	return b.String()
}
