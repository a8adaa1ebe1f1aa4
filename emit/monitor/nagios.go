package monitor

import (
	"fmt"
	"strings"

	"binmend/decoder/words"
	"binmend/emit/display"
	"binmend/emit/watch"
)

// The exit codes of a Nagios plugin.
const (
	OK = iota
	Warning
	Critical
	Unknown
)

var states = [...]string{"OK", "WARNING", "CRITICAL", "UNKNOWN"}

// Nagios is a plugin's line with performance data, and its exit code. CRITICAL: a replica has stopped with an error. Else UNKNOWN: a
// replica did not answer. Else WARNING: a thread does not run, or a script could not be written. err is an error that prevented
// looking at the replicas.
func Nagios(looks []watch.Look, err error) (line string, code int) {
	var t tally
	for _, l := range looks {
		t.addLook(l)
	}
	var said string
	switch {
	case t.stopped > 0:
		code, said = Critical, fmt.Sprintf("%s stopped: %s", words.Count(t.stopped, "replica channel"), strings.Join(t.errors, ", "))
	case t.unreached > 0:
		code, said = Unknown, fmt.Sprintf("%s not reached: %s", words.Count(t.unreached, "replica"), strings.Join(t.silent, ", "))
	case err != nil && len(looks) == 0:
		code, said = Unknown, err.Error()
	case err != nil:
		code, said = Warning, err.Error()
	case t.idle > 0:
		code, said = Warning, fmt.Sprintf("no error, but %s not running: %s", words.Count(t.idle, "thread"), strings.Join(t.threads, ", "))
	default:
		said = words.Count(t.channels, "replica channel") + " running"
	}
	said = strings.Join(strings.Fields(strings.ReplaceAll(said, "|", "/")), " ")
	return fmt.Sprintf("BINMEND %s - %s | stopped=%d;;0;0 unreached=%d;;;0 idle_threads=%d;0;;0 scripts=%d;;;0",
		states[code], display.Printable(said), t.stopped, t.unreached, t.idle, t.scripts), code
}

// tally counts what was seen.
type tally struct {
	channels, stopped, unreached, idle, scripts int
	errors, silent, threads                     []string
}

func (t *tally) addLook(l watch.Look) {
	t.scripts += l.Scripts
	if !l.Reached {
		t.unreached++
		t.silent = append(t.silent, l.Address)
		return
	}
	for _, c := range l.Channels {
		t.channels++
		name := l.Address
		if c.Name != "" {
			name += " channel " + c.Name
		}
		if c.Errno != 0 {
			t.stopped++
			said := fmt.Sprintf("%s error %d", name, c.Errno)
			if c.Script != "" {
				said += " (" + c.Script + ")"
			}
			t.errors = append(t.errors, said)
			continue
		}
		for _, thread := range []struct{ name, state string }{{"receiver", c.Receiver}, {"applier", c.Applier}} {
			if thread.state != "Yes" {
				t.idle++
				t.threads = append(t.threads, name+" "+thread.name)
			}
		}
	}
}
