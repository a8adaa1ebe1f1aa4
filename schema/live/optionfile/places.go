package optionfile

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"binmend/decoder/fault"
)

// Places are where the options of a program stand.
type Places struct {
	File      string   // read instead of the files of the machine and of the user; "" for none
	Machine   []string // the machine's files, where they exist
	Home      string   // the user's folder; "" when there is none
	LoginFile string   // "": .mylogin.cnf in Home
	LoginPath string   // a group that the login file must have; "" for none
}

// ErrNoLoginPath: the login file does not have the login path.
var ErrNoLoginPath = fault.NewReason("the login file has no such login path")

// AddPlaces takes the options of the option files and then those of the login file.
func (f *Files) AddPlaces(p Places) error {
	if err := f.addFiles(p); err != nil {
		return err
	}
	return f.addLoginPath(p)
}

func (f *Files) addFiles(p Places) error {
	if p.File != "" {
		return f.AddFile(p.File)
	}
	for _, name := range p.Machine {
		err := f.AddFile(name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
			return err
		}
	}
	if p.Home == "" {
		return nil
	}
	if err := f.AddFile(filepath.Join(p.Home, ".my.cnf")); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (f *Files) addLoginPath(p Places) error {
	name := p.LoginFile
	if name == "" && p.Home != "" {
		name = filepath.Join(p.Home, ".mylogin.cnf")
	}
	if p.LoginPath != "" {
		f.Groups = append(f.Groups, p.LoginPath)
	}
	read := len(f.Options)
	err := f.AddLogin(name)
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	case p.LoginPath == "" || slices.ContainsFunc(f.Options[read:], func(o Option) bool { return o.Group == p.LoginPath }):
		return nil
	}
	return &fault.Error{Reason: ErrNoLoginPath, Facts: fault.Facts{Name: p.LoginPath},
		What: fmt.Sprintf("expected a login path %q in %s, found none", p.LoginPath, cmp.Or(name, "~/.mylogin.cnf"))}
}
