package changes

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"binmend/decoder"
	"binmend/decoder/statement"
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
		with.ReferredBy = d.ofFiles().to(t)
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
	return d.statements().each(ctx, d.precedesRange, func(st Statement) {
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
	return slices.Concat(list, d.knownReferences().to(t))
}

// references are the foreign keys of known tables, by the name of the table that they refer to, in lower case.
type references struct {
	trackers [2]*track.Tracker // whose statements have told of them
	byName   map[string][]reference
}

// reference is a foreign key that refers to a table of a database; "" is any.
type reference struct {
	schema.Reference
	database string
}

// knownReferences are the foreign keys of the files and of the statements so far. They are gathered once, until a statement follows:
// each table that rows are of asks for those that refer to it.
func (d *Definitions) knownReferences() *references {
	trackers := [2]*track.Tracker{d.asGiven, d.byLog}
	if d.byLog == d.asGiven {
		trackers[1] = nil
	}
	if d.references != nil && d.references.trackers == trackers {
		if !d.isOutdated {
			return d.references
		}
		if d.gathered >= maxGathered {
			remember(&d.Risks, fmt.Sprintf("DDL stands between rows more than %d times; foreign keys that later statements make are not known", maxGathered))
			return d.references
		}
	}
	d.isOutdated = false
	d.gathered++
	r := d.ofFiles()
	r.trackers = trackers
	for _, tracker := range trackers {
		if tracker != nil {
			r.add(tracker.WithForeignKeys())
		}
	}
	d.references = r
	return r
}

// makesUnbound reports whether a statement does no more than make a table without foreign keys. A log may make very many.
func makesUnbound(e *decoder.Event, sql string) bool {
	_, st, err := statement.Of(e)
	return err == nil && st.Verb == statement.Create && st.Object == statement.TableObject && !st.OrReplace &&
		!strings.Contains(strings.ToUpper(sql), "REFERENCES")
}

// maxGathered bounds how often all known tables are looked through for foreign keys: a log may have a statement between any two rows.
const maxGathered = 1 << 12

// ofFiles are the foreign keys of the files.
func (d *Definitions) ofFiles() *references {
	r := &references{byName: map[string][]reference{}}
	if d.Files != nil {
		r.add(d.Files.Tables())
	}
	return r
}

func (r *references) add(tables []*schema.Table) {
	for _, t := range tables {
		for _, f := range t.ForeignKeys {
			database, name, qualified := strings.Cut(f.ReferencedTable, ".")
			if !qualified {
				database, name = t.Database, f.ReferencedTable
			}
			key := strings.ToLower(name)
			r.byName[key] = append(r.byName[key], reference{schema.Reference{Database: t.Database, Table: t.Name, ForeignKey: f}, database})
		}
	}
}

// to are the foreign keys that refer to a table.
func (r *references) to(t *schema.Table) (list []schema.Reference) {
	for _, f := range r.byName[strings.ToLower(t.Name)] {
		if f.database == "" || strings.EqualFold(f.database, t.Database) {
			list = append(list, f.Reference)
		}
	}
	return list
}
