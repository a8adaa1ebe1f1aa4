package app

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/urfave/cli/v2"
)

func (r *session) versionCommand() *cli.Command {
	return &cli.Command{
		Name:        "version",
		Usage:       "print the version",
		Description: "  binmend version",
		Action:      action(r.printVersion),
	}
}

// printVersion prints what the Go tool noted when it built the program.
func (r *session) printVersion() error {
	version, commit := "unknown", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				commit = ", commit " + s.Value[:min(len(s.Value), 12)]
			}
		}
	}
	_, err := fmt.Fprintf(r.out, "binmend %s (%s, %s/%s%s)\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH, commit)
	return err
}
