package repair_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"binmend/decoder/walk"
	"binmend/emit/repair"
	"binmend/schema/dump"
	"binmend/schema/replica"
)

// Run does what binmend fix does, short of writing the script. Here it has files only: the status as a client printed it, a dump and
// the relay logs.
func ExampleRun() {
	const folder = "../../fixtures/mysql-9.7/duplicate-key/"
	text, err := os.ReadFile(folder + "status.txt")
	if err != nil {
		log.Fatal(err)
	}
	statuses, err := replica.Parse(string(text))
	if err != nil {
		log.Fatal(err)
	}
	definitions, err := dump.LoadFiles(folder + "schema.sql")
	if err != nil {
		log.Fatal(err)
	}
	r, err := repair.Run(context.Background(), repair.Options{
		Logs:     walk.Logs{Names: []string{folder + "relay.000001", folder + "relay.000002"}},
		Statuses: statuses,
		Files:    definitions,
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("error", r.Replica.Errno, "in", r.Facts.GTIDs[0])
	fmt.Printf("from %d to %d\n", r.Facts.Begin.Offset, r.Facts.End.Offset)
	fmt.Println(len(r.Plan.Absences), "key values must be free,", len(r.Plan.Presences), "rows must be there,", len(r.Plan.Refusals), "can't be rebuilt")
	// Output:
	// error 1062 in 93f0e87e-e566-11f1-a357-02fc00000001:8
	// from 2621 to 2938
	// 2 key values must be free, 0 rows must be there, 0 can't be rebuilt
}
