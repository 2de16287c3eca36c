package manifest

import (
	"cmp"
	"net/http"
	"strings"
	"time"
)

// setDefault gives a field that is unset its default.
func setDefault[T comparable](field *T, value T) { *field = cmp.Or(*field, value) }

// complete fills in what the manifest leaves out.
func (m *Manifest) complete() {
	s := &m.Subject
	s.URL = strings.TrimRight(s.URL, "/")
	setDefault(&s.Ready.Path, "/")
	setDefault(&s.Ready.Timeout, 30*time.Second)
	if s.Dockerfile != nil {
		setDefault(&s.Dockerfile.Context, ".")
		setDefault(&s.Dockerfile.File, "Dockerfile")
	}
	setDefault(&m.Name, s.describe())
	if m.Clock != nil && m.Clock.Path != "" {
		setDefault(&m.Clock.Method, http.MethodPost)
	}
	if d := m.Dialects.Session; d != nil {
		d.complete()
	}
	if d := m.Dialects.Form; d != nil {
		d.complete()
	}
	if d := m.Dialects.RPC; d != nil {
		d.complete()
	}
	if d := m.Dialects.Scoped; d != nil {
		d.complete()
	}
}

func (s *Subject) describe() string {
	switch {
	case s.Builtin:
		return "dragoman's reference server"
	case s.Dockerfile != nil:
		return s.Dockerfile.File + " in " + s.Dockerfile.Context
	case len(s.Command) > 0:
		return s.Command[0]
	}
	return cmp.Or(s.Image, s.URL, s.GRPC)
}

func (s *Session) complete() {
	s.Prefix = prefix(s.Prefix)
	setDefault(&s.Login, "/sessions")
	setDefault(&s.Refresh, "/tokens")
	setDefault(&s.Protected, "/users")
	setDefault(&s.TokenLife, 10*time.Minute)
	if a := s.SessionsAPI; a != nil {
		setDefault(&a.List, "/sessions")
		setDefault(&a.Item, "/sessions/{id}")
		setDefault(&a.ID, "id")
		setDefault(&a.IP, "ip_address")
		setDefault(&a.Device, "user_agent")
		setDefault(&a.User, "user")
		setDefault(&a.End.Method, http.MethodDelete)
		setDefault(&a.End.Path, a.Item)
	}
	if s.APIKey != nil {
		setDefault(&s.APIKey.Allowed, s.Protected)
	}
	s.Throttle.complete()
}

func (f *Form) complete() {
	f.Prefix = prefix(f.Prefix)
	setDefault(&f.Login, "/login")
	setDefault(&f.Protected, "/items")
	setDefault(&f.ShortLife, 24*time.Hour)
	setDefault(&f.LongLife, 720*time.Hour)
	setDefault(&f.ValidTo, "auto")
	setDefault(&f.TimeZone, "UTC")
	f.Throttle.complete()
}

func (r *RPC) complete() {
	if r.HTTP != nil {
		setDefault(&r.HTTP.Path, "/grpc")
	}
	if r.REST != nil {
		setDefault(&r.REST.Path, "/v1/authentication")
	}
	setDefault(&r.Protected, "axxonsoft.bl.domain.DomainService.GetVersion")
	r.Throttle.complete()
}

func (s *Scoped) complete() {
	s.Prefix = prefix(cmp.Or(s.Prefix, "/api/v1"))
	setDefault(&s.Auth, "/auth/token")
	setDefault(&s.Tokens, "/tokens")
	setDefault(&s.DefaultLife, 24*time.Hour)
	r := &s.Resources
	setDefault(&r.List, "/objects")
	setDefault(&r.Item, r.List+"/42")
	setDefault(&r.Below, r.Item+"/packets")
	setDefault(&r.Other, "/geofences")
	setDefault(&r.Write, http.MethodPost)
	setDefault(&r.WriteBody, `{"name":"dragoman"}`)
	s.Throttle.complete()
}

// DefaultWait is after which time the right password works again, where the
// manifest does not say it.
const DefaultWait = time.Minute

func (t *Throttle) complete() {
	if t == nil {
		return
	}
	setDefault(&t.Attempts, 20)
	setDefault(&t.Wait, DefaultWait)
}

// prefix makes "/" say that there is no prefix, for "" means the default.
func prefix(path string) string { return strings.TrimRight(path, "/") }
