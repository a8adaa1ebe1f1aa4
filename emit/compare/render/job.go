package render

import (
	"context"
	"io"

	"binmend/decoder/atomicfile"
	"binmend/emit/compare"
)

// Job is a comparison and what to write about it.
type Job struct {
	Compare compare.Options
	Script  Options
	JSON    bool
	Page    string // file of the page; "" for none
}

// Run compares and writes: the script or JSON to out, the table to summary, of lines of at most width cells. The result is closed.
func (j *Job) Run(ctx context.Context, out, summary io.Writer, width int) (*compare.Result, error) {
	r, err := compare.Run(ctx, j.Compare)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if j.Page != "" {
		if err := atomicfile.Write(j.Page, 0o600, func(w io.Writer) error { return HTML(w, r) }); err != nil {
			return nil, err
		}
	}
	if j.JSON {
		err = JSON(out, r)
	} else {
		err = Script(out, r, j.Script)
	}
	if err != nil {
		return nil, err
	}
	return r, Text(summary, r, width)
}
