package app

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/urfave/cli/v2"

	"binmend/decoder"
	"binmend/decoder/crypt"
	"binmend/decoder/logfile"
)

// readFlags say how logs are opened. The keys of encrypted ones come from files: a command line is for everybody to see.
func readFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "keyring",
			Usage: "`FILE` with keys for MySQL's encrypted logs; may be repeated"},
		&cli.StringFlag{Name: "file-key", Usage: "`FILE` with keys for MariaDB's encrypted logs"},
		&cli.Uint64Flag{Name: "max-inflated", DefaultText: "48 MiB",
			Usage: "let a compressed event grow to `BYTES`"},
		&cli.StringFlag{Name: "file-key-password", Usage: "`FILE` with the password of an encrypted --file-key"},
	}
}

// keyError: a file with keys is not what it should be.
type keyError struct {
	file string
	err  error
	hint string
}

func (e *keyError) Error() string { return e.file + ": " + e.err.Error() }
func (e *keyError) Unwrap() error { return e.err }
func (e *keyError) Hint() string  { return e.hint }

// openerOf reads the files with keys that the command line names.
func openerOf(c *cli.Context) (logfile.Opener, error) {
	keyring, err := readKeyrings(c.StringSlice("keyring"))
	if err != nil {
		return logfile.Opener{}, err
	}
	keyFile, err := readKeyFile(c.String("file-key"), c.String("file-key-password"))
	return logfile.Opener{Keyring: keyring, KeyFile: keyFile, MaxInflated: c.Uint64("max-inflated"), Growing: growingNote(c.App.ErrWriter, c.Command.Name)}, err
}

// growingNote says once that the last log is still being written, and where the reading ended.
func growingNote(w io.Writer, command string) func(decoder.Position) {
	var once sync.Once
	return func(pos decoder.Position) {
		once.Do(func() {
			fmt.Fprintf(w, "binmend: %s: note: %s is read up to %d; it ends inside the event there, as a log does that is being written\n",
				command, printable(pos.File), pos.Offset)
		})
	}
}

func readKeyrings(names []string) (*crypt.Keyring, error) {
	if len(names) == 0 {
		return nil, nil
	}
	keyring := &crypt.Keyring{}
	for _, name := range names {
		text, err := readKeys("keyring", name)
		if err != nil {
			return nil, err
		}
		if err := keyring.Add(text); err != nil {
			return nil, &keyError{file: name, err: err, hint: "--keyring is the file that component_keyring_file.cnf names as its path"}
		}
	}
	return keyring, nil
}

func readKeyFile(name, passwordName string) (*crypt.KeyFile, error) {
	if name == "" && passwordName != "" {
		return nil, &usageError{text: "--file-key-password without --file-key"}
	}
	if name == "" {
		return nil, nil
	}
	text, err := readKeys("file-key", name)
	if err != nil {
		return nil, err
	}
	var password []byte
	if passwordName != "" {
		if password, err = readKeys("file-key-password", passwordName); err != nil {
			return nil, err
		}
	}
	keyFile, err := crypt.ParseKeyFile(text, crypt.TrimPassword(password))
	switch {
	case errors.Is(err, crypt.ErrPassword):
		err = &keyError{file: name, err: err, hint: "give --file-key-password FILE: what file_key_management_filekey is on the server, in a file"}
	case err != nil:
		err = &keyError{file: name, err: err, hint: "--file-key is the file that file_key_management_filename names"}
	}
	return keyFile, err
}

// maxKeys bounds a file with keys; the servers write no such one over a few kilobytes.
const maxKeys = 1 << 20

func readKeys(flag, name string) ([]byte, error) {
	if name == standardInput {
		return nil, &usageError{text: fmt.Sprintf("--%s reads files only, not standard input", flag)}
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxKeys+1))
	if err == nil && len(text) > maxKeys {
		err = &keyError{file: name, err: fmt.Errorf("expected at most %d bytes, found more", maxKeys), hint: fmt.Sprintf("--%s is not this file", flag)}
	}
	return text, err
}

// watched makes an opener report to the meter, and stop reading at Ctrl-C.
func (r *session) watched(o logfile.Opener, names []string) logfile.Opener {
	r.meter.Expect(names)
	o.Reading = func(file string, read int64) error {
		r.meter.Show(file, read)
		return r.ctx.Err()
	}
	return o
}
