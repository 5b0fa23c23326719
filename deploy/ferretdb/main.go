// A MongoDB-compatible server for machines without mongod: FerretDB v1, embedded, on a PostgreSQL database.
//
// Nothing is kept here: documents, passwords and permissions are PostgreSQL's. The connection string therefore names no
// user; each client logs in with its own PostgreSQL role (authMechanism=PLAIN) and a wrong password is refused there.
// Start reading at main.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/FerretDB/FerretDB/ferretdb"
)

// drain bounds how long a stop waits for requests under way.
const drain = 3 * time.Second

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "ferretdb:", err)
		os.Exit(1)
	}
}

func run() error {
	listen := flag.String("listen", "", "address to serve MongoDB clients on, as in 127.0.0.1:27017")
	postgres := flag.String("postgresql-url", "", "database to keep documents in, without a user")
	flag.Parse()

	if *listen == "" || *postgres == "" {
		return fmt.Errorf("both -listen and -postgresql-url are needed")
	}

	// Its own level of detail would log each document.
	logger := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))

	server, err := ferretdb.New(&ferretdb.Config{
		Listener:      ferretdb.ListenerConfig{TCP: *listen},
		Logger:        logger,
		Handler:       "postgresql",
		PostgreSQLURL: *postgres,
	})
	if err != nil {
		return err
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	done := make(chan error, 1)
	go func() { done <- server.Run(ctx) }()

	select {
	case err = <-done:
		return err
	case <-ctx.Done():
	}

	select {
	case err = <-done:
		return err
	case <-time.After(drain):
		return nil
	}
}
