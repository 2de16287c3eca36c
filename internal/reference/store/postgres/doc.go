// Package postgres is the store in PostgreSQL, for several replicas. It keeps
// nothing in memory: what one replica has written, all others read at once.
//
// Every operation is one statement, and so one transaction, that ends after at
// most [Config.Timeout]. While the database is away every operation fails. The
// first one after its return works: a connection is looked at before it is used,
// and one that was cut is replaced.
//
// It uses only a database that takes writes: of several hosts in the URL the one that
// does. What a standby lacks would look like a token that was revoked, and the other way
// round.
package postgres
