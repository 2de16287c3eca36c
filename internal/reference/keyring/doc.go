// Package keyring holds the server's keys in the store, shared by all replicas: the
// secret that authenticates session and scoped tokens, and the RSA key pairs of
// the rpc dialect. The first replica that needs a key makes it. A rotation adds a
// key that signs from then on; the previous keys still verify until their tokens
// have ended.
//
// Package grant decides what is signed.
package keyring
