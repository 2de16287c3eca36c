package subject

// FreePort is freePort, for tests that declare a port.
var FreePort = freePort
