package words

import "strings"

// ShellQuote quotes an argument for a POSIX shell, without a backslash.
func ShellQuote(arg string) string { return "'" + strings.ReplaceAll(arg, "'", `'"'"'`) + "'" }

// ShellArgument is an argument of a command that a person may copy into a shell: as it is where that has nothing for a shell to act on.
func ShellArgument(arg string) string {
	isPlain := func(c rune) bool {
		return c < 0x80 && (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("_./:@%+=,-", c))
	}
	if arg == "" || arg[0] == '-' && arg != "-" || strings.ContainsFunc(arg, func(c rune) bool { return !isPlain(c) }) {
		return ShellQuote(arg)
	}
	return arg
}
