// Command binmend reads MySQL and MariaDB relay logs and binlogs and prints SQL for a person to review.
package main

import (
	"os"

	"binmend/cmd/app"
)

func main() { os.Exit(app.Main(os.Args, app.System())) }
