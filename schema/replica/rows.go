package replica

import (
	"strconv"
	"strings"
)

// row is one row of a result set, whatever form the text gave it.
type row struct {
	line         int // of the text, from 1
	cells        map[string]cell
	replicaWords bool
}

// cell is a value of a row: what follows the column's name, and the lines after it that belong to it.
type cell struct {
	line  int
	value []string
}

type rowKind uint8

const (
	otherRow rowKind = iota
	statusRow
	workerRow
	coordinatorRow
	versionRow
	lowerCaseRow
	filterRow // of performance_schema, or the variables replicate_…
)

// kind tells by its columns which statement printed the row. People cut columns out, so a few have to do.
func (r row) kind() rowKind {
	switch {
	case r.has("worker_id"):
		return workerRow
	case r.has("relay_log_file"), r.has("last_sql_errno"), r.has("last_sql_error"), r.has("slave_sql_running"),
		r.has("last_errno"), r.has("relay_master_log_file"), r.has("last_io_errno"), r.has("slave_io_state"):
		return statusRow
	case r.has("received_transaction_set"):
		return otherRow // replication_connection_status
	case r.has("last_error_message"):
		return coordinatorRow
	case r.has("@@version"), r.has("version()"):
		return versionRow
	case r.has("@@lower_case_table_names"):
		return lowerCaseRow
	case r.has("filter_name"), r.hasFilter():
		return filterRow
	default:
		return otherRow
	}
}

// put adds a column under any of its spellings. One that the row has already is an error.
func (r *row) put(line int, name, value string) error {
	_, canon := columnShapeOf(name)
	if before, ok := r.cells[canon]; ok {
		return twice(ErrTwoColumns, "column "+canon, before.line, line)
	}
	r.cells[canon] = cell{line: line, value: strings.Split(value, "\n")}
	r.replicaWords = r.replicaWords || isModern(name)
	return nil
}

func (r row) has(name string) bool {
	_, ok := r.cells[name]
	return ok
}

// text is the value of the first of the columns that the row has, without surrounding white space.
func (r row) text(names ...string) string {
	for _, n := range names {
		if c, ok := r.cells[n]; ok {
			v := strings.Join(c.value, "\n")
			if columns[n] == oneWord {
				v = strings.Join(strings.Fields(v), "")
			}
			if v = strings.TrimSpace(v); v != "NULL" {
				return v
			}
			return ""
		}
	}
	return ""
}

// packed is a value in which white space means nothing: a GTID set. It stands on several lines, so forms that put marks around a value
// or before each line (YAML, diff) leave them in it.
func (r row) packed(name string) string {
	words := strings.Fields(strings.ReplaceAll(r.text(name), `\n`, " ")) // as programs print strings
	for i := range words {
		words[i] = strings.Trim(words[i], "'\"`+|>-")
	}
	return strings.Join(words, "")
}

// number is a field that has an unsigned number; 0 if it does not.
func (r row) number(name string) uint64 {
	n, err := strconv.ParseUint(r.text(name), 10, 64)
	if err != nil {
		return 0
	}
	return n
}
