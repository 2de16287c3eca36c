// Package sqlite is the store in one file on a local disk: for one replica, or
// a few processes of one machine. It is pure Go.
//
// Writers share commits: all writes that arrive during one transaction go into the
// next, so that the number of durable writes per second does not depend on how
// long an fsync takes. An operation returns when its transaction is on the disk
// (WAL, synchronous=FULL); of a transaction in which every write is
// [store.Relaxed], when it is in the write-ahead log (synchronous=NORMAL).
//
// Records that were written or read are cached in memory, up to [CacheSize]. A
// process sees its own writes at once, and those of another process on the same
// file (such as the account command while a server runs) after at most
// [Staleness].
package sqlite
