@rpc
Feature: The other names
  Public clients mostly call AuthenticateEx2 and RenewSession2; a server that
  has them behaves the same under these names. The vendor's documented example
  calls Authenticate, which has no error_code and raises an error.

  @RPC-24
  Scenario Outline: AuthenticateEx2 over <transport> answers as AuthenticateEx does
    Given a token obtained over <transport>
    And the protected method is called over <transport> with the token
    And it is accepted
    When AuthenticateEx2 is called over <transport> with the full account's password
    Then the call succeeds
    And "token_name" is a non-empty string
    And "token_value" is a non-empty string
    And the answer has the members that AuthenticateEx over <transport> answers with
    And it says of the account what AuthenticateEx over <transport> says
    When the protected method is called over <transport> with the token
    Then it is accepted

    @needs:http
    Examples:
      | transport |
      | HTTP      |

    @needs:grpc
    Examples:
      | transport |
      | gRPC      |

  @RPC-24 @guess
  Scenario Outline: AuthenticateEx2 over <transport> issues no token for a wrong password
    Given the throttle is reset
    And the right password obtains a token over <transport>
    When AuthenticateEx2 is called over <transport> with a wrong password
    Then no token is in the answer
    And the login is refused
    But the right password obtains a token over <transport>

    @needs:http
    Examples:
      | transport |
      | HTTP      |

    @needs:grpc
    Examples:
      | transport |
      | gRPC      |

  @RPC-24 @guess @needs:http
  Scenario Outline: AuthenticateEx2 over HTTP issues no token with <authorization>
    Given the throttle is reset
    And the right password obtains a token over HTTP
    When AuthenticateEx2 is called over HTTP with the right data and <authorization>
    Then no token is in the answer
    But AuthenticateEx2 is called over HTTP with the full account's password
    And the call succeeds

    Examples:
      | authorization             |
      | no authorization          |
      | a wrong password in Basic |

  @RPC-24
  Scenario Outline: RenewSession2 over <transport> renews as RenewSession does
    Given a token obtained over <transport>
    And the protected method is called over <transport> with the token
    And it is accepted
    And RenewSession is called over <transport> with the token
    And the call succeeds
    And the protected method is called over <transport> with the renewed token
    And it is accepted
    And a token obtained over <transport>
    When RenewSession2 is called over <transport> without a token
    Then the call is refused
    When RenewSession2 is called over <transport> with the token
    Then the call succeeds
    When the protected method is called over <transport> with the renewed token
    Then it is accepted

    @needs:http
    Examples:
      | transport |
      | HTTP      |

    @needs:grpc
    Examples:
      | transport |
      | gRPC      |

  @RPC-24 @clock @needs:clock
  Scenario Outline: RenewSession2 over <transport> prolongs a session, and no expired one
    Given a token obtained over <transport>
    And RenewSession is called over <transport> with the token
    And the call succeeds
    And the protected method is called over <transport> with the renewed token
    And it is accepted
    And a token obtained over <transport>
    And another token obtained over <transport>
    And it is just before the token's end
    And the protected method is called over <transport> with the other token
    And it is accepted
    When RenewSession2 is called over <transport> with the other token
    Then the renewed token ends later than the token
    When it is just after the token's end
    And the protected method is called over <transport> with the renewed token
    Then it is accepted
    When RenewSession2 is called over <transport> with the token
    Then the call is refused

    @needs:http
    Examples:
      | transport |
      | HTTP      |

    @needs:grpc
    Examples:
      | transport |
      | gRPC      |

  @RPC-26
  Scenario Outline: <method> over <transport> obtains a token
    Given a token obtained over <transport>
    And the protected method is called over <transport> with the token
    And it is accepted
    When <method> is called over <transport> with the full account's password
    Then the call succeeds
    And "token_name" is a non-empty string
    And "token_value" is a non-empty string
    And "expires_at" is a non-empty string
    And "user_id" is a non-empty string
    When the protected method is called over <transport> with the token
    Then it is accepted

    @needs:http
    Examples:
      | method        | transport |
      | Authenticate  | HTTP      |
      | Authenticate2 | HTTP      |

    @needs:grpc
    Examples:
      | method        | transport |
      | Authenticate  | gRPC      |
      | Authenticate2 | gRPC      |

  @RPC-26 @guess
  Scenario Outline: <method> over <transport> raises an error for a wrong password
    Given the throttle is reset
    And the right password obtains a token over <transport>
    When <method> is called over <transport> with a wrong password
    Then it is refused
    And no token is in the answer
    But the right password obtains a token over <transport>

    @needs:http
    Examples:
      | method        | transport |
      | Authenticate  | HTTP      |
      | Authenticate2 | HTTP      |

    @needs:grpc
    Examples:
      | method        | transport |
      | Authenticate  | gRPC      |
      | Authenticate2 | gRPC      |

  @RPC-26 @guess @needs:http
  Scenario Outline: <method> over HTTP issues no token with <authorization>
    Given the throttle is reset
    And the right password obtains a token over HTTP
    When <method> is called over HTTP with the right data and <authorization>
    Then no token is in the answer
    But <method> is called over HTTP with the full account's password
    And the call succeeds

    Examples:
      | method        | authorization             |
      | Authenticate  | no authorization          |
      | Authenticate  | a wrong password in Basic |
      | Authenticate2 | no authorization          |
      | Authenticate2 | a wrong password in Basic |
