// Package tokens knows what a token looks like, and makes wrong tokens of right
// ones: garbled ones, and forged JWTs. It works on texts alone; who sends them,
// and what a server has to say to them, is for others.
package tokens
