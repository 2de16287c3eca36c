// What can be called, whichever transport the call comes over.
//
// A method has a request type, a reply type, whether it needs a session, and
// run(data, session), which gives the reply's value.

import { Locked } from './accounts.mjs';
import * as proto from './proto.mjs';
import { Code, Refusal, unauthenticated } from './refusal.mjs';

const AUTHENTICATION = 'axxonsoft.bl.auth.AuthenticationService';
const STATISTICS = 'axxonsoft.bl.statistics.StatisticService';

// The metadata key under which a token travels over direct gRPC.
export const TOKEN_NAME = 'nbl-token';

export class Service {
  #accounts;
  #sessions;
  #methods;

  constructor(accounts, sessions, clock) {
    this.#accounts = accounts;
    this.#sessions = sessions;
    const started = clock.now();

    const login = {
      request: proto.AuthenticateRequest, reply: proto.AuthenticateResponseEx, needsSession: false,
      run: (data) => this.#login(data),
    };
    const raisingLogin = {
      request: proto.AuthenticateRequest, reply: proto.AuthenticateResponse, needsSession: false,
      run: (data) => this.#raisingLogin(data),
    };
    const info = {
      request: proto.GetSessionInfoRequest, reply: proto.GetSessionInfoResponse, needsSession: true,
      run: ({ session_token: token }) => {
        const { user, expires } = this.#sessions.check(token);
        return { login: user.login, expires_at: expires };
      },
    };
    const renew = {
      request: proto.Empty, reply: proto.AuthenticateResponseEx, needsSession: true,
      run: (_, session) => granted(this.#sessions.renew(session)),
    };
    const close = {
      request: proto.Empty, reply: proto.CloseSessionResponse, needsSession: true,
      run: (_, session) => this.#close(session),
    };
    const uptime = {
      request: proto.Empty, reply: proto.Uptime, needsSession: true,
      run: () => ({ uptime_seconds: Math.floor(clock.now() - started) }),
    };
    this.#methods = new Map([
      [`${AUTHENTICATION}.Authenticate`, raisingLogin],
      [`${AUTHENTICATION}.Authenticate2`, raisingLogin],
      [`${AUTHENTICATION}.AuthenticateEx`, login],
      [`${AUTHENTICATION}.AuthenticateEx2`, login],
      [`${AUTHENTICATION}.RenewSession`, renew],
      [`${AUTHENTICATION}.RenewSession2`, renew],
      [`${AUTHENTICATION}.CloseSession`, close],
      [`${AUTHENTICATION}.GetSessionInfo`, info],
      [`${STATISTICS}.GetUptime`, uptime],
    ]);
  }

  // method finds a method by its full name, with dots.
  method(name) {
    const method = this.#methods.get(name);
    if (!method) throw new Refusal(Code.UNIMPLEMENTED, 'there is no such method');
    return method;
  }

  async #login({ user_name, password }) {
    try {
      const user = await this.#accounts.check(user_name, password);
      if (!user) return { error_code: 'AUTHENTICATE_CODE_WRONG_CREDENTIALS' };
      this.#accounts.forgive(user);
      return granted(this.#sessions.open(user));
    } catch (error) {
      if (error instanceof Locked) return { error_code: 'AUTHENTICATE_CODE_USER_LOCKED' };
      throw error;
    }
  }

  // The older names know no error_code: whoever is refused is told by an error.
  async #raisingLogin({ user_name, password }) {
    const user = await this.#accounts.check(user_name, password);
    if (!user) throw unauthenticated();
    this.#accounts.forgive(user);
    return granted(this.#sessions.open(user));
  }

  #close(session) {
    this.#sessions.close(session);
    return { error_code: 'OK' };
  }
}

function granted({ token, expires, life, user }) {
  return {
    token_name: TOKEN_NAME,
    token_value: token,
    expires_at: new Date(expires * 1000).toISOString().replace(/[-:Z]/g, ''), // 20201112T144147.000
    expires_in: life,
    is_unrestricted: user.is_unrestricted,
    user_id: user.user_id,
    roles_ids: user.roles_ids,
    error_code: 'AUTHENTICATE_CODE_OK',
  };
}
