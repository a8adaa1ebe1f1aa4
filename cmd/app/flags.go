package app

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"binmend/cmd/arguments"
	"binmend/decoder"
	"binmend/decoder/filter"
	"binmend/decoder/gtid"
	"binmend/schema/live"
)

// Each command declares its flags together with the variables that they set, so that what it does knows no command line.

// action is what a command does when its flags are set.
func action(do func() error) cli.ActionFunc { return func(*cli.Context) error { return do() } }

// given keeps the value of a flag for which it counts whether it is given: nil when it is not.
func given[T any](value **T) func(*cli.Context, T) error {
	return func(_ *cli.Context, v T) error {
		*value = &v
		return nil
	}
}

// givenAs keeps the value of a flag under a name.
func givenAs(values map[string]string, name string) func(*cli.Context, string) error {
	return func(_ *cli.Context, v string) error {
		values[name] = v
		return nil
	}
}

// attachedFlag is a flag whose value can only be attached, as in -pSECRET and --password=SECRET. Given bare, its value
// is bareValue.
type attachedFlag struct{ *cli.StringFlag }

const bareValue = live.AskPassword

// readLine reads the arguments that follow the program's name, against the flags that the commands declare.
func readLine(app *cli.App, args []string) (arguments.Line, error) {
	g := arguments.Grammar{Global: grammarOf(app.Flags), Help: arguments.Flag{Names: cli.HelpFlag.Names(), NoValue: true}, Bare: bareValue}
	for _, c := range app.Commands {
		g.Commands = append(g.Commands, arguments.Command{Names: c.Names(), Flags: grammarOf(c.Flags)})
	}
	line, err := g.Read(args)
	return line, asUsage(err)
}

func grammarOf(flags []cli.Flag) (list []arguments.Flag) {
	for _, f := range flags {
		_, isBool := f.(*cli.BoolFlag)
		_, isAttached := f.(attachedFlag)
		list = append(list, arguments.Flag{Names: f.Names(), NoValue: isBool, AttachedOnly: isAttached})
	}
	return list
}

// standardInput, or output, is the name that stands for it on the command line.
const standardInput, standardOutput = "-", "-"

func colorFlag(when *string) cli.Flag {
	return &cli.StringFlag{Name: "color", Value: "auto", DefaultText: "auto", Destination: when,
		Usage: "colour the comments `WHEN`: auto, always or never"}
}

// checkColor validates --color.
func checkColor(when string) error {
	switch when {
	case "auto", "always", "never":
		return nil
	default:
		return &usageError{text: fmt.Sprintf("--color: expected auto, always or never, found %q", when)}
	}
}

// flagReader reads the values of flags; the first that is wrong is its error.
type flagReader struct{ err error }

func (r *flagReader) fail(flag string, err error) {
	if r.err == nil {
		r.err = &usageError{text: fmt.Sprintf("--%s: %v", flag, err)}
	}
}

// parse reads a value; nil is one that is not given, and has the zero value.
func parse[T any](r *flagReader, flag string, text *string, read func(string) (T, error)) (value T) {
	if text == nil {
		return value
	}
	value, err := read(*text)
	if err != nil {
		r.fail(flag, err)
	}
	return value
}

// parseAll reads each value of a flag that may be repeated.
func parseAll[T any](r *flagReader, flag string, texts []string, read func(string) (T, error)) (values []T) {
	for _, text := range texts {
		values = append(values, parse(r, flag, &text, read))
	}
	return values
}

func (r *flagReader) numbers(flag string, texts []string) (list []uint32) {
	for _, text := range texts {
		list = append(list, parseAll(r, flag, strings.Split(text, ","), readNumber)...)
	}
	return list
}

func readNumber(text string) (uint32, error) {
	n, err := strconv.ParseUint(strings.TrimSpace(text), 10, 32)
	if err != nil {
		return 0, fmt.Errorf("expected a number up to %d, found %q", uint32(math.MaxUint32), text)
	}
	return uint32(n), nil
}

func (r *flagReader) patterns(flag string, texts []string) []filter.Pattern {
	return parseAll(r, flag, texts, filter.ParsePattern)
}

// readGTID reads the value of --gtid.
func readGTID(text string) (gtid.GTID, error) {
	id, err := gtid.Parse(text)
	if err != nil {
		err = &usageError{text: fmt.Sprintf("--gtid: %v", err), hint: "one GTID, as uuid:7, uuid:tag:7 or 0-1-7"}
	}
	return id, err
}

// readVersion reads the version of a server; the zero value when it is not given.
func readVersion(flag string, text *string) (v decoder.Version, err error) {
	if text == nil {
		return v, nil
	}
	v, ok := decoder.ParseVersion(*text)
	if !ok {
		err = &usageError{text: fmt.Sprintf("--%s: expected a version such as 8.4.3 or 10.11.6-MariaDB, found %q", flag, *text),
			hint: "SELECT @@version prints it"}
	}
	return v, err
}
