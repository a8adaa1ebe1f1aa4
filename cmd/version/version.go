// Package version says which binmend this is: release, commit and date, as set by make dist or as the Go tool noted them. It
// asks nobody whether there is a newer one.
package version

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"
)

// Set by make dist; empty in other builds.
var version, commit, date string

// Info identifies the program. Its JSON is what `binmend version --json` prints.
type Info struct {
	Format  int    `json:"version"` // of this JSON: it changes when a field is removed or changes its meaning
	Program string `json:"program"`
	Release string `json:"release"`          // v1.2.3, or (devel)
	Commit  string `json:"commit,omitempty"` // if it was built from a checkout
	Date    string `json:"date,omitempty"`   // when the commit was made
	Go      string `json:"go"`
	System  string `json:"system"`
}

// Read returns what make dist set, or else what the Go tool noted when it built the program.
func Read() Info {
	i := Info{Format: 1, Program: "binmend", Release: version, Commit: commit, Date: date,
		Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH}
	build, ok := debug.ReadBuildInfo()
	if !ok {
		i.Release = cmp.Or(i.Release, "(devel)")
		return i
	}
	i.Release = cmp.Or(i.Release, build.Main.Version, "(devel)")
	for _, s := range build.Settings {
		switch s.Key {
		case "vcs.revision":
			i.Commit = cmp.Or(i.Commit, s.Value)
		case "vcs.time":
			i.Date = cmp.Or(i.Date, s.Value)
		}
	}
	return i
}

// String is one line for people.
func (i Info) String() string {
	return fmt.Sprintf("binmend %s, commit %s of %s, %s, %s",
		i.Release, cmp.Or(i.Commit, "unknown"), cmp.Or(i.Date, "an unknown date"), i.Go, i.System)
}

// Writer is which program wrote a file, in the form that readers of Parquet parse.
func (i Info) Writer() string {
	return fmt.Sprintf("binmend version %s (build %s)", strings.TrimPrefix(i.Release, "v"), cmp.Or(i.Commit, "unknown"))
}

// WriteJSON writes one object.
func (i Info) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(i)
}
