package manifest

// Capability is something that a row needs and a subject may lack. What a
// manifest does not declare is NOT_APPLICABLE; what it declares and the
// subject lacks is a FAIL. The clock alone is different: its absence makes a
// row UNTESTABLE, for every server has the duty and only the proof is missing.
type Capability string

// The capabilities.
const (
	ClockControl   Capability = "clock"
	LimitedAccount Capability = "limited_account"
	SessionsList   Capability = "sessions_api"
	APIKeys        Capability = "api_key"
	Locales        Capability = "locales"
	Inflection     Capability = "inflection"
	OverHTTP       Capability = "http"
	OverGRPC       Capability = "grpc"
	V1Names        Capability = "v1_names"
	V2Names        Capability = "v2_names"
	REST           Capability = "rest"
	SessionInfo    Capability = "session_info"
	TwoFactors     Capability = "second_factor" // of either kind
	Authenticator  Capability = "authenticator"
	Supervision    Capability = "supervised"
	Methods        Capability = "methods"
	Wildcard       Capability = "wildcard"
	Throttling     Capability = "throttle"
)

// Declares says whether the manifest declares a capability for a dialect.
func (m *Manifest) Declares(dialect string, c Capability) bool {
	switch {
	case c == ClockControl:
		return m.Clock != nil
	case c == OverHTTP && dialect != "rpc": // which alone has another transport
		return m.Speaks(dialect)
	}
	switch d := m.Dialects; dialect {
	case "session":
		return d.Session != nil && d.Session.declares(c)
	case "form":
		return d.Form != nil && c == Throttling && d.Form.Throttle != nil
	case "rpc":
		return d.RPC != nil && d.RPC.declares(c)
	case "scoped":
		return d.Scoped != nil && d.Scoped.declares(c)
	}
	return false
}

func (s *Session) declares(c Capability) bool {
	switch c {
	case LimitedAccount:
		return s.Accounts.Limited != nil
	case SessionsList:
		return s.SessionsAPI != nil
	case APIKeys:
		return s.APIKey != nil
	case Locales:
		return len(s.Locales) > 0
	case Inflection:
		return s.Inflection
	case Throttling:
		return s.Throttle != nil
	}
	return false
}

func (r *RPC) declares(c Capability) bool {
	switch c {
	case OverHTTP:
		return r.HTTP != nil
	case OverGRPC:
		return r.GRPC != nil
	case V1Names:
		return r.V1Names
	case V2Names:
		return r.V2Names
	case REST:
		return r.REST != nil
	case SessionInfo:
		return r.SessionInfo
	case LimitedAccount:
		return r.Accounts.Limited != nil
	case TwoFactors:
		return r.SecondFactor != nil || r.Supervised != nil
	case Authenticator:
		return r.SecondFactor != nil
	case Supervision:
		return r.Supervised != nil
	case Throttling:
		return r.Throttle != nil
	}
	return false
}

func (s *Scoped) declares(c Capability) bool {
	switch c {
	case LimitedAccount:
		return s.Accounts.Limited != nil
	case Methods:
		return s.Methods != ""
	case Wildcard:
		return s.Wildcard
	case Throttling:
		return s.Throttle != nil
	}
	return false
}

// DialectNames are the words of the four dialects, in the order of reports.
func DialectNames() []string { return []string{"session", "form", "rpc", "scoped"} }

// Speaks says whether the manifest has a section for a dialect.
func (m *Manifest) Speaks(dialect string) bool {
	switch d := m.Dialects; dialect {
	case "session":
		return d.Session != nil
	case "form":
		return d.Form != nil
	case "rpc":
		return d.RPC != nil
	case "scoped":
		return d.Scoped != nil
	}
	return false
}

// Throttle is how the subject slows guessing in a dialect, or nil where the
// manifest does not declare that it does.
func (m *Manifest) Throttle(dialect string) *Throttle {
	switch d := m.Dialects; {
	case dialect == "session" && d.Session != nil:
		return d.Session.Throttle
	case dialect == "form" && d.Form != nil:
		return d.Form.Throttle
	case dialect == "rpc" && d.RPC != nil:
		return d.RPC.Throttle
	case dialect == "scoped" && d.Scoped != nil:
		return d.Scoped.Throttle
	}
	return nil
}

// Key is what to add to the manifest to declare a capability for a dialect.
func (c Capability) Key(dialect string) string {
	switch c {
	case ClockControl:
		return "clock"
	case LimitedAccount:
		return "dialects." + dialect + ".accounts.limited"
	case Authenticator:
		return "dialects." + dialect + ".second_factor"
	}
	return "dialects." + dialect + "." + string(c)
}

// Known says whether c is one of the capabilities.
func (c Capability) Known() bool {
	switch c {
	case ClockControl, LimitedAccount, SessionsList, APIKeys, Locales, Inflection,
		OverHTTP, OverGRPC, V1Names, V2Names, REST, SessionInfo, TwoFactors, Authenticator, Supervision, Methods, Wildcard, Throttling:
		return true
	}
	return false
}
