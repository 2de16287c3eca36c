// Package exchange sends raw requests to a subject, over HTTP and over direct
// gRPC, and keeps what went over the wire as evidence, with every token in it
// registered as a secret. It knows the subject's time, and lets time pass. What
// a dialect sends is for package dialect to say; what an answer has to be, for
// the steps and the doctor.
package exchange
