package watch

import (
	"context"
	"time"

	"binmend/schema/replica"
)

// Look is what one look at an instance has found.
type Look struct {
	Address    string
	Reached    bool
	Err        error // the replica did not answer, or a script could not be written; nil: neither
	Channels   []ChannelState
	Scripts    int       // written since the watcher was made
	LastScript time.Time // when the newest script in the folder was written; zero for none
}

// ChannelState is a channel at a look.
type ChannelState struct {
	Name              string
	Receiver, Applier string // whether they run: Yes, No, Connecting …, as the server says
	Thread            string // the one that has stopped with an error
	Errno             int    // of that error; 0: no thread has stopped with one
	Script            string // the path of its script; "" for none
}

// look looks at the instance and tells of it.
func (i *watched) look(ctx context.Context) error {
	i.reached, i.seen = false, nil
	err := i.visit(ctx)
	if tell := i.watcher.config.Looked; tell != nil && ctx.Err() == nil {
		tell(Look{Address: i.Address, Reached: i.reached, Err: err, Channels: i.seen, Scripts: i.scripts, LastScript: i.place.newest()})
	}
	return err
}

// note keeps what was seen of a channel.
func (i *watched) note(s *replica.Status, c *channel) {
	state := ChannelState{Name: s.Channel, Receiver: s.IORunning, Applier: s.SQLRunning}
	if c.stands {
		state.Thread, state.Errno = c.failing.thread.String(), c.failing.errno
		if c.script != "" && i.place.has(c.script) {
			state.Script = i.place.path(c.script)
		}
	}
	i.seen = append(i.seen, state)
}
