package decoder_test

import (
	"fmt"
	"log"

	"binmend/decoder"
	"binmend/decoder/logfile"
)

// Events come one after the other; those of a compressed transaction stand in their places. A row event is read with the table map
// before it, which the reader remembers.
func ExampleReader() {
	file, err := logfile.Open("../fixtures/mysql-9.7/mixed/relay.000002")
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	for e, err := range decoder.NewReader(file).All() {
		if err != nil {
			log.Fatal(err) // what came before is right; the error has the file and the offset
		}
		if !e.IsRows() {
			continue
		}
		rows, err := e.Rows()
		if err != nil {
			log.Fatal(err)
		}
		n, err := rows.Count()
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%d %s %s.%s: %d\n", e.Pos.Offset, rows.Kind, rows.Map.Database, rows.Map.Table, n)
	}
	// Output:
	// 1811 INSERT shop.customers: 3
	// 2190 INSERT shop.orders: 3
	// 2554 INSERT shop.visits: 3
	// 2882 INSERT shop.customers: 1
	// 3018 UPDATE shop.customers: 1
	// 3179 UPDATE shop.orders: 1
	// 3359 DELETE shop.customers: 1
	// 3490 INSERT shop.customers: 1
	// 3621 DELETE shop.visits: 1
}

// A cell is bytes of the event until it is asked for its value; text is in the character set of its column. Columns have no names
// here: those come from a definition of the table, see package schema.
func ExampleCell() {
	file, err := logfile.Open("../fixtures/mysql-9.7/mixed/relay.000002")
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	for e, err := range decoder.NewReader(file).All() {
		if err != nil {
			log.Fatal(err)
		}
		if !e.IsRows() {
			continue
		}
		rows, err := e.Rows()
		if err != nil {
			log.Fatal(err)
		}
		for row, err := range rows.All() {
			if err != nil {
				log.Fatal(err)
			}
			id, name := row.After[0], row.After[2]
			fmt.Printf("%d %t %q\n", id.Int64(), name.State() == decoder.Null, name.Raw())
		}
		return
	}
	// Output:
	// 1 false "Ann"
	// 2 false "Bo\xeb"
	// 3 true ""
}
