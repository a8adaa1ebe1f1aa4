package render

import (
	"fmt"
	"time"

	"binmend/emit/stats"
)

// hostile are names that a log may hold and that want out of their place.
var hostile = []string{
	`<script>document.title='owned'</script>`, `"><img src=x onerror=document.title='owned'>`, `</style><h1>owned</h1>`, `{{.Style}}`,
	"line\nbreak\x1b[31m", "right\u202etfel", "bytes\xff\xfe", `'; DROP TABLE t; --`, "表格", "a very long name of a table that goes on and on until it is cut",
}

// sample is a report of an hour at night: a batch in the middle of it, DDL, a table without a key, one session from 1970.
func sample() *stats.Report {
	begin := time.Date(2026, 3, 14, 2, 0, 0, 0, time.UTC)
	end := begin.Add(time.Hour)
	peak := begin.Add(31 * time.Minute)
	r := &stats.Report{Format: stats.Format, Version: stats.Version, Complete: true, IntervalSeconds: 60,
		Logs: stats.Logs{Files: 3, FirstFile: "/var/log/binlog.000041", LastFile: "/var/log/binlog.000043", Bytes: 900 << 20, Events: 7_654_321,
			Servers: []string{"8.4.3", "10.11.6-MariaDB"}, FirstGTID: "3e11fa47-71ca-11e1-9e33-c80aa9429562:1000", LastGTID: "3e11fa47-71ca-11e1-9e33-c80aa9429562:901000"},
		Rate:     stats.Rate{Begin: &begin, End: &end, Seconds: 3600, Mean: 250, Peak: 5312, PeakAt: &peak},
		Findings: []stats.Finding{{Kind: "large-transaction", Text: "one transaction has 410.0 MiB, 46 % of all: 1,200,000 rows of shop.items at binlog.000042:4321"}, {Kind: "no-key", Text: "shop.events has no primary key"}, {Kind: "clock", Text: "times go back by up to 20526 d"}},
		DDL: []stats.Statement{{Time: begin.Add(5 * time.Minute), File: "binlog.000041", Offset: 4321, ServerID: 1, ThreadID: 77, Seconds: 45, Database: "shop",
			Text: "ALTER TABLE items ADD COLUMN colour VARCHAR(20), ADD KEY by_colour (colour)"}},
		Verbs:  []stats.VerbCount{{Verb: "ALTER TABLE", Kind: "ddl", Count: 1}, {Verb: "INSERT", Kind: "dml", Count: 12}},
		Events: []stats.EventCount{{Type: "Write_rows", Count: 800_000, Bytes: 500 << 20}, {Type: "Xid", Count: 900_000, Bytes: 27 << 20}},
		Parallel: stats.Parallel{Source: "last_committed", Transactions: 900_000, Groups: 300_000, MeanGroup: 3, LargestGroup: 40, Workers: 8, Databases: 3,
			Sizes:   []stats.GroupSize{{From: 1, To: 1, Groups: 100_000, Transactions: 100_000}, {From: 3, To: 4, Groups: 200_000, Transactions: 800_000}},
			Speedup: []stats.Speedup{{Workers: 2, Times: 1.8}, {Workers: 4, Times: 2.6}, {Workers: 8, Times: 2.9}, {Workers: 16, Times: 3}}},
		OtherTables: stats.Others{Count: 212, Rows: 1000, Bytes: 1 << 20, Transactions: 900, Exact: true}, OtherThreads: stats.Others{Count: 90_000, Rows: 9000, Bytes: 3 << 20, Transactions: 9000},
	}
	for i, name := range hostile {
		n := uint64(len(hostile) - i)
		r.Tables = append(r.Tables, stats.Table{Database: "shop", Table: name, Rows: stats.Rows{Inserts: 100_000 * n, Updates: 3000 * n, Deletes: n}, Bytes: n << 24,
			Transactions: 90_000 * n, Key: []stats.Key{stats.KeyPrimary, stats.KeyUnique, stats.KeyNone, stats.KeyUnknown}[i%4]})
		r.Totals.Bytes += n << 24
		r.Totals.Rows.Inserts += 100_000 * n
		r.Totals.Rows.Updates += 3000 * n
		r.Totals.Rows.Deletes += n
	}
	r.Sizes = []stats.SizeCount{{From: 256, Below: 1024, Transactions: 700_000, Bytes: 400 << 20}, {From: 1024, Below: 4096, Transactions: 200_000, Bytes: 300 << 20}}
	r.Totals.LogBytes, r.Totals.Transactions, r.Totals.DDL, r.Totals.Delayed = r.Totals.Bytes/3, 900_000, 1, 5
	for i := range 60 {
		b := stats.Bucket{Begin: begin.Add(time.Duration(i) * time.Minute), Transactions: 15_000, Rows: stats.Rows{Inserts: uint64(20_000 + 300*i%7000), Updates: 4000, Deletes: 700}, Bytes: 5 << 20, Largest: 4096}
		switch i {
		case 5:
			b.DDL = 1
		case 31:
			b.Inserts, b.Bytes, b.Largest, b.MaxDelay = 90_000, 420<<20, 410<<20, 312
		}
		b.Span = stats.Span{File: "/var/log/binlog.000042", Start: int64(4000 + i*1000), EndFile: "/var/log/binlog.000042", End: int64(5000 + i*1000)}
		b.Tables = []stats.BucketTable{{Database: "shop", Table: hostile[i%3], Rows: 12_000}, {Database: "shop", Table: "orders", Rows: 3000}}
		r.Buckets = append(r.Buckets, b)
	}
	r.Buckets = append([]stats.Bucket{{Begin: time.Unix(1, 0).UTC(), Transactions: 1, Rows: stats.Rows{Inserts: 1}, Bytes: 300, Largest: 300}}, r.Buckets...)
	for i := range 3 {
		x := stats.Transaction{GTID: fmt.Sprintf("3e11fa47-71ca-11e1-9e33-c80aa9429562:%d", 4000+i), File: "/var/log/binlog.000042", Start: 4321, EndFile: "/var/log/binlog.000042", End: 429_916_161,
			ServerID: 1, ThreadID: 99, Ending: "committed", Committed: peak, Seconds: int64(312 - 100*i), Rows: stats.Rows{Inserts: 1_200_000 >> i}, Bytes: 410 << 20 >> i, LogBytes: 130 << 20 >> i,
			TableMany: 2, Tables: []stats.TableRows{{Database: "shop", Table: hostile[i], Rows: stats.Rows{Inserts: 1_200_000 >> i}}}}
		r.Largest = append(r.Largest, x)
		r.Longest = append(r.Longest, x)
	}
	r.Largest[2].EndFile, r.Largest[2].Ending = "/var/log/binlog.000043", "rolled back"
	for i := range uint32(2) {
		s := stats.Session{ServerID: 1 + 6*i, Rows: stats.Rows{Inserts: 5_000_000 >> (10 * i)}, Transactions: 899_000 >> (10 * i), Bytes: 880 << 20 >> (10 * i), Begin: &begin, End: &end}
		r.Servers = append(r.Servers, s)
		s.ThreadID = 99 + i
		r.Threads = append(r.Threads, s)
	}
	return r
}
