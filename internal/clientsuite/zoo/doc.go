// Package zoo proves that the judge of clients is right. It keeps clients that are
// wrong on purpose, and clients that are right but different. The suite must fail each
// wrong one in exactly the rows that it says it breaks, and pass each right one; every
// row, every scenario, and every kind of judging step must fail some wrong client.
//
// All of them run inside this process, and in a bubble of testing/synctest: the time
// that they wait for costs none.
//
// client.go is the right client that most others are one small change of; the changes
// are its habits. dialects.go is what it sends. broken.go and the files behind it list
// the wrong ones by subject, different.go the right ones; sdk.go and oauth2.go are
// clients that are made with libraries. speak.go has the commands.
package zoo
