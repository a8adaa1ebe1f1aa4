// Package manual writes help texts, man pages and shell completion. In go a description of the program, which cmd/app makes
// from the flags that it really reads, and the texts in commands and topics; out come the three forms, which can't differ. It
// parses no command line.
package manual

import (
	"regexp"
	"slices"
	"strings"
)

// Program is what there is to explain.
type Program struct {
	Name     string     `json:"name"`
	Usage    string     `json:"usage"`
	Text     string     `json:"text"`  // for the help without a command
	Flags    []Flag     `json:"flags"` // that need no command
	Commands []Command  `json:"commands"`
	Topics   []Topic    `json:"topics"`
	Codes    []ExitCode `json:"exit_codes"`
}

// Command is a command of the program. Its text consists of paragraphs; a line that begins with a blank stays as it is. Such
// lines at the beginning are examples.
type Command struct {
	Name      string `json:"name"`
	Usage     string `json:"usage"`
	Arguments string `json:"arguments"`
	Text      string `json:"text"`
	Flags     []Flag `json:"flags"`
}

// Flag is a flag of a command.
type Flag struct {
	Names []string `json:"names"` // with their hyphens, the long one first
	Value string   `json:"value"` // the placeholder for the value in the text; "" for a flag without a value
	Text  string   `json:"text"`
}

// Topic is a text that concerns more than one command, in the form of a command's.
type Topic struct {
	Name  string `json:"name"`
	Usage string `json:"usage"`
	Text  string `json:"text"`
}

// choices matches a text that lists the possible values.
var choices = regexp.MustCompile(`: ([a-z]+(?:(?:,? or |, )[a-z]+)+)`)

// choices are the possible values of a flag; none when the text does not list them.
func (f Flag) choices() []string {
	_, list, _ := strings.Cut(f.Text, f.Value)
	if m := choices.FindStringSubmatch(list); f.Value != "" && m != nil && strings.HasPrefix(list, m[0]) {
		return regexp.MustCompile(`,? or |, `).Split(m[1], -1)
	}
	return nil
}

func (f Flag) takesFile() bool   { return f.Value == "FILE" }
func (f Flag) takesFolder() bool { return f.Value == "DIR" }

// examples splits a text into the examples at its beginning and the rest.
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
