package script

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"binmend/decoder/atomicfile"
	"binmend/emit/repair"
	"binmend/emit/tempdir"
)

// Job is a repair to make, and what to write.
type Job struct {
	Repair  repair.Options
	Script  Options
	JSON    bool   // write the script in parts, as JSON
	Undo    string // the file for the script that takes the repair back; "" for none
	Keep    string // the file for the rows that the script removes; "" for none
	Folders *tempdir.Folders
}

// privateMode is for files with rows of the replica: only the owner may read them.
const privateMode = 0o600

// CheckFiles makes sure that no file of the job takes the place of another.
func (j *Job) CheckFiles() error {
	if j.Undo != "" && j.Keep != "" && filepath.Clean(j.Undo) == filepath.Clean(j.Keep) {
		return fmt.Errorf("the undo script and the rows to keep are to be written to one file, %s", filepath.Clean(j.Keep))
	}
	return nil
}

// Run makes the repair and writes its files, then its script: whoever has the script also has the files. If the error is
// repair.Run's, nothing was written.
func (j *Job) Run(ctx context.Context, out io.Writer) (*repair.Repair, error) {
	folder := j.Folders.Lend()
	defer folder.Remove()
	j.Repair.Folder = folder.Make
	r, err := repair.Run(ctx, j.Repair)
	if err != nil {
		return nil, err
	}
	if r.Probed != nil {
		if err := j.writeFile(j.Undo, r, WriteUndo); err != nil {
			return nil, fmt.Errorf("the undo script: %w", err)
		}
		if err := j.writeFile(j.Keep, r, writeRemoved); err != nil {
			return nil, fmt.Errorf("the rows to keep: %w", err)
		}
	}
	if j.JSON {
		return r, writeJSON(out, r, j.Script)
	}
	return r, Write(out, r, j.Script)
}

// writeFile writes a file that accompanies the script, atomically.
func (j *Job) writeFile(name string, r *repair.Repair, write func(io.Writer, *repair.Repair, Options) error) error {
	if name == "" {
		return nil
	}
	return atomicfile.Write(name, privateMode, func(w io.Writer) error { return write(w, r, j.Script) })
}
