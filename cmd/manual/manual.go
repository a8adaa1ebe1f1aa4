// Package manual writes what explains the program, all of it out of one description: help texts, man pages, and the
// completion of command lines in shells. The description is made by cmd/app, of the flags that are really read.
package manual

import (
	"regexp"
	"slices"
	"strings"
)

// Program is what there is to explain.
type Program struct {
	Name, Usage string
	Text        string // for the help without a command
	Flags       []Flag // that need no command
	Commands    []Command
	Topics      []Topic
	Codes       []ExitCode
}

// Command is a command of the program. Its text is of paragraphs; a line that begins with a blank stays as it is. What stands
// so at the beginning are examples.
type Command struct {
	Name, Usage, Arguments, Text string
	Flags                        []Flag
}

// Flag is a flag of a command.
type Flag struct {
	Names []string // with their hyphens, the long one first
	Value string   // what stands for the value in the text; "" when the name stands alone
	Text  string
}

// Topic is a text about what concerns more than one command. It is like a command's.
type Topic struct{ Name, Usage, Text string }

// choices matches a text that lists the values that there are.
var choices = regexp.MustCompile(`: ([a-z]+(?:(?:,? or |, )[a-z]+)+)`)

// choices are the values that a flag takes; none when they can't be listed.
func (f Flag) choices() []string {
	_, list, _ := strings.Cut(f.Text, f.Value)
	if m := choices.FindStringSubmatch(list); f.Value != "" && m != nil && strings.HasPrefix(list, m[0]) {
		return regexp.MustCompile(`,? or |, `).Split(m[1], -1)
	}
	return nil
}

func (f Flag) takesFile() bool   { return f.Value == "FILE" }
func (f Flag) takesFolder() bool { return f.Value == "DIR" }

// examples are the lines at the beginning of a text that stay as they are, and what follows them.
func examples(text string) (lines, rest string) {
	at := 0
	for line := range strings.Lines(text) {
		if line != "\n" && line[0] != ' ' {
			break
		}
		at += len(line)
	}
	return strings.TrimRight(text[:at], "\n"), text[at:]
}

// command is the command of a name, and whether there is one.
func (p Program) command(name string) (Command, bool) {
	i := slices.IndexFunc(p.Commands, func(c Command) bool { return c.Name == name })
	if i < 0 {
		return Command{}, false
	}
	return p.Commands[i], true
}

func (p Program) topic(name string) (Topic, bool) {
	i := slices.IndexFunc(p.Topics, func(t Topic) bool { return t.Name == name })
	if i < 0 {
		return Topic{}, false
	}
	return p.Topics[i], true
}

// names are all that `help NAME` explains.
func (p Program) names() (all []string) {
	for _, c := range p.Commands {
		all = append(all, c.Name)
	}
	for _, t := range p.Topics {
		all = append(all, t.Name)
	}
	return all
}
