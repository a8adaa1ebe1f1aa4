package changes

import (
	"context"
	"slices"
	"strings"

	"binmend/schema"
	"binmend/schema/dump"
	"binmend/schema/track"
)

// WithEffects is a table with everything that a row change sets off on the replica, as far as files and logs show: the triggers of
// its definition and those that the logs create before the range, and the files' foreign keys that refer to it. A server's own
// table has them all.
func (d *Definitions) WithEffects(ctx context.Context, t *schema.Table) (*schema.Table, error) {
	if d.Live != nil {
		return t, nil
	}
	if with := d.effects[t]; with != nil {
		return with, nil
	}
	if err := d.readTriggers(ctx); err != nil {
		return nil, err
	}
	with := *t
	with.Triggers = slices.Clone(t.Triggers)
	for _, c := range d.loggedTriggers {
		isNamed := func(known schema.Trigger) bool { return strings.EqualFold(known.Name, c.Trigger.Name) }
		if strings.EqualFold(c.Database, t.Database) && strings.EqualFold(c.Table, t.Name) && !slices.ContainsFunc(t.Triggers, isNamed) {
			with.Triggers = append(with.Triggers, c.Trigger)
		}
	}
	if d.Files != nil {
		with.ReferredBy = references(d.Files.Tables(), t)
	}
	if d.effects == nil {
		d.effects = map[*schema.Table]*schema.Table{}
	}
	d.effects[t] = &with
	return &with, nil
}

// readTriggers follows the triggers that the logs make and drop before the range, once.
func (d *Definitions) readTriggers(ctx context.Context) error {
	if d.hasLoggedTriggers || len(d.Logs.Names) == 0 {
		return nil
	}
	d.hasLoggedTriggers = true
	return eachStatement(ctx, d.Logs, d.precedesRange, func(st Statement) {
		c, ok := dump.ReadTrigger(st.Statement)
		if !ok {
			return
		}
		isSame := func(other dump.TriggerChange) bool {
			return strings.EqualFold(other.Database, c.Database) && strings.EqualFold(other.Trigger.Name, c.Trigger.Name)
		}
		d.loggedTriggers = slices.DeleteFunc(d.loggedTriggers, isSame)
		if !c.Dropped && len(d.loggedTriggers) < maxLoggedTriggers {
			d.loggedTriggers = append(d.loggedTriggers, c)
		}
	})
}

// maxLoggedTriggers bounds the triggers of the logs that are kept.
const maxLoggedTriggers = 1 << 12

// referredBy are the foreign keys that refer to a table, as far as the server, the files and the statements of the logs say.
func (d *Definitions) referredBy(ctx context.Context, t *schema.Table) []schema.Reference {
	list := t.ReferredBy
	if d.Live != nil && len(list) == 0 {
		if now, err := d.Live.Table(ctx, schema.Ref{Database: t.Database, Table: t.Name}); err == nil {
			list = now.ReferredBy
		}
	}
	var known []*schema.Table
	if d.Files != nil {
		known = d.Files.Tables()
	}
	for _, tracker := range []*track.Tracker{d.asGiven, d.byLog} {
		if tracker != nil {
			known = append(known, tracker.WithForeignKeys()...)
		}
	}
	return slices.Concat(list, references(known, t))
}

// references are the foreign keys of the known tables that refer to one of them.
func references(known []*schema.Table, to *schema.Table) (list []schema.Reference) {
	for _, t := range known {
		for _, f := range t.ForeignKeys {
			database, name, qualified := strings.Cut(f.ReferencedTable, ".")
			if !qualified {
				database, name = t.Database, f.ReferencedTable
			}
			if strings.EqualFold(name, to.Name) && (strings.EqualFold(database, to.Database) || database == "") {
				list = append(list, schema.Reference{Database: t.Database, Table: t.Name, ForeignKey: f})
			}
		}
	}
	return list
}
