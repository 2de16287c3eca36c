// Package account knows who may log in: accounts with their rights and API
// keys, how passwords are hashed and checked, and how guessing is slowed down.
// What a login buys, and for how long, is for package grant.
package account
