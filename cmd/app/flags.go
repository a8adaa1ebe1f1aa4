package app

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"binmend/cmd/arguments"
	"binmend/decoder"
	"binmend/decoder/gtid"
	"binmend/emit/control"
	"binmend/schema/live"
)

// Each command declares its flags together with the variables that they set. Its action sees only these variables.

// action wraps what a command does once its flags are set.
func action(do func() error) cli.ActionFunc { return func(*cli.Context) error { return do() } }

// given keeps the value of a flag, nil when it is not given.
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

// readAs reads the value of a flag; one that can't be read is a usage error.
func readAs[T any](name string, value *T, read func(string) (T, error)) func(*cli.Context, string) error {
	return func(_ *cli.Context, text string) (err error) {
		if *value, err = read(text); err != nil {
			return &usageError{text: "--" + name + ": " + err.Error(), hint: hintOf(err)}
		}
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
		_, isSlice := f.(*cli.StringSliceFlag)
		isNumber := false
		switch f.(type) {
		case *cli.IntFlag, *cli.Int64Flag, *cli.Uint64Flag:
			isNumber = true
		}
		list = append(list, arguments.Flag{Names: f.Names(), NoValue: isBool, AttachedOnly: isAttached, Repeats: isSlice, IsNumber: isNumber,
			LastCounts: live.Reaches(f.Names()[0]), MayBeEmpty: isAttached || f.Names()[0] == "channel" || f.Names()[0] == "max-load"})
	}
	return list
}

// standardInput stands for standard input or output on the command line.
const standardInput, standardOutput = "-", arguments.StandardOutput
const page, metrics, never = arguments.Page, arguments.Metrics, arguments.Never // what an outputFlag replaces

// bytesFlag is a flag with a size in bytes.
func bytesFlag(name, otherwise, usage string, size *uint64) cli.Flag {
	return &cli.StringFlag{Name: name, Action: readAs(name, size, arguments.Bytes), DefaultText: otherwise, Usage: usage}
}

// outputFlag is a flag with the name of a file to write, of which replaced says whether one that exists is replaced: see arguments.Output.
func outputFlag(name, replaced, usage string, file *string) cli.Flag {
	return &cli.StringFlag{Name: name, Action: readAs(name, file, arguments.Output(replaced)), Usage: usage}
}

func jsonFlag(asJSON *bool, usage string) cli.Flag {
	return &cli.BoolFlag{Name: "json", Destination: asJSON, Usage: usage, DisableDefaultText: true}
}

func colorFlag(when *string) cli.Flag {
	return &cli.StringFlag{Name: "color", Value: "auto", DefaultText: "auto", Destination: when, Action: readAs("color", when, readColor),
		Usage: "colour what stands out `WHEN`: auto, always or never"}
}

func readColor(when string) (string, error) {
	if when != "auto" && when != "always" && when != "never" {
		return "", fmt.Errorf("expected auto, always or never, found %q", when)
	}
	return when, nil
}

func platformFlag(platform *control.Platform) cli.Flag {
	return &cli.StringFlag{Name: "platform", Action: readAs("platform", platform, control.ParsePlatform), DefaultText: "detected",
		Usage: "the replica's `SERVICE`: " + control.PlatformList()}
}

// readGTID reads the value of --gtid.
func readGTID(text string) (gtid.GTID, error) {
	id, err := gtid.Parse(text)
	if err != nil {
		err = &usageError{text: fmt.Sprintf("--gtid: %v", err), hint: "one GTID, as uuid:7, uuid:tag:7 or 0-1-7"}
	}
	return id, err
}

// readVersion reads the version of a server.
func readVersion(text string) (v decoder.Version, err error) {
	v, ok := decoder.ParseVersion(text)
	if !ok {
		err = &usageError{text: fmt.Sprintf("expected a version such as 8.4.3 or 10.11.6-MariaDB, found %q", text), hint: "SELECT @@version prints it"}
	}
	return v, err
}
