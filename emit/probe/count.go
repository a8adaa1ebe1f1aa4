package probe

import (
	"context"
	"fmt"
	"strconv"

	"binmend/schema"
)

// Counts counts equal rows.
func (c *client) Counts(ctx context.Context, rows []schema.Row) ([]int, error) {
	counts := make([]int, len(rows))
	if len(rows) == 0 {
		return counts, nil
	}
	t := counter{client: c, table: rows[0].Table, byCondition: map[string]int{}}
	first := make([]int, len(rows)) // the condition that a row shares with equal ones
	for i := range rows {
		condition, err := c.dialect.AppendEqual(nil, rows[i])
		if err != nil || 2*len(condition) > c.limit {
			first[i] = -1
			continue
		}
		if first[i], err = t.addCondition(ctx, condition); err != nil {
			return nil, failed(t.table, err)
		}
	}
	if err := t.flush(ctx); err != nil {
		return nil, failed(t.table, err)
	}
	for i, n := range first {
		if n >= 0 {
			counts[i] = t.counts[n]
		}
	}
	return counts, nil
}

// counter counts the rows that meet conditions, many per statement.
type counter struct {
	*client
	table       *schema.Table
	byCondition map[string]int
	counts      []int
	conditions  [][]byte // not asked yet: the last of counts
	size        int
}

// addCondition adds a condition, unless there is an equal one, and returns its number.
func (t *counter) addCondition(ctx context.Context, condition []byte) (int, error) {
	if n, ok := t.byCondition[string(condition)]; ok {
		return n, nil
	}
	size := 2*len(condition) + 32
	if t.size+size > t.limit || len(t.conditions) == maxQuestions {
		if err := t.flush(ctx); err != nil {
			return 0, err
		}
	}
	n := len(t.counts)
	t.byCondition[string(condition)] = n
	t.counts, t.conditions, t.size = append(t.counts, 0), append(t.conditions, condition), t.size+size
	return n, nil
}

func (t *counter) flush(ctx context.Context) error {
	if len(t.conditions) == 0 {
		return nil
	}
	base := len(t.counts) - len(t.conditions)
	sql := append(appendNumber([]byte("SELECT "), t.conditions), ", COUNT(*) FROM "...)
	sql = append(t.dialect.AppendTable(sql, t.table), " WHERE "...)
	sql = append(appendAny(sql, t.conditions), " GROUP BY 1"...)
	asked := len(t.conditions)
	t.conditions, t.size = nil, 0
	return t.conn.Select(ctx, string(sql), func(values [][]byte) error {
		if len(values) != 2 {
			return fmt.Errorf("expected 2 values in a row, found %d", len(values))
		}
		n, err := strconv.Atoi(string(values[0]))
		if err != nil || n < 0 || n >= asked {
			return fmt.Errorf("expected the number of a question, found %q", values[0])
		}
		t.counts[base+n], err = strconv.Atoi(string(values[1]))
		return err
	})
}
