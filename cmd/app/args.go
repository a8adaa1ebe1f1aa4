package app

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// The command line has mysql's habits, which urfave/cli does not know: flags may follow files, "_" in a flag's name is
// "-", a one-letter flag's value may be attached (-P3306), and -p takes a value only when it is attached. So the
// arguments are read here, against the flags that the commands declare, and handed on in the one form that cli reads
// without surprises: COMMAND --flag=value … -- FILE …

// normalizer rewrites the arguments after the program's name. Its errors are *usageError.
type normalizer struct {
	commands []*cli.Command
	global   []cli.Flag

	command *cli.Command // as soon as it is known, also after an error
	before  []string     // flags before the command
	flags   []string     // of the command
	files   []string
}

func (n *normalizer) normalize(args []string) ([]string, error) {
	for i := 0; i < len(args); i++ {
		if n.command == nil && !isFlag(args[i]) {
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
	if n.command == nil {
		return out
	}
	out = append(append(out, n.command.Name), n.flags...)
	if len(n.files) > 0 && !slices.Contains(n.flags, "--help") { // cli would look for help about the files
		out = append(append(out, "--"), n.files...)
	}
	return out
}

// choose takes the first word that is no flag for the command's name.
func (n *normalizer) choose(word string) error {
	var names []string
	for _, c := range n.commands {
		if c.HasName(word) {
			n.command = c
			return nil
		}
		names = append(names, c.Names()...)
	}
	e := unknownCommand(word, names)
	if nearest(word, names) == "" && strings.ContainsAny(word, "./") {
		e.hint = "name a command before the files: binmend events " + word
	}
	return e
}

func isFlag(arg string) bool { return len(arg) > 1 && arg[0] == '-' }

// take reads the first argument, with its value when that is one of its own, and says how many it used.
func (n *normalizer) take(args []string) (used int, err error) {
	arg := args[0]
	switch {
	case arg == "--":
		n.files = append(n.files, args[1:]...)
		return len(args), nil
	case !isFlag(arg):
		n.files = append(n.files, arg)
		return 1, nil
	case strings.HasPrefix(arg, "--"):
		name, value, attached := strings.Cut(arg[2:], "=")
		return n.long(strings.ReplaceAll(name, "_", "-"), value, attached, args[1:])
	default:
		return n.short(arg, args[1:])
	}
}

// long takes --name, --name=value and --name value.
func (n *normalizer) long(name, value string, attached bool, rest []string) (int, error) {
	f := n.find(name)
	if f == nil || len(name) == 1 {
		return 0, n.unknown("--" + name)
	}
	switch {
	case attached:
		n.addFlag(name + "=" + value)
		return 1, nil
	case takesNoValue(f):
		n.addFlag(name)
		return 1, nil
	case takesAttachedOnly(f):
		n.addFlag(name + "=" + bareValue)
		return 1, nil
	case len(rest) == 0:
		return 0, &usageError{text: fmt.Sprintf("--%s needs a value", name)}
	}
	n.addFlag(name + "=" + rest[0])
	return 2, nil
}

// short takes -x, -xVALUE and -x VALUE, and several flags without value in one: -xy.
func (n *normalizer) short(arg string, rest []string) (int, error) {
	for i, letter := range arg[1:] {
		f := n.find(string(letter))
		if f == nil {
			return 0, n.unknown("-" + string(letter))
		}
		name := f.Names()[0]
		if takesNoValue(f) {
			n.addFlag(name)
			continue
		}
		if value := arg[1+i+len(string(letter)):]; value != "" {
			n.addFlag(name + "=" + value)
			return 1, nil
		}
		return n.long(name, "", false, rest)
	}
	return 1, nil
}

func (n *normalizer) addFlag(flag string) {
	if n.command == nil {
		n.before = append(n.before, "--"+flag)
	} else {
		n.flags = append(n.flags, "--"+flag)
	}
}

// known are the flags that may stand here.
func (n *normalizer) known() []cli.Flag {
	own := n.global
	if n.command != nil {
		own = n.command.Flags
	}
	return append([]cli.Flag{cli.HelpFlag}, own...)
}

func (n *normalizer) find(name string) cli.Flag {
	for _, f := range n.known() {
		for _, own := range f.Names() {
			if own == name {
				return f
			}
		}
	}
	return nil
}

func takesNoValue(f cli.Flag) bool {
	_, ok := f.(*cli.BoolFlag)
	return ok
}

func takesAttachedOnly(f cli.Flag) bool {
	_, ok := f.(attachedFlag)
	return ok
}

func (n *normalizer) unknown(flag string) error {
	e := &usageError{text: "unknown flag " + flag}
	var names []string
	for _, f := range n.known() {
		for _, name := range f.Names() {
			if len(name) > 1 {
				names = append(names, "--"+name)
			}
		}
	}
	if near := nearest(flag, names); near != "" && len(flag) > 2 {
		e.hint = "did you mean " + near + "?"
	}
	return e
}
