package txn

import "binmend/decoder"

// sourceName follows the name of the source's log file. A binary log is its own source. A relay log is named by its
// replica; the source's name comes in ROTATE events that the replica did not write itself, and goes on into the next
// relay log when the source did not rotate.
type sourceName struct {
	file   string // the file being read
	relay  bool
	source string
}

func (n *sourceName) follow(e *decoder.Event) error {
	if e.Pos.File != n.file {
		n.file = e.Pos.File
		n.relay = e.Flags&decoder.FlagRelayLog != 0
		if !n.relay {
			n.source = decoder.LogName(n.file)
		}
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
