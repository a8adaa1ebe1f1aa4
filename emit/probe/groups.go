package probe

import (
	"context"

	"binmend/emit/sqltext"
	"binmend/schema"
)

// group is what one call asks about: entries, by number, of one table and key.
type group struct {
	table   *schema.Table
	key     *schema.Key
	numbers []int
}

// groups are all groups, in the order in which their first entries were added.
type groups struct {
	list []*group
	by   map[groupKey]*group
}

type groupKey struct {
	table *schema.Table
	key   *schema.Key
}

func (g *groups) addMember(table *schema.Table, key *schema.Key, i int) {
	if g.by == nil {
		g.by = map[groupKey]*group{}
	}
	k := groupKey{table, key}
	if g.by[k] == nil {
		g.by[k] = &group{table: table, key: key}
		g.list = append(g.list, g.by[k])
	}
	g.by[k].numbers = append(g.by[k].numbers, i)
}

// ask asks a server about the entries. found gets each row that answers a question, valid until it returns, with the number of the
// entry; unasked are the entries that the server could not be asked about.
func (g *group) ask(ctx context.Context, server Server, question func(i int) Question, found func(i int, row *sqltext.Stored, same bool)) (unasked []int, err error) {
	questions := make([]Question, len(g.numbers))
	for n, i := range g.numbers {
		questions[n] = question(i)
	}
	missed, err := server.Rows(ctx, questions, func(n int, row *sqltext.Stored, same bool) error {
		found(g.numbers[n], row, same)
		return nil
	})
	for _, n := range missed {
		unasked = append(unasked, g.numbers[n])
	}
	return unasked, err
}
