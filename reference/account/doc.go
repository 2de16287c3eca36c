// Package account knows who may log in: accounts with their rights and API
// keys, how passwords are hashed and checked, and how guessing is slowed down.
// Package grant decides what a login grants, and for how long.
package account
