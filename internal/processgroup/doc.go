// Package processgroup ends a process together with what it has started: a server or
// a client that is judged is often a script that starts the real one. Where a system has
// no process groups, only the process itself is ended, and what it started lives on.
//
// Starting the process, and waiting for it, are left to os/exec.
package processgroup
