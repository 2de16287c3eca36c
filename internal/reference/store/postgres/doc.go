// Package postgres is the store in PostgreSQL, for several replicas. It keeps
// nothing in memory: what one replica has written, all others read at once.
//
// Every operation is one transaction that ends after at most [Config.Timeout]. Reads that
// arrive while others are under way share a round trip, and updates a transaction.
//
// While the database is away every operation fails. The first one after its return works:
// a connection is checked before it is used, and one that was cut is replaced.
//
// It uses only a database that accepts writes, also where the URL names several hosts.
// A standby is behind: a token that it does not have yet would look revoked, and a
// revoked one that it still has would look live.
package postgres
