@session @form @rpc @scoped
Feature: Servers that ask to wait
  What repeats a request by itself waits as long as the server asks for.

  @CLI-34
  Scenario: A login waits for the seconds of a Retry-After
    Given the next login is answered 429 with a Retry-After of 2 seconds
    When the client makes a call
    And the client waits 3 seconds
    Then nothing comes sooner than the Retry-After allows
    And later a call is answered 200

  @CLI-35
  Scenario: A login waits for the date of a Retry-After
    Given the next login is answered 429 with a Retry-After as a date, 3 s from now
    When the client makes a call
    And the client waits 4 seconds
    Then nothing comes sooner than the Retry-After allows
    And later a call is answered 200

  @CLI-36
  Scenario: A call waits for a Retry-After
    Given a client that has made a call
    And the next call is answered 503 with a Retry-After of 2 seconds
    When the client makes a call
    And the client waits 3 seconds
    Then nothing comes sooner than the Retry-After allows
    And the server has seen exactly 0 more exchanges

  @CLI-37 @needs:retry @needs:process
  Scenario: Clients that were told to retry at one moment retry at different moments
    Given a fleet of 8 clients, whose first logins are answered 429 with a Retry-After of 2 seconds
    When each client of the fleet makes a call
    Then all are answered 200
    And the logins that follow are spread over at least 20 ms
