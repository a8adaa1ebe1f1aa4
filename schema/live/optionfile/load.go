package optionfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Files are files to take options from, one after the other.
type Files struct {
	Groups  []string // the wanted ones
	Options []Option // what was found
	Ignored []string // why files were skipped, as the clients do; for people
}

// AddFile takes the options of a file and of those that it includes. A file that everybody may write is skipped.
func (f *Files) AddFile(name string) error { return f.addFile(name, 0) }

// maxDepth is how many files may include each other, as the clients have it.
const maxDepth = 10

func (f *Files) addFile(name string, depth int) error {
	file, err := f.open(name, worldWritable)
	if err != nil || file == nil {
		return err
	}
	defer file.Close()
	p := parser{groups: f.Groups, into: &f.Options, include: func(directive, in string, line int) error {
		if depth == maxDepth {
			return syntaxError(in, line, fmt.Sprintf("more than %d files that include each other", maxDepth))
		}
		i := included{files: f, in: in, line: line, depth: depth + 1}
		return i.follow(directive)
	}}
	return p.read(file, name)
}

// AddLogin takes the options of a login file. One that others may read is skipped.
func (f *Files) AddLogin(name string) error {
	file, err := f.open(name, notPrivate)
	if err != nil || file == nil {
		return err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxLogin+1))
	if err != nil {
		return err
	}
	plain, err := Reveal(text)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	options, err := Read(bytes.NewReader(plain), name, f.Groups...)
	f.Options = append(f.Options, options...)
	return err
}

// The bits of a file's mode with which the clients pass it over.
const (
	worldWritable fs.FileMode = 0o002
	notPrivate    fs.FileMode = 0o177
)

// open opens a file, and returns nil when its mode forbids to trust it.
func (f *Files) open(name string, forbidden fs.FileMode) (*os.File, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	switch {
	case err != nil:
	case info.IsDir():
		err = fmt.Errorf("%s is a folder", name)
	case info.Mode().IsRegular() && info.Mode().Perm()&forbidden != 0:
		f.Ignored = append(f.Ignored, fmt.Sprintf("%s is ignored, as the clients do: its mode is %#o", name, info.Mode().Perm()))
	default:
		return file, nil
	}
	file.Close()
	return nil, err
}

// included is a directive in a file.
type included struct {
	files *Files
	in    string
	line  int
	depth int
}

func (i *included) follow(directive string) error {
	word, argument, _ := strings.Cut(strings.TrimLeftFunc(directive, isSpace), " ")
	if at := strings.IndexFunc(word, isSpace); at >= 0 { // a tab
		word, argument = word[:at], word[at:]+" "+argument
	}
	argument = strings.TrimFunc(argument, isSpace)
	switch {
	case word != "include" && word != "includedir":
		return nil // the clients skip what they do not know
	case argument == "":
		return syntaxError(i.in, i.line, "!"+word+" names nothing")
	case word == "includedir":
		return i.folder(argument)
	}
	return i.file(argument)
}

// file takes a file where it can be read.
func (i *included) file(name string) error {
	err := i.files.addFile(name, i.depth)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case errors.Is(err, fs.ErrPermission):
		i.files.Ignored = append(i.files.Ignored, fmt.Sprintf("%s is ignored: it can't be read", name))
		return nil
	}
	return err
}

// folder takes the files of a folder that end in .cnf, by name.
func (i *included) folder(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return syntaxError(i.in, i.line, "!includedir: "+err.Error())
	}
	for _, e := range entries {
		if filepath.Ext(e.Name()) != ".cnf" {
			continue
		}
		if err := i.file(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}
