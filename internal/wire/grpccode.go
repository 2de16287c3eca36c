package wire

// grpcCodes are the names of the status codes of gRPC, by number.
var grpcCodes = [...]string{
	"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
	"RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
}

// GRPCCodeName is the name of a gRPC status code, as in "UNAUTHENTICATED" for
// 16, and "" where there is none.
func GRPCCodeName(code int64) string {
	if code < 0 || code >= int64(len(grpcCodes)) {
		return ""
	}
	return grpcCodes[code]
}
