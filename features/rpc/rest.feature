@rpc
Feature: The service as REST
  Web clients and apps call the methods of the service by path. The login is
  anonymous, and sessions and tokens are the same as elsewhere.

  @RPC-27
  Scenario: The login over REST obtains a token, anonymously
    When AuthenticateEx2 is called over REST with the full account's password
    Then the call succeeds
    And "token_name" is a non-empty string
    And "token_value" is a non-empty string
    And "expires_at" is a non-empty string
    And "user_id" is a non-empty string
    And "error_code" is "AUTHENTICATE_CODE_OK"

  @RPC-27
  Scenario Outline: A token obtained over REST is accepted over <transport>
    Given a token obtained over <transport>
    And the protected method is called over <transport> with the token
    And it is accepted
    And AuthenticateEx2 is called over REST with the full account's password
    And "token_value" is a non-empty string
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

  @RPC-27 @guess
  Scenario: A wrong password obtains no token over REST
    Given the throttle is reset
    And AuthenticateEx2 is called over REST with the full account's password
    And "token_value" is a non-empty string
    When AuthenticateEx2 is called over REST with a wrong password
    Then the login is refused
    And no token is in the answer

  @RPC-28 @needs:http
  Scenario: RenewSession2 over REST renews a session of /grpc
    Given a token obtained over HTTP
    And the protected method is called over HTTP with the token
    And it is accepted
    When RenewSession2 is called over REST with the token
    Then the call succeeds
    When the protected method is called over HTTP with the renewed token
    Then it is accepted

  @RPC-28 @clock @needs:http @needs:clock
  Scenario: RenewSession2 over REST prolongs a session, and no expired one
    Given a token obtained over HTTP
    And RenewSession is called over HTTP with the token
    And the call succeeds
    And the protected method is called over HTTP with the renewed token
    And it is accepted
    And a token obtained over HTTP
    And another token obtained over HTTP
    And it is just before the token's end
    And the protected method is called over HTTP with the other token
    And it is accepted
    When RenewSession2 is called over REST with the other token
    Then the renewed token ends later than the token
    When it is just after the token's end
    And the protected method is called over HTTP with the renewed token
    Then it is accepted
    When RenewSession2 is called over REST with the token
    Then the call is refused

  @RPC-28 @needs:http
  Scenario: RenewSession2 over REST is refused without a token
    Given a token obtained over HTTP
    When RenewSession2 is called over REST without a token
    Then the call is refused
    But RenewSession2 is called over REST with the token
    And the call succeeds

  @RPC-28 @needs:http
  Scenario: RenewSession2 over REST is refused with a garbled token
    Given a token obtained over HTTP
    When RenewSession2 is called over REST with a garbled token
    Then the call is refused
    But RenewSession2 is called over REST with the token
    And the call succeeds

  @RPC-28 @needs:http
  Scenario: CloseSession over REST ends a session of /grpc
    Given a token obtained over HTTP
    And the protected method is called over HTTP with the token
    And it is accepted
    When CloseSession is called over REST with the token
    Then the call succeeds
    When the protected method is called over HTTP with the token
    Then the call is refused

  @RPC-28 @needs:http
  Scenario: A session that is closed at /grpc is not renewed over REST
    Given a token obtained over HTTP
    And CloseSession is called over HTTP with the token
    And the call succeeds
    When RenewSession2 is called over REST with the token
    Then the call is refused
