@session @form @rpc @scoped
Feature: Reading the answers of a token endpoint
  Servers write the same thing in more than one way, and their clocks go wrong.

  @CLI-51
  Scenario: A server whose clock is behind gives tokens that live as long
    Given a server whose tokens live 3600 seconds
    And a server whose clock is 2 hours behind
    When the client makes a call
    And the client makes a call
    Then it is answered 200
    And the server has seen exactly 1 exchange

  @CLI-51
  Scenario: A server whose clock is ahead gives tokens that live as long
    Given a server whose tokens live 3 seconds
    And a client that has replaced its token
    And a server whose clock is 2 hours ahead
    When the client makes a call
    And the client waits 4 seconds and makes a call
    Then it is answered 200

  @CLI-52
  Scenario: A wrong Date does not end a token
    Given the next login has a Date of later
    When the client makes a call
    And the client makes a call
    Then it is answered 200
    And the server has seen exactly 1 exchange

  @CLI-53
  Scenario: Numbers in another form mean the same
    Given a server that answers logins with numbers in another form
    When the client makes a call
    And the client makes a call
    Then it is answered 200
    And the server has seen exactly 1 exchange

  @CLI-54
  Scenario: Unknown members are ignored
    Given a server that answers logins with members that nobody knows
    When the client makes a call
    Then it is answered 200

  @CLI-55
  Scenario: A token without an end is used until it is rejected
    Given a server that answers logins with no end of the token
    When the client makes a call
    And the client makes a call
    Then it is answered 200
    And the server has seen exactly 1 exchange
