package compare

import (
	"context"
	"io"
	"path/filepath"
	"slices"

	"binmend/decoder"
	"binmend/decoder/fetch"
	"binmend/decoder/logfile"
	"binmend/decoder/remote"
	"binmend/decoder/txn"
	"binmend/emit/repair"
)

// fetched is a part of the source's log in files.
type fetched struct {
	first  string // the source's log that it begins with
	opener logfile.Opener
}

// fetch copies the source's log if no logs were given. Called again, it copies what was written since. Afterwards the copy has
// everything that the replica has applied by now.
func (c *comparison) fetch(ctx context.Context) error {
	o := &c.options
	if c.fetched == nil && len(o.Range.Names) > 0 {
		c.result.Logs = o.Range.Names
		return nil
	}
	if c.fetched == nil {
		first, err := c.firstLog(ctx)
		if err != nil {
			return err
		}
		c.fetched = &fetched{first: first, opener: o.Range.Opener}
	}
	request := remote.Request{File: c.fetched.first, Pos: int64(len(logfile.Magic))}
	names := o.Range.Names
	if n := len(names); n > 0 { // its last log may have grown
		request.File = filepath.Base(names[n-1])
		names = names[:n-1]
	}
	conn, err := c.connect(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	dir, err := o.Folder()
	if err != nil {
		return err
	}
	logs, err := fetch.Part(conn, request, dir, c.fetched.opener, func(txn.Transaction) bool { return false })
	if err != nil {
		return err
	}
	logs.Names = append(slices.Clone(names), logs.Names...)
	o.Range.Logs = logs
	c.result.Logs, c.result.Fetched = logs.Names, conn.Name()
	return nil
}

// connect makes a connection for a dump of the source's log.
func (c *comparison) connect(ctx context.Context) (*remote.Conn, error) {
	endpoint, err := c.options.Source.Endpoint()
	if err != nil {
		return nil, err
	}
	return remote.Connect(ctx, repair.AsReplica(endpoint))
}

// firstLog is the source's log to begin with: its first or, with a time, the log before the last one that was created before
// that time. A transaction has the time when it began, and may be in the next log.
func (c *comparison) firstLog(ctx context.Context) (string, error) {
	var names []string
	err := c.options.Source.Select(ctx, "SHOW BINARY LOGS", func(values [][]byte) error {
		names = append(names, string(values[0]))
		return nil
	})
	if err != nil || len(names) == 0 || c.options.From == 0 {
		return "", err
	}
	low, high := 0, len(names) // the log at low-1 was created before the time, the one at high was not
	for low < high {
		middle := (low + high) / 2
		begun, err := c.begunAt(ctx, names[middle])
		if err != nil {
			return "", err
		}
		if begun <= c.options.From {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return names[max(0, low-2)], nil
}

// begunAt is when a log of the source was created.
func (c *comparison) begunAt(ctx context.Context, name string) (uint32, error) {
	conn, err := c.connect(ctx)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	if err := conn.Dump(remote.Request{File: name, Pos: int64(len(logfile.Magic))}); err != nil {
		return 0, err
	}
	e, err := decoder.NewReader(conn).Next()
	if err == io.EOF {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return e.Timestamp, nil
}
