// Package manifest is the one file that says all a conformance run needs: the
// subject and how to start it, where each dialect stands, which accounts and
// capabilities there are, how to move the subject's clock, and which
// deviations are known. It reads, checks and completes that file; it starts
// and calls nothing.
package manifest

import (
	"maps"
	"time"
)

// Manifest is a whole dragoman.yaml. Load and Parse fill in the defaults, so
// that readers of a Manifest never have to.
type Manifest struct {
	// Name of the subject in reports; defaults to the image, command or URL.
	Name    string  `yaml:"name,omitempty"`
	Subject Subject `yaml:"subject"`
	// Clock says how to move the subject's time. Without it, rows that need a
	// clock are untestable, and the report says so.
	Clock *Clock `yaml:"clock,omitempty"`
	// Pace says how fast the subject may be asked. Without it, it is asked as
	// fast as it answers.
	Pace *Pace `yaml:"pace,omitempty"`
	// PublicKey says where the public key is that others verify the subject's
	// tokens with, where it does not publish it at /.well-known/jwks.json: rows about
	// forged tokens sign with it, and are untestable without it.
	PublicKey *PublicKey `yaml:"public_key,omitempty"`
	// Dialects that the subject speaks; those that are absent are not judged.
	Dialects Dialects `yaml:"dialects"`
	// KnownDeviations are rows that the subject is known to break.
	KnownDeviations []Deviation `yaml:"known_deviations,omitempty"`

	references map[string]string // names of environment variables to their values
}

// References are the values that ${NAME} references were replaced by, by the names
// of the variables. They are secrets, whatever key they stand under. Each call
// returns its own map.
func (m *Manifest) References() map[string]string { return maps.Clone(m.references) }

// Subject is what is judged. Exactly one of Image, Dockerfile, Command, URL
// and Builtin is set.
type Subject struct {
	// Image is a container image that the local engine has or can pull.
	Image string `yaml:"image,omitempty"`
	// Dockerfile is built first, then started like an image.
	Dockerfile *Dockerfile `yaml:"dockerfile,omitempty"`
	// Command is started as a child process; ${HTTP_PORT} and ${GRPC_PORT} in
	// its words and in Env stand for free ports, unless Ports names them.
	Command []string `yaml:"command,omitempty"`
	// URL is a server that already runs; its path is the root of all paths.
	URL string `yaml:"url,omitempty"`
	// Builtin is dragoman's own reference server, in this process.
	Builtin bool `yaml:"builtin,omitempty"`

	// Args are the arguments of Image or Dockerfile.
	Args []string `yaml:"args,omitempty"`
	// Env is the environment of Image, Dockerfile or Command.
	Env map[string]string `yaml:"env,omitempty"`
	// Dir is the working directory of Command, relative to the manifest.
	Dir string `yaml:"dir,omitempty"`
	// Ports that the subject listens on, inside its container if it has one.
	Ports Ports `yaml:"ports,omitempty"`
	// GRPC is the host:port of direct gRPC, beside URL.
	GRPC string `yaml:"grpc,omitempty"`
	// Ready says when the subject has started.
	Ready Ready `yaml:"ready,omitempty"`
	// TLS says whom to trust behind an https URL or gRPC over TLS. For a
	// subject that is started it says, even when empty, that HTTP is https.
	TLS *TLS `yaml:"tls,omitempty"`
}

// PublicKey is a set of public keys: PEM, a JWK or a JWK set. One of its members is
// set.
type PublicKey struct {
	// URL is a path of the subject, as "/keys.json", or a whole http or https URL.
	URL string `yaml:"url,omitempty"`
	// File is relative to the manifest.
	File string `yaml:"file,omitempty"`
}

// TLS says how both sides prove who they are. Files are PEM, relative to the
// manifest.
type TLS struct {
	// CA is a file of authorities to trust in place of the system's.
	CA string `yaml:"ca,omitempty"`
	// Cert and Key are files of a client certificate, both or none.
	Cert string `yaml:"cert,omitempty"`
	Key  string `yaml:"key,omitempty"`
	// ServerName is the name in the server's certificate, where it is not the
	// host that is called.
	ServerName string `yaml:"server_name,omitempty"`
	// Insecure trusts any certificate.
	Insecure bool `yaml:"insecure,omitempty"`
}

// Dockerfile names a build. Paths are relative to the manifest.
type Dockerfile struct {
	Context string `yaml:"context"`        // default "."
	File    string `yaml:"file,omitempty"` // inside Context; default "Dockerfile"
}

// Ports are TCP ports; 0 is unset.
type Ports struct {
	HTTP int `yaml:"http,omitempty"`
	GRPC int `yaml:"grpc,omitempty"`
}

// Ready says when a started subject is ready: when GET of Path answers, with
// any status. Path defaults to "/", Timeout to 30 s.
type Ready struct {
	Path    string        `yaml:"path,omitempty"`
	Timeout time.Duration `yaml:"timeout,omitempty"`
}

// Clock moves the subject's time forward: by an HTTP request (Path and what
// belongs to it), by a Command, or by really waiting. Exactly one of Path,
// Command and Wait is set. In Path, Body and Command, {seconds} stands for the
// whole number of seconds to move by.
type Clock struct {
	Method  string            `yaml:"method,omitempty"` // default POST
	Path    string            `yaml:"path,omitempty"`   // below the subject's root
	Body    string            `yaml:"body,omitempty"`
	Headers map[string]string `yaml:"headers,omitempty"`
	// Command runs inside the subject's container, or on this machine where
	// the subject has none. It has to end with status 0 within 30 s.
	Command []string `yaml:"command,omitempty"`
	// Dir is the working directory of Command on this machine, relative to
	// the manifest.
	Dir string `yaml:"dir,omitempty"`
	// Wait is how long a scenario may really wait at a time. Rows that would
	// have to wait longer are untestable, and say so.
	Wait time.Duration `yaml:"wait,omitempty"`
}

// Dialects holds one section for each dialect that the subject speaks.
type Dialects struct {
	Session *Session `yaml:"session,omitempty"`
	Form    *Form    `yaml:"form,omitempty"`
	RPC     *RPC     `yaml:"rpc,omitempty"`
	Scoped  *Scoped  `yaml:"scoped,omitempty"`
}

// Deviation is a row that the subject is known to break. It turns a FAIL or
// WARN into KNOWN_DEVIATION until the end date; a deviation that passes, or
// whose date is over, is an error.
type Deviation struct {
	ID      string `yaml:"id"`                // as SES-06
	Dialect string `yaml:"dialect,omitempty"` // needed for SEC rows
	Reason  string `yaml:"reason"`
	Link    string `yaml:"link"`
	Until   string `yaml:"until"` // YYYY-MM-DD, the last day on which it counts
}

// Pace bounds how fast the subject is asked, where a limit on requests or
// connections stands before it. What is 0 is not bounded. A Retry-After of a few
// seconds is waited for anyway.
type Pace struct {
	// RequestsPerSecond over all connections.
	RequestsPerSecond int `yaml:"requests_per_second,omitempty"`
	// LoginsPerMinute, right and wrong ones.
	LoginsPerMinute int `yaml:"logins_per_minute,omitempty"`
	// Connections is how many requests may be under way at once.
	Connections int `yaml:"connections,omitempty"`
}

// Throttle says how the subject slows guessing (SEC-03).
type Throttle struct {
	// Attempts is how many wrong passwords in a row are judged as passwords, at
	// most; the next login is refused. A subject that locks after five writes 5, and
	// refuses at least the sixth. Default 20.
	Attempts int `yaml:"attempts,omitempty"`
	// Wait is the time after which the right password works again. Default 1m.
	Wait time.Duration `yaml:"wait,omitempty"`
}
