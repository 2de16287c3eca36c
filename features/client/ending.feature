Feature: Deadlines, logout, other processes
  Callers, sessions and processes end, each for itself.

  @form @rpc @scoped @CLI-60 @needs:logout
  Scenario: Logout ends the session at the server
    Given a client that has made a call
    When the client logs out
    Then the session has ended at the server

  @form @rpc @scoped @CLI-61 @needs:logout
  Scenario: After a logout the token is not used again
    Given a client that has made a call
    When the client logs out
    And the client makes a call
    Then it is answered 200
    And no token is used after the client has ended it

  @form @rpc @scoped @CLI-62 @needs:logout
  Scenario: A logout that fails forgets the token anyway
    Given a client that has made a call
    And the next logout is answered 500
    When the client logs out
    And the client makes a call
    Then it is answered 200
    And the server has seen exactly 1 more login

  @session @form @rpc @scoped @CLI-63 @needs:process
  Scenario: A client that is closed ends
    Given a client that has made a call
    When the client is told to close
    Then it ends with exit code 0

  @session @form @rpc @scoped @CLI-64 @needs:deadline
  Scenario: A caller with a deadline does not wait for a login
    Given a client that has started
    And the session ends at the server
    And logins are held
    When a caller waits 200 ms for a call
    Then the caller is told in time
    But the logins go on
    And later a call is answered 200

  @session @form @rpc @scoped @CLI-65 @needs:deadline
  Scenario: The deadline of one caller is not that of the others
    Given the next login takes 500 ms
    When the client makes 10 calls at once, and one more that waits only 100 ms
    Then 10 calls or more are answered 200

  @session @form @rpc @scoped @CLI-66 @needs:store @needs:process
  Scenario: A second process uses the token of the first
    Given a store that processes share
    And a client that has made a call
    When another process of the client makes a call
    Then the server has seen exactly 0 more exchanges
    And it is answered 200

  @session @form @rpc @scoped @CLI-67 @needs:store @needs:process
  Scenario: A client that starts again uses the token that it had
    Given a store that processes share
    And a client that has made a call and was closed
    When the client is started again and makes a call
    Then the server has seen exactly 0 more exchanges
    And it is answered 200

  @session @form @rpc @scoped @CLI-68 @needs:store @needs:process
  Scenario: Two processes replace a token once
    Given a store that processes share
    And a client that has replaced its token
    And every exchange takes 500 ms
    When another process of the client makes a call
    And the token expires at the server
    And both processes make a call at once
    Then all are answered 200
    And the server has seen at most 1 more login
    And the server has seen at most 1 more renewal
