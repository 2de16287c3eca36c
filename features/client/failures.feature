Feature: Networks and servers that fail
  Whatever becomes of an exchange, the client goes on as soon as it can, and does nothing twice that counts.

  @session @form @rpc @scoped @CLI-21
  Scenario: The reply to an exchange is lost after the server has done it
    Given a client that has replaced its token
    And the next exchange loses its reply
    When the token expires at the server
    And the client makes a call
    Then later a call is answered 200

  @session @form @rpc @scoped @CLI-22
  Scenario: The reply to an exchange is cut off
    Given a client that has replaced its token
    And the next exchange is cut off
    When the token expires at the server
    And the client makes a call
    Then later a call is answered 200
    And no call brings a token that the server has not issued

  @session @form @rpc @scoped @CLI-23
  Scenario: The reply to an exchange is no JSON
    Given a client that has replaced its token
    And the next exchange is garbled
    When the token expires at the server
    And the client makes a call
    Then later a call is answered 200
    And no call brings a token that the server has not issued

  @session @form @rpc @scoped @CLI-24
  Scenario: A page of HTML in place of a token is no token
    Given a server that answers logins with a page of HTML at first
    When the client makes a call
    Then no call brings a token that the server has not issued
    And later a call is answered 200

  @session @form @rpc @scoped @CLI-25
  Scenario: An answer without a token is no token
    Given a server that answers logins with an empty object at first
    When the client makes a call
    Then no call brings a token that the server has not issued
    And later a call is answered 200

  @session @form @rpc @scoped @CLI-26
  Scenario: JSON that is said to be HTML does no harm
    Given the next login is said to be HTML
    When the client makes a call
    Then it is answered 200 or not at all
    And later a call is answered 200

  @session @form @rpc @scoped @CLI-27
  Scenario: A login that is answered 500 is tried again later
    Given the next login is answered 500
    When the client makes a call
    Then later a call is answered 200

  @session @form @rpc @scoped @CLI-28
  Scenario: Many calls send few requests to a token endpoint that is down
    Given every login takes 500 ms and is answered 503
    When the client makes 50 calls at once
    Then the server has seen at most 5 logins
    But the server works again
    And later a call is answered 200

  @session @form @rpc @scoped @CLI-30 @needs:body
  Scenario: A body goes out whole when the call is made again
    Given a client that has made a call
    And the next call is rejected
    When the client makes a call with a body of 70000 bytes
    Then every body that has arrived is whole

  @session @form @rpc @scoped @CLI-31 @needs:stream
  Scenario: A body that can be read only once goes out whole or not at all
    Given a client that has made a call
    And the next call is rejected
    When the client makes a call with a body of 70000 bytes that can be read only once
    Then every body that has arrived is whole

  @session @form @rpc @scoped @CLI-32 @needs:body
  Scenario: A POST whose reply was lost is not made again
    Given a client that has made a call
    And the next call loses its reply
    When the client makes a call with a body of 100 bytes
    Then exactly one body has arrived

  @session @form @rpc @scoped @CLI-33
  Scenario: A connection that was reset costs a call at most
    Given a client that has made a call
    When every call is reset
    And the client makes a call
    And the server works again
    Then later a call is answered 200
    And the server has seen exactly 0 more exchanges
