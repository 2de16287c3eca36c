// Package sqlite is the store in one file on a local disk: for one replica, or
// a few processes of one machine. It is pure Go.
//
// Writers share commits: whatever arrives while the disk is busy with one
// transaction goes into the next, so that the number of durable writes per
// second does not depend on how long an fsync takes. An operation returns when
// its transaction is on the disk (WAL, synchronous=FULL).
//
// What was written or read is kept in memory, up to [CacheSize]. This process
// sees its own writes at once; those of another process on the same file (such as
// the account command beside a running server) it sees after at most [Staleness].
package sqlite
