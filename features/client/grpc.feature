@rpc @needs:grpc
Feature: gRPC
  Over gRPC the token is metadata, and codes mean what statuses mean over HTTP.

  @CLI-70
  Scenario: A call over gRPC carries the token
    Given a server
    When the client makes a call over gRPC
    Then it is answered OK

  @CLI-71
  Scenario: UNAUTHENTICATED leads to another token, and the call is made again
    Given a client that has made a call over gRPC
    When the token expires at the server
    And the client makes a call over gRPC
    Then it is answered OK

  @CLI-72
  Scenario: PERMISSION_DENIED is no reason for another token
    Given a client that has made a call over gRPC
    And every call is answered 403
    When the client makes a call over gRPC
    Then it is answered PERMISSION_DENIED
    And the server has seen exactly 0 more exchanges

  @CLI-73
  Scenario: UNAVAILABLE is no reason for another token
    Given a client that has made a call over gRPC
    And every call is answered 503
    When the client makes a call over gRPC
    Then it is answered UNAVAILABLE
    And the server has seen exactly 0 more exchanges

  @CLI-74 @needs:receive
  Scenario: A stream over gRPC carries the token
    Given a server
    When the client reads a stream
    Then it is answered OK

  @CLI-75 @needs:receive
  Scenario: The stream after one that was refused carries another token
    Given a client that has read a stream
    When the token expires at the server
    And the client reads a stream, and then another one
    Then it is answered OK

  @CLI-76 @needs:receive
  Scenario: A stream that breaks is not begun again
    Given a client that has read a stream
    And the next stream breaks after its first message
    When the client reads a stream
    Then it is answered UNAVAILABLE
    And the server has seen exactly 1 more call

  @CLI-76 @needs:receive
  Scenario: A stream that breaks does not cost the token
    Given a client that has read a stream
    And the next stream breaks after its first message
    When the client reads a stream, and then another one
    Then it is answered OK
    And the server has seen exactly 0 more exchanges
