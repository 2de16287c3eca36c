@session @form @rpc @scoped
Feature: Obtaining a token
  A client logs in by itself when it needs a token, once for all of its calls.

  @CLI-01
  Scenario: The first call logs in and carries the token
    Given a server
    When the client makes a call
    Then it is answered 200

  @CLI-02
  Scenario: The second call brings the token of the first
    Given a client that has made a call
    When the client makes a call
    Then the server has seen exactly 0 more exchanges

  @CLI-03
  Scenario: Many first calls at once share one login
    Given the next login takes 500 ms
    When the client makes 50 calls at once
    Then all are answered 200
    And the server has seen exactly 1 login

  @CLI-04 @needs:crowd
  Scenario: Thousands of first calls at once share one login
    Given the next login takes 500 ms
    When the client makes thousands of calls at once
    Then all are answered 200
    And the server has seen exactly 1 login

  @CLI-05
  Scenario: A password may have any characters
    Given a password with special characters
    When the client makes a call
    Then it is answered 200

  @CLI-06
  Scenario: A refused password is not tried again and again
    Given every login is refused
    When the client makes a call
    Then the server has seen at most 2 logins
