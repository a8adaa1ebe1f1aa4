package arguments

import (
	"strings"

	"github.com/kballard/go-shellquote"
)

// Shown is a command line as a shell takes it, for those who read a report: without passwords.
func Shown(words []string) string {
	var shown []string
	for _, word := range words {
		if name, _, attached := strings.Cut(word, "="); attached && strings.HasSuffix(name, "password") || strings.HasPrefix(word, "-p") {
			word = "-p"
		}
		shown = append(shown, word)
	}
	return shellquote.Join(shown...)
}
