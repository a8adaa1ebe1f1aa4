package manual

import (
	"fmt"
	"strings"
)

// Bash is a script that completes the program's command lines in bash. It needs no other package.
func (p Program) Bash() string {
	var b strings.Builder
	fmt.Fprintf(&b, `# bash completion for %[1]s
_%[1]s() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command= flags= i
	for ((i = 1; i < COMP_CWORD; i++)); do
		if [[ ${COMP_WORDS[i]} != -* ]]; then
			command=${COMP_WORDS[i]}
			break
		fi
	done
	COMPREPLY=()
	case $command in
	'')
		mapfile -t COMPREPLY < <(compgen -W '%[2]s' -- "$cur")
		return
		;;
	help)
		mapfile -t COMPREPLY < <(compgen -W '%[3]s' -- "$cur")
		return
		;;
`, p.Name, strings.Join(append(commandNames(p.Commands), flagNames(p.Flags)...), " "), strings.Join(p.names(), " "))
	for _, c := range p.Commands {
		if len(c.Flags) > 0 {
			fmt.Fprintf(&b, "\t%s)\n\t\tflags='%s'\n", c.Name, strings.Join(flagNames(c.Flags), " "))
			for _, values := range bashValues(c.Flags) {
				fmt.Fprintf(&b, "\t\t%s\n", values)
			}
			b.WriteString("\t\t;;\n")
		}
	}
	fmt.Fprintf(&b, `	esac
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$flags" -- "$cur")
		return
	fi
	compopt -o filenames 2>/dev/null
	mapfile -t COMPREPLY < <(compgen -f -- "$cur")
}
complete -F _%[1]s %[1]s
`, p.Name)
	return b.String()
}

// bashValues are the lines that complete those values of flags that are not files.
func bashValues(flags []Flag) (lines []string) {
	none := []string{}
	for _, f := range flags {
		switch list := f.choices(); {
		case f.Value == "" || f.takesFile():
		case f.takesFolder():
			lines = append(lines, fmt.Sprintf(`case $prev in %s) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$cur"); return ;; esac`, strings.Join(f.Names, "|")))
		case list != nil:
			lines = append(lines, fmt.Sprintf(`case $prev in %s) mapfile -t COMPREPLY < <(compgen -W '%s' -- "$cur"); return ;; esac`, strings.Join(f.Names, "|"), strings.Join(list, " ")))
		default:
			none = append(none, f.Names...)
		}
	}
	if len(none) > 0 {
		lines = append(lines, fmt.Sprintf("case $prev in %s) return ;; esac", strings.Join(none, "|")))
	}
	return lines
}

func commandNames(commands []Command) (names []string) {
	for _, c := range commands {
		names = append(names, c.Name)
	}
	return names
}

func flagNames(flags []Flag) (names []string) {
	for _, f := range flags {
		names = append(names, f.Names...)
	}
	return names
}

// Zsh is a script that completes the program's command lines in zsh.
func (p Program) Zsh() string {
	var b strings.Builder
	fmt.Fprintf(&b, "#compdef %[1]s\n\n_%[1]s() {\n\tlocal -a commands topics\n\tcommands=(\n", p.Name)
	for _, c := range p.Commands {
		fmt.Fprintf(&b, "\t\t%s\n", quote(c.Name+":"+strings.ReplaceAll(c.Usage, ":", `\:`)))
	}
	b.WriteString("\t)\n\ttopics=(\n")
	for _, t := range p.Topics {
		fmt.Fprintf(&b, "\t\t%s\n", quote(t.Name+":"+strings.ReplaceAll(t.Usage, ":", `\:`)))
	}
	b.WriteString("\t)\n\tif (( CURRENT == 2 )); then\n\t\t_describe -t commands command commands\n\t\treturn\n\tfi\n" +
		"\tlocal command=$words[2]\n\tshift words\n\t(( CURRENT-- ))\n\tcase $command in\n" +
		"\thelp)\n\t\t_describe -t commands command commands -- topics\n\t\t;;\n")
	for _, c := range p.Commands {
		if len(c.Flags) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\t%s)\n\t\t_arguments \\\n", c.Name)
		for _, f := range c.Flags {
			for _, name := range f.Names {
				fmt.Fprintf(&b, "\t\t\t%s \\\n", quote("*"+name+"["+zshText.Replace(f.Text)+"]"+f.zshValue()))
			}
		}
		b.WriteString("\t\t\t'*:file:_files'\n\t\t;;\n")
	}
	fmt.Fprintf(&b, "\tesac\n}\n\n_%[1]s \"$@\"\n", p.Name)
	return b.String()
}

var zshText = strings.NewReplacer(`\`, `\\`, `[`, `\[`, `]`, `\]`, `:`, `\:`)

func (f Flag) zshValue() string {
	switch list := f.choices(); {
	case f.Value == "":
		return ""
	case list != nil:
		return ":" + f.Value + ":(" + strings.Join(list, " ") + ")"
	case f.takesFile():
		return ":file:_files"
	case f.takesFolder():
		return ":folder:_files -/"
	}
	return ":" + zshText.Replace(f.Value) + ": "
}

// Fish is a script that completes the program's command lines in fish.
func (p Program) Fish() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# fish completion for %s\n", p.Name)
	for _, c := range p.Commands {
		fmt.Fprintf(&b, "complete -c %s -f -n __fish_use_subcommand -a %s -d %s\n", p.Name, c.Name, fishQuote(c.Usage))
	}
	fmt.Fprintf(&b, "complete -c %s -f -n '__fish_seen_subcommand_from help' -a %s\n", p.Name, fishQuote(strings.Join(p.names(), " ")))
	for _, c := range p.Commands {
		for _, f := range c.Flags {
			fmt.Fprintf(&b, "complete -c %s -n '__fish_seen_subcommand_from %s'%s%s -d %s\n", p.Name, c.Name, f.fishNames(), f.fishValue(), fishQuote(f.Text))
		}
	}
	return b.String()
}

func (f Flag) fishNames() (options string) {
	for _, name := range f.Names {
		if long, ok := strings.CutPrefix(name, "--"); ok {
			options += " -l " + long
		} else {
			options += " -s " + fishQuote(name[1:])
		}
	}
	return options
}

func (f Flag) fishValue() string {
	switch list := f.choices(); {
	case f.Value == "":
		return ""
	case list != nil:
		return " -x -a " + fishQuote(strings.Join(list, " "))
	case f.takesFolder():
		return " -x -a '(__fish_complete_directories)'"
	case f.takesFile():
		return " -r -F"
	}
	return " -x"
}

// quote quotes a word for a POSIX shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// fishQuote quotes a word for fish, which knows two escapes between single quotes.
func fishQuote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}
