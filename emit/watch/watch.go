package watch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"binmend/decoder/fault"
	"binmend/schema/replica"
)

// Replica is a replica that answers.
type Replica interface {
	// Status reads the status of every channel.
	Status(context.Context) ([]*replica.Status, error)
	// Repair writes the script for the channel with the given status. The remark, if any, says what the script leaves to its reader.
	Repair(context.Context, *replica.Status, Output) (remark string, err error)
	Close() error
}

// Output is where a repair goes.
type Output struct {
	io.Writer        // the script
	Undo      string // the name of a file for the script that takes it back
}

// Instance is a replica to watch.
type Instance struct {
	Address string // HOST:PORT, or the path of a socket
	Connect func(context.Context) (Replica, error)
}

// Config says how to watch.
type Config struct {
	Dir      string        // for scripts, logs and locks; made when it is not there
	Interval time.Duration // between two looks at a replica
	Channel  string        // only this one; "" means all
	Log      io.Writer     // what was seen on all instances, beside their own logs
	Level    slog.Level    // LevelDebug reports every look
	JSON     bool          // the scripts are in the form of JSON

	Looked  func(Look)                                     // after each look, of several instances at a time; may be nil
	Written func(path string)                              // after each script; may be nil
	Notify  func(ctx context.Context, script string) error // after each script; may be nil
	Hint    func(error) string                             // what an error advises to do; may be nil
}

// Watcher watches instances. It holds their locks from New to Close.
type Watcher struct {
	config  Config
	root    *os.Root
	watched []*watched
	slots   chan struct{}
	mu      sync.Mutex // for config.Written
}

// atOnce bounds how many repairs are planned at a time: many replicas stop at the same transaction, and a plan of it is
// in memory for each.
const atOnce = 2

// The reasons why instances can't be watched.
var (
	ErrTwice  = fault.NewReason("an instance is given twice")
	ErrLocked = fault.NewReason("another process watches the instance")
)

// New opens the folder and locks the instances. The reason is ErrLocked when another process has one of them, and ErrTwice
// when they are not different ones.
func New(config Config, instances []Instance) (_ *Watcher, err error) {
	dir, err := filepath.Abs(config.Dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	w := &Watcher{config: config, slots: make(chan struct{}, atOnce)}
	if w.root, err = os.OpenRoot(dir); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			w.Close()
		}
	}()
	shared := slog.NewTextHandler(config.Log, logOptions(config.Level))
	known := map[string]bool{}
	for _, i := range instances {
		name := instanceName(i.Address)
		if known[name] {
			return nil, &fault.Error{Reason: ErrTwice, What: i.Address + " is given twice"}
		}
		known[name] = true
		p, err := openPlace(w.root, i.Address)
		if err != nil {
			return nil, err
		}
		own := slog.NewTextHandler(p.log, logOptions(config.Level))
		all := shared.WithAttrs([]slog.Attr{slog.String("instance", i.Address)})
		w.watched = append(w.watched, &watched{
			Instance: i, watcher: w, place: p,
			log: slog.New(slog.NewMultiHandler(own, all)), channels: map[string]*channel{},
		})
	}
	return w, nil
}

// logOptions make times those of the scripts' names: UTC, to the second.
func logOptions(level slog.Level) *slog.HandlerOptions {
	return &slog.HandlerOptions{Level: level, ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey && len(groups) == 0 {
			return slog.String(slog.TimeKey, a.Value.Time().UTC().Format(time.RFC3339))
		}
		return a
	}}
}

// Close gives the locks back. It is called when Once or Run has returned.
func (w *Watcher) Close() error {
	var errs []error
	for _, i := range w.watched {
		errs = append(errs, i.place.close())
	}
	return errors.Join(append(errs, w.root.Close())...)
}

// Found reports whether an error of a replica was seen.
func (w *Watcher) Found() bool {
	for _, i := range w.watched {
		if i.found {
			return true
		}
	}
	return false
}

// Once looks at each instance once. The error is that of the first instance that could not be looked at, or for whose
// error no script could be written; the others are looked at all the same.
func (w *Watcher) Once(ctx context.Context) error {
	errs := make([]error, len(w.watched))
	w.each(func(n int, i *watched) { errs[n] = i.look(ctx) })
	for n, err := range errs {
		if err != nil {
			return fmt.Errorf("%s: %w", w.watched[n].Address, err)
		}
	}
	return nil
}

// Run watches until the context ends.
func (w *Watcher) Run(ctx context.Context) {
	w.each(func(_ int, i *watched) { i.watch(ctx) })
}

// each does something for all instances at a time.
func (w *Watcher) each(do func(int, *watched)) {
	var all sync.WaitGroup
	for n, i := range w.watched {
		all.Go(func() { do(n, i) })
	}
	all.Wait()
}

// extension is the end of the scripts' names.
func (w *Watcher) extension() string {
	if w.config.JSON {
		return ".json"
	}
	return ".sql"
}

// written reports a script.
func (w *Watcher) written(path string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.config.Written != nil {
		w.config.Written(path)
	}
}

func (w *Watcher) hint(err error) string {
	if w.config.Hint == nil {
		return ""
	}
	return w.config.Hint(err)
}
