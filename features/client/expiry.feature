Feature: Tokens that end
  The end of a token is no matter of the program that makes calls.

  @session @form @rpc @scoped @CLI-10
  Scenario: A token that has expired is replaced, and the call is made again
    Given a client that has made a call
    When the token expires at the server
    And the client makes a call
    Then it is answered 200

  @session @form @rpc @scoped @CLI-11 @needs:early
  Scenario: A token whose end is known is replaced before the server rejects it
    Given a server whose tokens live 2 seconds
    And a client that has made a call
    When the client waits 3 seconds and makes a call
    Then it is answered 200
    And the call after the wait brings another token

  @session @form @rpc @scoped @CLI-12
  Scenario: After a replacement only the new token is used
    Given a client that has replaced its token
    When the token expires at the server
    And the client makes a call
    And the client makes a call
    Then no call brings an older token than a call before
    And the server has seen at most 1 more login
    And the server has seen at most 1 more renewal

  @session @form @rpc @scoped @CLI-13
  Scenario: Many calls that are rejected one after another share one replacement
    Given a client that has replaced its token
    And answers to calls become slower and slower
    When the token expires at the server
    And the client makes 50 calls at once
    Then all are answered 200
    And the server has seen at most 1 more login
    And the server has seen at most 1 more renewal

  @session @form @rpc @scoped @CLI-13
  Scenario: Many calls that are rejected at the same time share one replacement
    Given a client that has replaced its token
    And every exchange takes 500 ms
    When the token expires at the server
    And the client makes 50 calls at once
    Then all are answered 200
    And the server has seen at most 1 more login
    And the server has seen at most 1 more renewal

  @session @form @rpc @scoped @CLI-14
  Scenario: A client gives up where every token is rejected
    Given a client that has made a call
    When every call is rejected
    And the client makes a call
    Then the server has seen at most 10 more calls
    And the server has seen at most 10 more exchanges
    But the server works again
    And later a call is answered 200

  @session @CLI-15
  Scenario: A session that was revoked leads to a new login
    Given a client that has replaced its token
    When the session ends at the server
    And the client makes a call
    And the client makes a call
    Then it is answered 200
    And the server has seen exactly 1 more login

  @session @CLI-16 @needs:renew
  Scenario: Each refresh token is used once
    Given a client that has replaced its token
    When the token expires at the server
    And the client makes a call
    Then no refresh token is used twice
    And the server has seen at least 1 more renewal

  @session @CLI-17
  Scenario: The refresh token goes to the token endpoint only
    Given a client that has replaced its token
    When the client makes a call
    Then no refresh token is sent in place of an access token

  @session @form @rpc @scoped @CLI-18
  Scenario: A call waits for a token endpoint that is down for a moment
    Given a client that has replaced its token
    And the next exchange is answered 503
    When the token expires at the server
    And the client makes a call
    Then later a call is answered 200

  @session @form @rpc @scoped @CLI-19
  Scenario: 403 is the answer of the call, and no reason for another token
    Given a client that has made a call
    And every call is answered 403
    When the client makes a call
    Then it is answered 403
    And the server has seen exactly 0 more exchanges
    And the server has seen exactly 1 more call

  @session @form @rpc @scoped @CLI-20
  Scenario: 500 is no reason for another token
    Given a client that has made a call
    When every call is answered 500
    And the client makes a call
    And the server works again
    And the client makes a call
    Then it is answered 200
    And the server has seen exactly 0 more exchanges
