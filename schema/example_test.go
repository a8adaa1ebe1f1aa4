package schema_test

import (
	"context"
	"fmt"
	"log"

	"binmend/decoder"
	"binmend/decoder/logfile"
	"binmend/schema"
	"binmend/schema/dump"
)

// Definitions come from a dump; Verify says whether one can be that of the rows in a log.
func ExampleVerify() {
	definitions, err := dump.LoadFiles("../fixtures/mysql-9.7/mixed/schema.sql")
	if err != nil {
		log.Fatal(err)
	}
	orders, err := definitions.Table(context.Background(), schema.Ref{Database: "shop", Table: "orders"})
	if err != nil {
		log.Fatal(err)
	}
	for _, key := range orders.Keys {
		fmt.Print(key.Name, ":")
		for _, part := range key.Parts {
			fmt.Print(" ", orders.Columns[part.Column].Name)
		}
		fmt.Println()
	}

	file, err := logfile.Open("../fixtures/mysql-9.7/mixed/relay.000002")
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	for e, err := range decoder.NewReader(file).All() {
		if err != nil {
			log.Fatal(err)
		}
		if e.Type != decoder.EventTableMap {
			continue
		}
		m, err := e.TableMap()
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s at %d: %t\n", m.Table, e.Pos.Offset, schema.Verify(orders, m) == nil)
		if m.Table == "orders" {
			break
		}
	}
	// Output:
	// PRIMARY: id
	// number_per_customer: customer number
	// customers at 1741: false
	// orders at 2127: true
}
