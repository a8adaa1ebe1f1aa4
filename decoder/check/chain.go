package check

import (
	"fmt"
	"path/filepath"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/gtid"
)

// chain checks that a file goes on where the one before it ended: by the name in the last ROTATE event, and by the GTIDs
// that each file says were in the files before.
type chain struct {
	next   string    // the file named by the last ROTATE event of the file before
	rotate string    // the same for the current file
	before *gtid.Set // MySQL: all GTIDs up to the end of the file before; nil when they are not known
	now    *gtid.Set
	last   map[uint32]gtid.GTID // MariaDB: the last GTID of each domain
}

// begin prepares for the next file.
func (c *chain) begin() {
	c.next, c.rotate = c.rotate, ""
	c.before, c.now = c.now, nil
}

// event reads what an event says about the files before or after.
func (c *chain) event(p *pass, e *decoder.Event) error {
	switch e.Type {
	case decoder.EventFormatDescription:
		if e.Pos.Offset < 8 {
			c.checkName(p, e)
		}
	case decoder.EventRotate:
		return c.follow(p, e)
	case decoder.EventPreviousGtids:
		return c.checkSet(p, e)
	case decoder.EventMariaGtidList:
		return c.checkList(p, e)
	}
	return nil
}

// follow keeps the name of the next file. In a relay log only the replica's own rotate names it.
func (c *chain) follow(p *pass, e *decoder.Event) error {
	if e.Flags&decoder.FlagArtificial != 0 || p.relay != (e.Flags&decoder.FlagRelayLog != 0) {
		return nil
	}
	r, err := e.Rotate()
	c.rotate = filepath.Base(r.File)
	return err
}

func (c *chain) checkName(p *pass, e *decoder.Event) {
	if name := decoder.LogName(e.Pos.File); c.next != "" && c.next != name {
		p.addFinding(Gap, fault.Error{Reason: ErrOrder, Pos: e.Pos, What: fmt.Sprintf("the file before names %s as the next one", c.next)})
	}
}

// checkSet compares the GTIDs that a MySQL log says came before it with those that did.
func (c *chain) checkSet(p *pass, e *decoder.Event) error {
	if p.Alone {
		return e.CheckPreviousGtids()
	}
	missing, err := c.missing(e)
	if err != nil {
		return err
	}
	if !missing.IsEmpty() {
		p.addFinding(Gap, fault.Error{Reason: ErrMissingFile, Pos: e.Pos,
			What: fmt.Sprintf("transactions %s were logged before this file and are not in the files before it", missing.Brief())})
	}
	c.before = nil // there is never memory for more than one large set
	c.now, err = e.PreviousGtids()
	return err
}

// missing is what a Previous_gtids event has and the files before it do not: enough of it for a message.
func (c *chain) missing(e *decoder.Event) (*gtid.Set, error) {
	const enough = 1000
	missing, n := &gtid.Set{}, 0
	if c.before == nil {
		return missing, nil
	}
	err := e.EachPreviousGtid(func(tsid gtid.TSID, iv gtid.Interval) {
		for _, gap := range c.before.Lacks(tsid, iv) {
			if n++; n <= enough {
				missing.AddInterval(tsid, gap)
			}
		}
	})
	return missing, err
}

// checkList compares the last GTID of each domain with what a MariaDB log says came before it.
func (c *chain) checkList(p *pass, e *decoder.Event) error {
	return e.EachOfGtidList(func(g gtid.GTID) {
		if last, ok := c.last[g.Domain]; ok && g.Seq > last.Seq {
			p.addFinding(Gap, fault.Error{Reason: ErrMissingFile, Pos: e.Pos,
				What: fmt.Sprintf("transaction %s was logged before this file, the files before it end at %s", g, last)})
		}
	})
}

// maxDomains bounds the domains that are followed; servers have a few.
const maxDomains = 100_000

// transaction adds a transaction that has begun. A relay log counts a transaction that it cuts off.
func (c *chain) transaction(g gtid.GTID) {
	switch {
	case g.IsZero():
	case g.Flavor == gtid.MySQL:
		if c.now != nil {
			c.now.Add(g)
		}
	default:
		if c.last == nil {
			c.last = make(map[uint32]gtid.GTID)
		}
		if _, ok := c.last[g.Domain]; ok || len(c.last) < maxDomains {
			c.last[g.Domain] = g
		}
	}
}
