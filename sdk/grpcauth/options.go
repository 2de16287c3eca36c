package grpcauth

import "github.com/dragoman-auth/dragoman/internal/sdk/loopback"

// Option changes a setting of [Credentials], [DialOptions], [Conn] or [Over].
type Option func(*settings)

// WithAllowPlaintext sends passwords and tokens over a connection in clear, even
// if it leads to another machine. Whoever is on the way can read them.
func WithAllowPlaintext() Option {
	return func(s *settings) { s.allowed = func(string) bool { return true } }
}

// settings are what the options set.
type settings struct {
	allowed func(host string) bool // to send in clear
}

func settingsOf(options []Option) settings {
	s := settings{allowed: loopback.Is}
	for _, option := range options {
		if option != nil {
			option(&s)
		}
	}
	return s
}
