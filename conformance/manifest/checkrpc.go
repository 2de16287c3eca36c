package manifest

import (
	"encoding/base32"
	"strings"
)

func (c *checking) rpc(r *RPC) {
	const at = "dialects.rpc."
	if r.HTTP == nil && r.GRPC == nil {
		c.fail("dialects.rpc", "needs a transport: http: {} or grpc: {} or both")
	}
	if r.HTTP != nil {
		c.path(at+"http.path", r.HTTP.Path)
	}
	if r.GRPC != nil {
		c.tls(at+"grpc.trust", r.GRPC.Trust)
		if r.GRPC.Trust != nil && !r.GRPC.TLS {
			c.fail(at+"grpc.trust", "needs tls: true beside it")
		}
	}
	c.accounts(at+"accounts", r.Accounts)
	if r.TokenLife < 0 {
		c.fail(at+"token_life", "has to be positive")
	}
	if service, method, ok := cutLast(r.Protected, "."); !ok || service == "" || method == "" || strings.Contains(r.Protected, "/") {
		c.fail(at+"protected", `has to be a full method name with dots, as "axxonsoft.bl.domain.DomainService.GetVersion"`)
	}
	if f := r.SecondFactor; f != nil {
		c.required(at+"second_factor.login", f.Login)
		c.required(at+"second_factor.password", f.Password)
		if _, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(f.Secret); err != nil || f.Secret == "" {
			c.fail(at+"second_factor.secret", "has to be the authenticator's secret in base32, as JBSWY3DPEHPK3PXP")
		}
	}
	c.supervised(at+"supervised", r.Supervised)
	c.throttle(at+"throttle", r.Throttle)
}

func (c *checking) supervised(at string, s *Supervised) {
	if s == nil {
		return
	}
	c.required(at+".login", s.Login)
	c.required(at+".password", s.Password)
	if s.Supervisor != nil {
		c.required(at+".supervisor.login", s.Supervisor.Login)
		c.required(at+".supervisor.password", s.Supervisor.Password)
	}
}

func cutLast(s, separator string) (before, after string, found bool) {
	if i := strings.LastIndex(s, separator); i >= 0 {
		return s[:i], s[i+len(separator):], true
	}
	return s, "", false
}
