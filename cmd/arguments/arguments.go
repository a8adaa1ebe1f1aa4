// Package arguments reads a command line as the mysql client does: flags may follow files, "_" in a flag's name is "-", the
// value of a one-letter flag may be attached (-P3306), and -p takes a value only when it is attached. In go the arguments and
// a grammar of commands and flags; out comes the form that the flag library reads without surprises: COMMAND --flag=value …
// -- FILE …. It knows no command of its own. What the values of many flags have in common, such as numbers, times and addresses,
// is read in values.go.
//
// What is easily mistyped, and would be taken for something else, is refused: an empty value, as an unset variable of a shell leaves
// it; a flag where the value of the one before is missing; two values for a flag that takes one.
package arguments

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/xrash/smetrics"
)

// Flag is a flag of the grammar. With neither NoValue nor AttachedOnly it needs a value.
type Flag struct {
	Names        []string // without dashes; the first one is passed on
	NoValue      bool
	AttachedOnly bool // a value can only be attached, as in -pSECRET and --password=SECRET; without one, Bare is passed on
	MayBeEmpty   bool // an empty value means something
	IsNumber     bool // its value is a decimal number: 0363 is 363
	Repeats      bool // each value counts
	LastCounts   bool // of several values the last one counts, as for the mysql client: the one before may be an alias's
}

// Command is a command of the grammar.
type Command struct {
	Names []string // the first one is passed on
	Flags []Flag
}

// Grammar is what may stand on the command line.
type Grammar struct {
	Commands []Command
	Global   []Flag // before the command
	Help     Flag   // anywhere
	Bare     string // the value of a flag that is AttachedOnly and has none
}

// Line is a command line that was read.
type Line struct {
	Command int      // its index in the grammar; -1 for none. It is set even when an error follows it
	Args    []string // in the one form
	Files   []string
}

// Error says what is wrong with a command line, and what may have been meant.
type Error struct{ Text, Hint string }

func (e *Error) Error() string { return e.Text }

// Read reads the arguments that follow the program's name. Its errors are *Error.
func (g *Grammar) Read(args []string) (Line, error) {
	n := &normalizer{grammar: g, command: -1, values: map[string]string{}}
	normal, err := n.normalize(args)
	return Line{Command: n.command, Args: normal, Files: n.files}, err
}

// normalizer rewrites the arguments.
type normalizer struct {
	grammar *Grammar
	command int // -1 until it is known

	before []string // flags before the command
	flags  []string // of the command
	files  []string
	values map[string]string // of flags, by name
}

func (n *normalizer) normalize(args []string) ([]string, error) {
	for i := 0; i < len(args); i++ {
		if n.command < 0 && !isFlag(args[i]) {
			if err := n.choose(args[i]); err != nil {
				return nil, err
			}
			continue
		}
		used, err := n.take(args[i:])
		if err != nil {
			return nil, err
		}
		i += used - 1
	}
	return n.result(), nil
}

func (n *normalizer) result() []string {
	out := n.before
	if n.command < 0 {
		return out
	}
	out = append(append(out, n.grammar.Commands[n.command].Names[0]), n.flags...)
	if len(n.files) > 0 && !slices.Contains(n.flags, "--help") { // cli would look for help about the files
		out = append(append(out, "--"), n.files...)
	}
	return out
}

// choose takes the first word that is not a flag as the command's name.
func (n *normalizer) choose(word string) error {
	var names []string
	for i, c := range n.grammar.Commands {
		if slices.Contains(c.Names, word) {
			n.command = i
			return nil
		}
		names = append(names, c.Names...)
	}
	e := UnknownCommand(word, names)
	if nearest(word, names) == "" && strings.ContainsAny(word, "./") {
		e.Hint = "name a command before the files: binmend events " + word
	}
	return e
}

func isFlag(arg string) bool { return len(arg) > 1 && arg[0] == '-' }

// take reads the first argument, and the next one if that is its value. It returns how many it used.
func (n *normalizer) take(args []string) (used int, err error) {
	arg := args[0]
	switch {
	case arg == "--":
		return len(args), n.addFiles(args[1:])
	case otherDash.MatchString(arg):
		return 0, &Error{Text: fmt.Sprintf("%q begins with a dash that is not the keyboard's -", arg),
			Hint: "type it anew: pasted text may have other dashes and quotes; of a file with such a name, give the path: ./NAME"}
	case !isFlag(arg):
		return 1, n.addFiles(args[:1])
	case strings.HasPrefix(arg, "--"):
		name, value, attached := strings.Cut(arg[2:], "=")
		return n.long(strings.ReplaceAll(name, "_", "-"), value, attached, args[1:])
	default:
		return n.short(arg, args[1:])
	}
}

// otherDash is a dash as word processors and chats write it.
var otherDash = regexp.MustCompile(`^-?[\x{2010}-\x{2015}\x{2212}]`)

func (n *normalizer) addFiles(names []string) error {
	if slices.Contains(names, "") {
		return &Error{Text: "an argument is empty", Hint: unsetVariable}
	}
	n.files = append(n.files, names...)
	return nil
}

const unsetVariable = "is a variable of the shell not set?"

// long takes --name, --name=value and --name value.
func (n *normalizer) long(name, value string, attached bool, rest []string) (int, error) {
	f := n.find(name)
	if f == nil || len(name) == 1 {
		return 0, n.unknown("--" + name)
	}
	switch {
	case attached:
		return 1, n.addFlag(f, name, &value)
	case f.NoValue:
		return 1, n.addFlag(f, name, nil)
	case f.AttachedOnly:
		return 1, n.addFlag(f, name, &n.grammar.Bare)
	case len(rest) == 0:
		return 0, &Error{Text: fmt.Sprintf("--%s needs a value", name)}
	}
	if flag := n.flagIn(rest[0]); flag != "" {
		return 0, &Error{Text: fmt.Sprintf("--%s needs a value, found %s", name, flag), Hint: fmt.Sprintf("a value that begins with - is attached: --%s=VALUE", name)}
	}
	return 2, n.addFlag(f, name, &rest[0])
}

// short takes -x, -xVALUE and -x VALUE, and several flags without values in one: -xy. A -h that can't name a host, because it
// is the last argument or the command connects to none, asks for help.
func (n *normalizer) short(arg string, rest []string) (int, error) {
	for i, letter := range arg[1:] {
		f := n.find(string(letter))
		if arg == "-h" && (f == nil || !f.NoValue && len(rest) == 0) {
			return 1, n.addFlag(&n.grammar.Help, n.grammar.Help.Names[0], nil)
		}
		if f == nil {
			return 0, n.unknown("-" + string(letter))
		}
		name := f.Names[0]
		if f.NoValue {
			if err := n.addFlag(f, name, nil); err != nil {
				return 0, err
			}
			continue
		}
		if value := arg[1+i+len(string(letter)):]; value != "" {
			return 1, n.addFlag(f, name, &value)
		}
		return n.long(name, "", false, rest)
	}
	return 1, nil
}

// flagIn is the flag that a word is, without its value, which may be a password; "" of none.
func (n *normalizer) flagIn(word string) string {
	switch name, _, _ := strings.Cut(word, "="); {
	case !isFlag(word):
		return ""
	case word == "--", strings.HasPrefix(word, "--") && n.find(strings.ReplaceAll(name[2:], "_", "-")) != nil:
		return name
	case word[1] < utf8.RuneSelf && n.find(word[1:2]) != nil:
		return word[:2]
	}
	return ""
}

// addFlag adds a flag under the name by which it was called; value is nil without one.
func (n *normalizer) addFlag(f *Flag, name string, value *string) error {
	flag := "--" + name
	if value != nil {
		if strings.TrimSpace(*value) == "" && !(f.MayBeEmpty && *value == "") {
			return &Error{Text: flag + " needs a value, found an empty one", Hint: unsetVariable}
		}
		if f.IsNumber {
			digits := number.FindStringSubmatch(*value)
			if digits == nil {
				return &Error{Text: fmt.Sprintf("%s: expected a number, found %q", flag, *value)}
			}
			decimal := digits[1] + digits[2]
			value = &decimal
		}
		before, twice := n.values[f.Names[0]]
		if twice && !f.Repeats && !f.LastCounts && before != *value {
			return &Error{Text: flag + " has two values", Hint: "give it once"}
		}
		n.values[f.Names[0]] = *value
		flag += "=" + *value
	}
	if n.command < 0 {
		n.before = append(n.before, flag)
	} else {
		n.flags = append(n.flags, flag)
	}
	return nil
}

// number is a decimal number with its sign and, after zeros, its digits. The flag library would take 0363 for one to the base of eight.
var number = regexp.MustCompile(`^ *([+-]?)0*([0-9]+) *$`)

// known are the flags that may stand here.
func (n *normalizer) known() []Flag {
	own := n.grammar.Global
	if n.command >= 0 {
		own = n.grammar.Commands[n.command].Flags
	}
	return append([]Flag{n.grammar.Help}, own...)
}

func (n *normalizer) find(name string) *Flag {
	for _, f := range n.known() {
		if slices.Contains(f.Names, name) {
			return &f
		}
	}
	return nil
}

func (n *normalizer) unknown(flag string) error {
	e := &Error{Text: "unknown flag " + flag}
	var names []string
	for _, f := range n.known() {
		for _, name := range f.Names {
			if len(name) > 1 {
				names = append(names, name)
			}
		}
	}
	if name := strings.TrimLeft(flag, "-"); len(name) > 1 {
		if near := nearest(name, names); near != "" {
			e.Hint = "did you mean --" + near + "?"
		}
	}
	return e
}

// UnknownCommand is the error of a word that names no command.
func UnknownCommand(word string, names []string) *Error {
	e := &Error{Text: fmt.Sprintf("unknown command %q", word), Hint: "binmend help lists the commands"}
	if near := nearest(word, names); near != "" {
		e.Hint = fmt.Sprintf("did you mean %q?", near)
	}
	return e
}

// nearest is the candidate that a mistyped word most likely means, or "" when none is close.
func nearest(word string, candidates []string) string {
	best, least := "", len(word)/3+2
	for _, c := range candidates {
		if d := smetrics.WagnerFischer(word, c, 1, 1, 1); d < least {
			best, least = c, d
		}
	}
	return best
}
