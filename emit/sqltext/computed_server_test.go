package sqltext_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/emit/sqltext"
	"binmend/fixtures/servers"
	"binmend/schema"
)

// computedColumns are generated columns by how their values are stored. Those whose name begins with no are not computable: storing
// does what no CAST does, or the column reads another where SQL over literals does not.
var computedColumns = []string{
	"tiny TINYINT AS (`s`) STORED", "small SMALLINT UNSIGNED AS (`i` * 2) STORED", "medium MEDIUMINT AS (concat(`s`)) STORED",
	"plain INT AS (`i` + 1) STORED", "whole BIGINT AS (substr(`s`,1,20)) STORED", "positive BIGINT UNSIGNED AS (`i` - 5) STORED", "above BIGINT AS (concat(`i`,`i`)) STORED",
	"rounded INT AS (`d` * 3) STORED", "halved INT AS (`i` / 2) STORED", "chosen INT AS (if((`i` > 3),NULL,`s`)) STORED",
	"cased INT AS (case when `i` > 3 then `i` else 0 end) STORED", "dec1 DECIMAL(5,1) AS (`s`) STORED", "dec2 DECIMAL(4,2) UNSIGNED AS (`d`) STORED",
	"short VARCHAR(3) AS (lower(`s`)) STORED", "padded CHAR(4) AS (`s`) STORED", "bytes VARBINARY(4) AS (`s`) STORED", "fixed BINARY(5) AS (left(`s`,3)) STORED",
	"digits VARCHAR(5) AS (`i` + 0) STORED", "hexed CHAR(9) AS (hex(`s`)) STORED", "day DATE AS (date(`t`)) STORED", "year_of INT AS (year(`t`)) STORED",
	"no_year YEAR AS (`i`) STORED", "no_bit BIT(8) AS (`s`) STORED", "no_enum INT AS (`e` + 0) STORED", "no_zeros VARCHAR(9) AS (concat(`z`,'x')) STORED",
	"no_real INT AS (`f` * 1) STORED", "no_text VARCHAR(30) AS (`f` * 1) STORED", "no_date DATE AS (`s`) STORED", "no_double INT AS (`r` * 1) STORED",
	"named VARCHAR(9) AS (upper(`e`)) STORED", "third DOUBLE AS (`d` * 1e0 / 3) STORED", "of_real DOUBLE AS (`r` * 3) STORED", "no_scaled DOUBLE(7,2) AS (`d` * 1e0 / 3) STORED", "no_positive DOUBLE UNSIGNED AS (`r` * 3) STORED", "cast_day DATE AS (cast(`t` as date)) STORED",
}

const computedRows = `(1,'3.7',1,2.5,'2024-02-29 23:59:59','b',5,1.1,2.5), (2,'-0.5',-7,-0.25,'1999-01-01','a',42,0.1,3.5),
	(3,'2.5 apples',300,12.345,NULL,'b',0,1e9,1e20), (4,'99999999999999999999999',4611686018427387000,99.995,'2000-12-31','a',1,-2.5,-2.5), (5,'  7e1',70000,0.05,'2024-01-01','b',7,3,0.5),
	(6,'Ünïcode',-4611686018427387000,-1,'2024-01-01','a',7,0.3,1.5), (7,'ab   ',3,1.005,'2024-01-01','a',7,0.3,-0.5), (8,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL), (9,'',0,0,'2024-01-01','a',7,0.3,0),
	(10,'-129.5',127,127.5,'2024-01-01','a',7,0.3,0), (11,'0x1F',2147483647,127.49,'2024-01-01','a',7,0.3,0), (12,'1e-3',32767.5,0.5,'2024-01-01','a',7,0.3,0)`

// TestComputedKeysAreWhatIsStored: the condition for a generated column whose value the log leaves out finds the row that the
// server stored, in every sql_mode that may have stored it: what overflows, is cut or is rounded is so in the condition as well.
func TestComputedKeysAreWhatIsStored(t *testing.T) {
	for _, line := range []*servers.Line{servers.MySQL57, servers.MySQL8031, servers.MySQL97, servers.MariaDB1011, servers.MariaDB118} {
		t.Run(line.Name, func(t *testing.T) {
			server := servers.Shared(t, line, servers.Options{})
			create := "CREATE TABLE t (id INT PRIMARY KEY, s VARCHAR(40) CHARACTER SET utf8mb4, i BIGINT, d DECIMAL(8,3), t DATETIME, e ENUM('a','b') CHARACTER SET utf8mb4, z INT(5) ZEROFILL, f FLOAT, r DOUBLE, " +
				strings.Join(computedColumns, ", ") + ") CHARACTER SET utf8mb4"
			tb := table(t, create)
			logs := server.Binlogs(t)
			last := logs[len(logs)-1]
			server.MustExec(t, "SET sql_mode=''; CREATE DATABASE shop; USE shop; "+create+"; INSERT IGNORE INTO t (id,s,i,d,t,e,z,f,r) VALUES "+computedRows+";")
			rows := 0
			eachRow(t, last, func(_ *decoder.Event, m *decoder.TableMap, row *decoder.Row) {
				if m.Table != "t" {
					return
				}
				rows++
				checkComputed(t, server, tb, row)
			})
			if rows != 12 {
				t.Errorf("%d rows", rows)
			}
		})
	}
}

// checkComputed asks for a row by each of its generated columns as if the log had left these out.
func checkComputed(t *testing.T, server *servers.Server, tb *schema.Table, row *decoder.Row) {
	t.Helper()
	d := sqltext.For(serverVersion(t, server))
	cells := slices.Clone([]decoder.Cell(row.After))
	for len(cells) < len(tb.Columns) {
		cells = append(cells, decoder.Cell{})
	}
	for i := range tb.Columns {
		if tb.Columns[i].Generated != schema.NotGenerated {
			cells[i] = decoder.Cell{}
		}
	}
	for i := range tb.Columns {
		c := &tb.Columns[i]
		if c.Generated == schema.NotGenerated {
			continue
		}
		_, ok := tb.Computation([]int{i}, func(of int) bool { return tb.Columns[of].Generated == schema.NotGenerated })
		if want := !strings.HasPrefix(c.Name, "no_"); ok != want {
			t.Errorf("%s: computable is %v", c.Name, ok)
		}
		if !ok {
			continue
		}
		key := schema.Key{Name: "k", Parts: []schema.KeyPart{{Column: i}}}
		where, err := d.AppendCondition(nil, keyedRow(tb, cells, &key), nil)
		if err != nil {
			t.Fatalf("%s: %v", c.Name, err)
		}
		id, _ := cells[0].AppendText(nil)
		var found, isNull int
		ask := fmt.Sprintf("SELECT (SELECT COUNT(*) FROM shop.t WHERE id=%s AND %s), (SELECT `%s` IS NULL FROM shop.t WHERE id=%s)", id, where, c.Name, id)
		conn, err := server.DB().Conn(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := conn.ExecContext(context.Background(), "SET sql_mode='STRICT_ALL_TABLES,ALLOW_INVALID_DATES'"); err != nil {
			t.Fatal(err)
		}
		if err := conn.QueryRowContext(context.Background(), ask).Scan(&found, &isNull); err != nil {
			t.Errorf("%s: %v\n%s", c.Name, err, ask)
		} else if found+isNull != 1 {
			t.Errorf("row %s is not found by %s:\n%s\n%s", id, c.Name, where,
				server.MustExec(t, fmt.Sprintf("SELECT %s, s, i, d FROM shop.t WHERE id=%s", c.Name, id)))
		}
	}
}
