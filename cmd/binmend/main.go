// Command binmend reads MySQL and MariaDB relay logs and binlogs and prints SQL for a person to review.
package main

import (
	"os"

	"binmend/cmd/app"
	"binmend/cmd/terminal"
)

func main() { os.Exit(app.Main(os.Args, terminal.System())) }
