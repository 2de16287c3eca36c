package session

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/dragoman-auth/dragoman/internal/wire"
	"github.com/dragoman-auth/dragoman/sdk"
)

// Option changes a setting of [Password] or [APIKey].
type Option func(*settings)

// Paths are where a back office has its collections, below the client's
// address. An empty field is the English default.
type Paths struct {
	Sessions string // POST logs in; default "/sessions", in Italian "/sessioni"
	Tokens   string // POST refreshes; default "/tokens" in every language (SES-22)
}

// WithPaths sets other paths.
func WithPaths(paths Paths) Option {
	return func(s *settings) {
		setIf(&s.paths.Sessions, paths.Sessions)
		setIf(&s.paths.Tokens, paths.Tokens)
	}
}

// Sessions is how a back office shows and ends sessions. The dialect says that
// it does, but not how; an empty field is what the reference server has.
type Sessions struct {
	List      string // path; default the path that logs in
	Item      string // path of one, with {id}; default List + "/{id}"
	EndMethod string // default DELETE
	EndPath   string // with {id}; default Item

	// Names of the members that hold a session's attributes.
	ID        string // default "id"
	IPAddress string // default "ip_address"
	UserAgent string // default "user_agent"
	User      string // default "user"
	CreatedAt string // default "created_at"
}

// WithSessions says how the back office shows and ends sessions.
func WithSessions(sessions Sessions) Option { return func(s *settings) { s.sessions = sessions } }

// settings are what the options set.
type settings struct {
	paths    Paths
	sessions Sessions
}

// idMark stands for the id in a path.
const idMark = "{id}"

func settingsOf(options []Option) settings {
	s := settings{paths: Paths{Sessions: wire.SessionSessionsPath, Tokens: wire.SessionTokensPath}}
	for _, option := range options {
		if option != nil {
			option(&s)
		}
	}
	asked := s.sessions
	list := s.paths.Sessions
	setIf(&list, asked.List)
	item := list + "/" + idMark
	setIf(&item, asked.Item)
	s.sessions = Sessions{
		List: list, Item: item, EndMethod: http.MethodDelete, EndPath: item,
		ID: "id", IPAddress: "ip_address", UserAgent: "user_agent", User: "user", CreatedAt: "created_at",
	}
	setIf(&s.sessions.EndMethod, asked.EndMethod)
	setIf(&s.sessions.EndPath, asked.EndPath)
	setIf(&s.sessions.ID, asked.ID)
	setIf(&s.sessions.IPAddress, asked.IPAddress)
	setIf(&s.sessions.UserAgent, asked.UserAgent)
	setIf(&s.sessions.User, asked.User)
	setIf(&s.sessions.CreatedAt, asked.CreatedAt)
	return s
}

// setIf changes a default where something else was asked for.
func setIf(setting *string, asked string) {
	if asked != "" {
		*setting = asked
	}
}

func (s *settings) validate() error {
	for _, path := range []string{s.paths.Sessions, s.paths.Tokens, s.sessions.List, s.sessions.Item, s.sessions.EndPath} {
		if !strings.HasPrefix(path, "/") {
			return fmt.Errorf("session.WithPaths and session.WithSessions need paths that start with /: %w", sdk.ErrConfig)
		}
	}
	for _, path := range []string{s.sessions.Item, s.sessions.EndPath} {
		if !strings.Contains(path, idMark) {
			return fmt.Errorf("session.WithSessions needs paths of one session that hold {id}: %w", sdk.ErrConfig)
		}
	}
	return nil
}
