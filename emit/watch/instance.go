package watch

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"slices"
	"time"

	"github.com/cenkalti/backoff/v5"

	"binmend/schema/replica"
)

// watched is an instance and what was seen of it.
type watched struct {
	Instance
	watcher  *Watcher
	place    *place
	log      *slog.Logger
	channels map[string]*channel
	trouble  trouble
	found    bool // an error was seen
	scripts  int  // written

	reached bool           // at the last look
	seen    []ChannelState // then
}

// channel is what was seen of a channel.
type channel struct {
	stream   string
	failing  failing // the last one seen; the zero value: none so far
	stands   bool    // it was there at the last look
	script   string  // the name of its script; "" when there is none yet
	noScript trouble
}

// trouble is an error that may occur at every look: it is logged again only when it changes.
type trouble struct {
	text  string
	since time.Time
}

// isNews takes an error, and says whether it is another one.
func (t *trouble) isNews(err error) bool {
	if t.text == err.Error() {
		return false
	}
	if t.text == "" {
		t.since = time.Now()
	}
	t.text = err.Error()
	return true
}

// maxWait is the longest time between two attempts at a replica that does not answer.
const maxWait = 2 * time.Minute

// watch looks at the instance again and again until the context ends. What fails is tried again later and later.
func (i *watched) watch(ctx context.Context) {
	interval := i.watcher.config.Interval
	later := &backoff.ExponentialBackOff{
		InitialInterval: interval, MaxInterval: max(maxWait, interval), Multiplier: 2,
	}
	i.log.Info("watching", "interval", interval)
	for {
		wait := interval
		if err := i.look(ctx); err != nil {
			wait = later.NextBackOff()
		} else {
			later.Reset()
		}
		select {
		case <-ctx.Done():
			i.log.Info("no longer watching")
			return
		case <-time.After(wait):
		}
	}
}

// visit asks the replica for its status, and writes the missing scripts. Every look makes a new connection: a restarted server may
// have another version, and its files elsewhere.
func (i *watched) visit(ctx context.Context) error {
	r, statuses, err := i.ask(ctx)
	switch {
	case err != nil && ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		if i.trouble.isNews(err) {
			i.warn("not reached", err)
		}
		return err
	}
	defer r.Close()
	i.reached = true
	if i.trouble.text != "" {
		i.log.Info("reached again", "after", time.Since(i.trouble.since).Round(time.Second))
		i.trouble = trouble{}
	}
	return i.see(ctx, r, statuses)
}

func (i *watched) ask(ctx context.Context) (Replica, []*replica.Status, error) {
	r, err := i.Connect(ctx)
	if err != nil {
		return nil, nil, err
	}
	statuses, err := r.Status(ctx)
	if err == nil {
		statuses, err = i.wanted(statuses)
	}
	if err != nil {
		r.Close()
	}
	return r, statuses, err
}

// wanted are the channels to watch.
func (i *watched) wanted(all []*replica.Status) ([]*replica.Status, error) {
	name := i.watcher.config.Channel
	if name == "" {
		return all, nil
	}
	s, err := replica.Named(all, name)
	return []*replica.Status{s}, err
}

// see goes through the channels. An error of one does not keep the others from their scripts.
func (i *watched) see(ctx context.Context, r Replica, statuses []*replica.Status) error {
	var errs []error
	present := map[string]bool{}
	for _, s := range statuses {
		present[s.Channel] = true
		errs = append(errs, i.seeChannel(ctx, r, s))
	}
	for name := range i.channels {
		if !present[name] {
			delete(i.channels, name)
		}
	}
	return cmp.Or(errs...)
}

func (i *watched) seeChannel(ctx context.Context, r Replica, s *replica.Status) error {
	c := i.channels[s.Channel]
	if c == nil {
		c = &channel{stream: streamName(i.place.instance, s.Channel)}
		i.channels[s.Channel] = c
	}
	defer i.note(s, c)
	e, message, stopped := failingOf(s)
	if !stopped {
		if c.stands {
			i.log.Info("the error is gone", "channel", s.Channel, "receiver", s.IORunning, "applier", s.SQLRunning)
		}
		i.log.Debug("not stopped", "channel", s.Channel, "receiver", s.IORunning, "applier", s.SQLRunning, "message", message)
		c.stands, c.noScript = false, trouble{}
		return nil
	}
	i.found = true
	if !c.stands || c.failing != e {
		i.log.Warn("stopped", "channel", s.Channel, "thread", e.thread, "error", e.errno, "at", e.place, "message", message)
		if err := i.meet(c, e); err != nil {
			return err
		}
	}
	if c.script != "" && i.place.has(c.script) {
		i.log.Debug("the error still stands", "channel", s.Channel, "script", i.place.path(c.script))
		return nil
	}
	return i.repair(ctx, r, s, c)
}

// meet makes an error the channel's last one. It has a script when it was that already, or when an earlier watcher has
// left one.
func (i *watched) meet(c *channel, e failing) error {
	first := c.failing == failing{}
	if c.failing != e {
		c.script, c.noScript = "", trouble{}
	}
	c.failing, c.stands = e, true
	if first {
		last, err := i.place.last(c.stream, i.watcher.extension())
		if err != nil {
			return err
		}
		if errorOf(last, c.stream, i.watcher.extension()) == e.suffix(i.watcher.extension()) {
			c.script = last
		}
	}
	if c.script != "" && i.place.has(c.script) {
		i.log.Info("its script is there", "script", i.place.path(c.script))
	}
	return nil
}

func (i *watched) repair(ctx context.Context, r Replica, s *replica.Status, c *channel) error {
	select {
	case i.watcher.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	remark := ""
	name := scriptName(c.stream, time.Now(), c.failing.suffix(i.watcher.extension()))
	err := i.place.write(name, func(w io.Writer) (err error) {
		remark, err = r.Repair(ctx, s, Output{untilDone{ctx, w}, i.place.path(undoName(name))})
		return err
	})
	<-i.watcher.slots
	if ctx.Err() != nil && err != nil {
		return ctx.Err()
	}
	if err != nil {
		if c.noScript.isNews(err) {
			i.warn("no script", err)
		}
		return err
	}
	c.script = name
	i.scripts++
	path := i.place.path(name)
	i.log.Info("script written", slices.Concat([]any{"script", path}, unlessEmpty("remark", remark))...)
	i.watcher.written(path)
	i.notify(ctx, path)
	return nil
}

// untilDone is a writer that takes nothing more once a context has ended.
type untilDone struct {
	ctx context.Context // io.Writer has no other place for it
	w   io.Writer
}

func (u untilDone) Write(b []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.w.Write(b)
}

// notify runs the command for a script. It is not retried.
func (i *watched) notify(ctx context.Context, script string) {
	notify := i.watcher.config.Notify
	if notify == nil {
		return
	}
	if err := notify(ctx, script); err != nil {
		i.log.Error("not notified", "script", script, "cause", err)
		return
	}
	i.log.Info("notified", "script", script)
}

func (i *watched) warn(what string, err error) {
	i.log.Warn(what, slices.Concat([]any{"cause", err}, unlessEmpty("hint", i.watcher.hint(err)))...)
}

func unlessEmpty(key, value string) []any {
	if value == "" {
		return nil
	}
	return []any{key, value}
}
