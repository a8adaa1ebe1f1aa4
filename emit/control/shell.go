package control

import (
	"strings"

	text "binmend/decoder/words"
	"binmend/schema"
)

// Compare returns the shell commands that compare the tables with the source's, as an Alternative. Tables whose names these tools
// can't take are left out.
func Compare(tables []*schema.Table) (Alternative, bool) {
	var names []string
	var sync []string
	for _, t := range tables {
		if !toolName(t.Database) || !toolName(t.Name) {
			continue
		}
		names = append(names, t.FullName())
		sync = append(sync, "# pt-table-sync --print --sync-to-master "+
			text.ShellQuote("h=REPLICA_HOST,D="+t.Database+",t="+t.Name))
	}
	if len(names) == 0 {
		return Alternative{}, false
	}
	checksum := "# pt-table-checksum --tables=" + text.ShellQuote(strings.Join(names, ",")) + " h=SOURCE_HOST"
	return Alternative{
		Title: "Compare the touched tables with the source's, whole, once the replica has caught up",
		Price: "It reads every row on both servers and writes its results to a table of its own. Where rows differ, " +
			"pt-table-sync prints the statements that make them equal; it works through the source and needs a unique key.",
		Lines: append([]string{checksum}, sync...),
	}, true
}

// toolName reports whether the tools can take a name: commas, dots and equal signs have a special meaning in their arguments, and
// characters outside visible ASCII might not survive a terminal.
func toolName(name string) bool {
	for i := 0; i < len(name); i++ {
		if c := name[i]; c <= ' ' || c > '~' || strings.IndexByte(`,.=\`, c) >= 0 {
			return false
		}
	}
	return name != ""
}
