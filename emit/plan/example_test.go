package plan_test

import (
	"context"
	"fmt"
	"log"

	"binmend/decoder"
	"binmend/decoder/logfile"
	"binmend/emit/plan"
	"binmend/schema"
	"binmend/schema/dump"
)

// A planner takes the row changes of whole transactions, in the order of the log. What has to hold before them is the plan. Package
// repair finds the transaction; here it is the last one of the log.
func ExamplePlanner() {
	definitions, err := dump.LoadFiles("../../fixtures/mysql-9.7/duplicate-key/schema.sql")
	if err != nil {
		log.Fatal(err)
	}
	file, err := logfile.Open("../../fixtures/mysql-9.7/duplicate-key/relay.000002")
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()

	const begin = 2621
	planner := plan.NewPlanner()
	for e, err := range decoder.NewReader(file).All() {
		if err != nil {
			log.Fatal(err)
		}
		if e.IsRows() && e.Pos.Offset > begin {
			if err := addRows(planner, definitions, e); err != nil {
				log.Fatal(err)
			}
		}
	}
	p := planner.Plan()
	fmt.Println(len(p.Absences), "key values must be free,", len(p.Presences), "rows must be there")
	for _, a := range p.Absences {
		fmt.Printf("%d, row %d: %s of %s\n", a.Origin.Pos.Offset, a.Origin.Row, a.Key.Name, a.Row.Table.Name)
	}
	// Output:
	// 2 key values must be free, 0 rows must be there
	// 2841, row 1: PRIMARY of customers
	// 2841, row 1: email of customers
}

// addRows hands the rows of an event to the planner. Their cells are borrowed: it copies what it keeps.
func addRows(planner *plan.Planner, definitions *dump.Schema, e *decoder.Event) error {
	rows, err := e.Rows()
	if err != nil {
		return err
	}
	ref := schema.Ref{Database: rows.Map.Database, Table: rows.Map.Table, Map: rows.Map, Pos: e.Pos}
	table, err := definitions.Table(context.Background(), ref)
	if err != nil {
		return err
	}
	if err := schema.Verify(table, rows.Map); err != nil {
		return err
	}
	for row, err := range rows.All() {
		if err != nil {
			return err
		}
		from := plan.Origin{Pos: e.Pos, Type: e.Type, Row: rows.Number(), Transaction: 1}
		switch rows.Kind {
		case decoder.Insert:
			err = planner.Insert(table, row.After, from)
		case decoder.Update:
			err = planner.Update(table, row.Before, row.After, from)
		case decoder.Delete:
			err = planner.Delete(table, row.Before, from)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
