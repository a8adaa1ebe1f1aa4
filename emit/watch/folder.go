package watch

import (
	"bufio"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"binmend/decoder/atomicfile"
	"binmend/decoder/fault"
)

// place is the part of the folder that belongs to one instance.
type place struct {
	root     *os.Root // all of the folder: no name leads out of it
	instance string   // what the names of its files begin with
	lock     *flock.Flock
	log      *os.File
}

// scriptMode is that of all files: rows of a database stand in them.
const scriptMode = 0o600

// openPlace takes the instance's lock, or fails with ErrLocked, and removes what a killed process has left.
func openPlace(root *os.Root, address string) (_ *place, err error) {
	p := &place{root: root, instance: instanceName(address)}
	p.lock = flock.New(filepath.Join(root.Name(), p.instance+".lock"), flock.SetPermissions(scriptMode))
	locked, err := p.lock.TryLock()
	if err != nil {
		return nil, err
	}
	if !locked {
		return nil, &fault.Error{Reason: ErrLocked, What: fmt.Sprintf("%s is being watched by another process, which holds %s", address, p.lock.Path())}
	}
	defer func() {
		if err != nil {
			p.close()
		}
	}()
	if err := p.sweep(); err != nil {
		return nil, err
	}
	p.log, err = root.OpenFile(p.instance+".log", os.O_APPEND|os.O_CREATE|os.O_WRONLY, scriptMode)
	return p, err
}

func (p *place) close() error {
	if p.log != nil {
		p.log.Close()
	}
	return p.lock.Close()
}

// pending matches what follows the instance in the name that a script has while it is written.
var pending = regexp.MustCompile(`^[.+].*\.(?:sql|json|undo)\d+$`)

// sweep removes scripts that were never whole.
func (p *place) sweep() error {
	names, err := p.names()
	if err != nil {
		return err
	}
	for _, name := range names {
		rest, ours := strings.CutPrefix(name, "."+p.instance)
		if ours && pending.MatchString(rest) {
			if err := p.root.Remove(name); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *place) names() ([]string, error) {
	entries, err := fs.ReadDir(p.root.FS(), ".")
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, err
}

// last is the newest script of a channel, "" when there is none.
func (p *place) last(stream, extension string) (string, error) {
	names, err := p.names() // sorted, and so by time
	newest := ""
	for _, name := range names {
		if errorOf(name, stream, extension) != "" {
			newest = name
		}
	}
	return newest, err
}

// newest is when the newest script of the instance was written; zero for none.
func (p *place) newest() (at time.Time) {
	names, _ := p.names() // what can't be listed has no time
	for _, name := range names {
		rest, ours := strings.CutPrefix(name, p.instance)
		if !ours || !finished.MatchString(rest) {
			continue
		}
		if info, err := p.root.Stat(name); err == nil && info.ModTime().After(at) {
			at = info.ModTime()
		}
	}
	return at
}

// finished matches what follows the instance in a script's name.
var finished = regexp.MustCompile(`^[.+].*\.(sql|json)$`)

// has reports whether a script is where it was written.
func (p *place) has(name string) bool {
	_, err := p.root.Stat(name)
	return err == nil
}

// write makes a script of what render writes. When that fails there is no file.
func (p *place) write(name string, render func(io.Writer) error) error {
	file, err := atomicfile.NewIn(p.root, name, scriptMode)
	if err != nil {
		return err
	}
	defer file.Cleanup()
	w := bufio.NewWriterSize(file, 64<<10)
	if err := render(w); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return file.CloseAtomicallyReplace()
}

func (p *place) path(name string) string { return filepath.Join(p.root.Name(), name) }
