package txn

import "binmend/decoder"

// sourceName follows the name of the source's log file. For a binary log, that is its own name. A relay log has a name given by
// its replica; ROTATE events that the replica did not write itself name the source's log. When the source did not rotate, the
// name still holds in the next relay log.
type sourceName struct {
	file    string // the file being read
	relay   bool
	source  string
	earlier string // the source that the file before this one ended with, until this one is known to be a relay log
}

func (n *sourceName) follow(e *decoder.Event) error {
	if e.Pos.File == n.file && !e.RelayLog {
		return nil
	}
	return n.read(e)
}

func (n *sourceName) read(e *decoder.Event) error {
	if e.Pos.File != n.file {
		n.file, n.relay, n.earlier = e.Pos.File, e.RelayLog, n.source
		if !n.relay {
			n.source = decoder.LogName(n.file)
		}
	}
	if e.RelayLog && !n.relay {
		n.relay, n.source = true, n.earlier
	}
	if !n.relay || e.Type != decoder.EventRotate || e.Flags&decoder.FlagRelayLog != 0 {
		return nil
	}
	r, err := e.Rotate()
	if err != nil {
		return err
	}
	n.source = r.File
	return nil
}
