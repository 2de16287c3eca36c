// Package keyring keeps the server's keys in the store, shared by all replicas:
// the secret that session and scoped tokens are authenticated with, and the RSA
// key pairs of the rpc dialect. A key is made when it is first needed, by
// whichever replica needs it first. Rotation adds a key that signs from then on;
// the keys before it go on verifying until their tokens have ended.
//
// What is signed with a key is for package grant to say.
package keyring
