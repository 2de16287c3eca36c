package manifest

import (
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// checking finds the first senseless value of a manifest that was read.
type checking struct {
	name  string
	lines map[string]int
	err   error
}

// fail reports a problem with the value at path. Its line is that of the
// nearest key around it that the file has.
func (c *checking) fail(path, format string, args ...any) {
	if c.err != nil {
		return
	}
	at := path
	for at != "" && c.lines[at] == 0 {
		at = at[:max(strings.LastIndexAny(at, ".["), 0)]
	}
	c.err = &Error{File: c.name, Line: c.lines[at], Problem: described(path) + " " + fmt.Sprintf(format, args...)}
}

func (c *checking) manifest(m *Manifest) {
	c.subject(m)
	if m.Clock != nil {
		c.clock(m.Clock)
	}
	c.pace(m.Pace)
	c.publicKey(m.PublicKey)
	d := m.Dialects
	if d.Session == nil && d.Form == nil && d.RPC == nil && d.Scoped == nil {
		c.fail("dialects", "is missing: name at least one of session, form, rpc and scoped")
	}
	if d.Session != nil {
		c.session(d.Session)
	}
	if d.Form != nil {
		c.form(d.Form)
	}
	if d.RPC != nil {
		c.rpc(d.RPC)
	}
	if d.Scoped != nil {
		c.scoped(d.Scoped)
	}
	for i, deviation := range m.KnownDeviations {
		c.deviation(fmt.Sprintf("known_deviations[%d]", i), deviation)
	}
}

func (c *checking) publicKey(k *PublicKey) {
	if k == nil {
		return
	}
	of := c.sole("public_key", "url and file", map[string]bool{"url": k.URL != "", "file": k.File != ""})
	if of == "url" && !strings.HasPrefix(k.URL, "/") && !strings.HasPrefix(k.URL, "http://") && !strings.HasPrefix(k.URL, "https://") {
		c.fail("public_key.url", "has to be a path that begins with /, or begin with http:// or https://")
	}
}

func (c *checking) subject(m *Manifest) {
	s := m.Subject
	kind := c.sole("subject", "image, dockerfile, command, url and builtin", map[string]bool{
		"image": s.Image != "", "dockerfile": s.Dockerfile != nil, "command": len(s.Command) > 0,
		"url": s.URL != "" || s.GRPC != "", "builtin": s.Builtin,
	})
	if kind == "" {
		return
	}
	if s.Ready.Timeout < 0 {
		c.fail("subject.ready.timeout", "has to be positive")
	}
	c.path("subject.ready.path", s.Ready.Path)
	c.tls("subject.tls", s.TLS)
	c.port("subject.ports.http", s.Ports.HTTP)
	c.port("subject.ports.grpc", s.Ports.GRPC)
	switch kind {
	case "image", "dockerfile":
		if m.NeedsHTTP() && s.Ports.HTTP == 0 {
			c.fail("subject.ports.http", "is missing: the port that the server listens on inside its container")
		}
		if m.NeedsGRPC() && s.Ports.GRPC == 0 {
			c.fail("subject.ports.grpc", "is missing: the port of direct gRPC inside the container, for dialects.rpc.grpc")
		}
	case "url":
		c.address(m)
	}
}

// sole wants exactly one of several keys to be set, and returns it, or "" where
// none or more are. Keys are all of them in words.
func (c *checking) sole(path, keys string, set map[string]bool) string {
	var found []string
	for _, key := range slices.Sorted(maps.Keys(set)) {
		if set[key] {
			found = append(found, key)
		}
	}
	if len(found) == 1 {
		return found[0]
	}
	if found == nil {
		found = []string{"none"}
	}
	c.fail(path, "needs exactly one of %s, and has %s", keys, strings.Join(found, " and "))
	return ""
}

func (c *checking) address(m *Manifest) {
	s := m.Subject
	if s.URL == "" && m.NeedsHTTP() {
		c.fail("subject.url", "is missing: the root URL of the server")
		return
	}
	if s.URL != "" {
		u, err := url.Parse(s.URL)
		switch {
		case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
			c.fail("subject.url", `has to be a whole URL, as "http://127.0.0.1:8080"`)
		case u.User != nil || u.RawQuery != "" || u.Fragment != "":
			c.fail("subject.url", "has to be without user, query and fragment")
		}
	}
	if s.GRPC == "" {
		if m.NeedsGRPC() {
			c.fail("subject.grpc", `is missing: the host and port of direct gRPC, as "127.0.0.1:9090", for dialects.rpc.grpc`)
		}
		return
	}
	if _, port, err := net.SplitHostPort(s.GRPC); err != nil || port == "" {
		c.fail("subject.grpc", `has to be a host and a port, as "127.0.0.1:9090"`)
	}
}

// NeedsHTTP says whether any declared dialect, or the clock's request, speaks HTTP.
func (m *Manifest) NeedsHTTP() bool {
	d := m.Dialects
	return d.Session != nil || d.Form != nil || d.Scoped != nil || d.RPC != nil && d.RPC.HTTP != nil || m.Clock != nil && m.Clock.Path != ""
}

// TrustOverGRPC is whom direct gRPC over TLS trusts: dialects.rpc.grpc.trust, else
// subject.tls, which may be nil.
func (m *Manifest) TrustOverGRPC() *TLS {
	if m.NeedsGRPC() && m.Dialects.RPC.GRPC.Trust != nil {
		return m.Dialects.RPC.GRPC.Trust
	}
	return m.Subject.TLS
}

// NeedsGRPC says whether direct gRPC is declared.
func (m *Manifest) NeedsGRPC() bool { return m.Dialects.RPC != nil && m.Dialects.RPC.GRPC != nil }

func (c *checking) clock(clock *Clock) {
	switch c.sole("clock", "path (a request), command and wait (how long to wait for real)", map[string]bool{
		"path": clock.Path != "", "command": len(clock.Command) > 0, "wait": clock.Wait != 0,
	}) {
	case "":
		return
	case "wait":
		c.life("clock.wait", clock.Wait)
		return
	case "path":
		c.path("clock.path", clock.Path)
		c.method("clock.method", clock.Method)
	}
	if !strings.Contains(clock.Path+clock.Body+strings.Join(clock.Command, " "), "{seconds}") {
		c.fail("clock", "needs {seconds} in its path, body or command, in place of the number of seconds to move by")
	}
}

func (c *checking) session(s *Session) {
	const at = "dialects.session."
	c.prefix(at+"prefix", s.Prefix)
	c.path(at+"login", s.Login)
	c.path(at+"refresh", s.Refresh)
	c.path(at+"protected", s.Protected)
	c.life(at+"token_life", s.TokenLife)
	c.required(at+"accounts.full.email", s.Accounts.Full.Email)
	c.required(at+"accounts.full.password", s.Accounts.Full.Password)
	if limited := s.Accounts.Limited; limited != nil {
		c.required(at+"accounts.limited.email", limited.Email)
		c.required(at+"accounts.limited.password", limited.Password)
	}
	if api := s.SessionsAPI; api != nil {
		c.path(at+"sessions_api.list", api.List)
		c.itemPath(at+"sessions_api.item", api.Item)
		c.itemPath(at+"sessions_api.end.path", api.End.Path)
		c.method(at+"sessions_api.end.method", api.End.Method)
	}
	if key := s.APIKey; key != nil {
		c.required(at+"api_key.key", key.Key)
		c.path(at+"api_key.allowed", key.Allowed)
		c.path(at+"api_key.denied", key.Denied)
	}
	for i, locale := range s.Locales {
		place := fmt.Sprintf("%slocales[%d].", at, i)
		c.required(place+"name", locale.Name)
		c.path(place+"login", locale.Login)
		c.path(place+"protected", locale.Protected)
	}
	c.throttle(at+"throttle", s.Throttle)
}

func (c *checking) form(f *Form) {
	const at = "dialects.form."
	c.prefix(at+"prefix", f.Prefix)
	c.path(at+"login", f.Login)
	c.path(at+"protected", f.Protected)
	c.life(at+"short_life", f.ShortLife)
	c.life(at+"long_life", f.LongLife)
	c.accounts(at+"accounts", f.Accounts)
	words := []string{"auto", "rfc3339", "datetime", "epoch_seconds", "epoch_millis"}
	if !slices.Contains(words, f.ValidTo) && !strings.Contains(f.ValidTo, "2006") && !strings.Contains(f.ValidTo, "06") {
		c.fail(at+"valid_to", `has to be one of %s, or a layout as "02.01.2006 15:04"`, strings.Join(words, ", "))
	}
	if _, err := time.LoadLocation(f.TimeZone); err != nil {
		c.fail(at+"time_zone", `has to be UTC or a name as "Europe/Warsaw"`)
	}
	c.throttle(at+"throttle", f.Throttle)
}

func (c *checking) tls(at string, t *TLS) {
	if t != nil && (t.Cert == "") != (t.Key == "") {
		c.fail(at, "needs cert and key together, or neither")
	}
}

func (c *checking) scoped(s *Scoped) {
	const at = "dialects.scoped."
	c.prefix(at+"prefix", s.Prefix)
	c.path(at+"auth", s.Auth)
	c.path(at+"tokens", s.Tokens)
	c.life(at+"default_life", s.DefaultLife)
	c.accounts(at+"accounts", s.Accounts)
	r := s.Resources
	c.path(at+"resources.list", r.List)
	c.oneBelow(at+"resources.item", r.Item, r.List)
	c.oneBelow(at+"resources.below", r.Below, r.Item)
	c.path(at+"resources.other", r.Other)
	c.method(at+"resources.write", r.Write)
	if s.Methods != "" {
		c.path(at+"methods", s.Methods)
	}
	c.throttle(at+"throttle", s.Throttle)
}

func (c *checking) accounts(at string, a LoginAccounts) {
	c.required(at+".full.login", a.Full.Login)
	c.required(at+".full.password", a.Full.Password)
	if a.Limited != nil {
		c.required(at+".limited.login", a.Limited.Login)
		c.required(at+".limited.password", a.Limited.Password)
	}
}

func (c *checking) deviation(at string, d Deviation) {
	c.required(at+".id", d.ID)
	c.required(at+".reason", d.Reason)
	c.required(at+".link", d.Link)
	if _, err := time.Parse(time.DateOnly, d.Until); err != nil {
		c.fail(at+".until", "has to be the last day on which it counts, as 2027-01-31")
	}
	if d.Dialect != "" && !slices.Contains(DialectNames(), d.Dialect) {
		c.fail(at+".dialect", "has to be one of %s", strings.Join(DialectNames(), ", "))
	}
	if strings.HasPrefix(d.ID, "SEC-") && d.Dialect == "" {
		c.fail(at+".dialect", "is missing: %s is judged in every dialect", d.ID)
	}
}

func (c *checking) pace(p *Pace) {
	if p == nil {
		return
	}
	for _, bound := range []struct {
		key   string
		value int
	}{{"requests_per_second", p.RequestsPerSecond}, {"logins_per_minute", p.LoginsPerMinute}, {"connections", p.Connections}} {
		if bound.value < 0 {
			c.fail("pace."+bound.key, "must not be negative; 0 is no bound")
		}
	}
}

func (c *checking) throttle(at string, t *Throttle) {
	if t == nil {
		return
	}
	if t.Attempts < 1 {
		c.fail(at+".attempts", "has to be at least 1")
	}
	c.life(at+".wait", t.Wait)
}

func (c *checking) port(at string, port int) {
	if port < 0 || port > 65535 {
		c.fail(at, "is %d, which is no port", port)
	}
}

func (c *checking) required(at, value string) {
	if value == "" {
		c.fail(at, "is missing")
	}
}

func (c *checking) path(at, path string) {
	switch {
	case path == "":
		c.fail(at, "is missing")
	case !strings.HasPrefix(path, "/"):
		c.fail(at, "has to be a path that begins with /")
	}
}

func (c *checking) prefix(at, path string) {
	if path != "" {
		c.path(at, path)
	}
}

func (c *checking) itemPath(at, path string) {
	c.path(at, path)
	if !strings.Contains(path, "{id}") {
		c.fail(at, "has to hold {id} in place of the session's id")
	}
}

func (c *checking) oneBelow(at, path, parent string) {
	c.path(at, path)
	segment, below := strings.CutPrefix(path, parent+"/")
	if !below || segment == "" || strings.Contains(segment, "/") {
		c.fail(at, "has to be one segment below %s", parent)
	}
}

func (c *checking) life(at string, life time.Duration) {
	if life <= 0 {
		c.fail(at, "has to be positive")
	}
}

func (c *checking) method(at, method string) {
	known := []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}
	if !slices.Contains(known, method) {
		c.fail(at, "has to be one of %s", strings.Join(known, ", "))
	}
}
