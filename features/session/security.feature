@session
Feature: What an attacker tries
  Rows SEC-01 to SEC-07, which are judged in every dialect.

  @SEC-01 @flood
  Scenario: Tokens cannot be guessed
    When 200 logins are made
    Then all their tokens differ
    And their tokens share no beginning of more than 16 characters
    And at least 128 bits of their tokens vary

  @SEC-02
  Scenario: A token in the query string opens nothing
    Given a login bought a token
    Then the token in the query string as "access_token" opens nothing
    And the token in the query string as "token" opens nothing
    And the token in the query string as "auth_token" opens nothing
    And the token in the query string as "bearer" opens nothing
    But the token opens the protected resource

  @SEC-03 @throttle
  Scenario: Guessing the password of an account is slowed down
    Given a login bought a token
    When wrong passwords are tried for the full account, as many as declared
    Then the guessing was slowed or refused
    And the right password buys a token again after the declared wait

  @SEC-03 @throttle
  Scenario: Guessing at an account that does not exist is slowed down too
    Given a login bought a token
    When wrong passwords are tried for an unknown account, as many as declared
    Then the guessing was slowed or refused
    And the right password buys a token again after the declared wait

  @SEC-04 @alone
  Scenario: A password that is sent is never sent back
    Given earlier wrong passwords are forgotten
    When a made-up password is sent for the full account
    And a made-up password is sent for an unknown account
    And a made-up password is sent in a login that breaks off
    And a made-up password is sent as plain text
    Then no answer contains that password
    And the right password buys a token

  @SEC-04
  Scenario: The answer to the right login does not hold its password
    When the right password is sent
    Then the answer does not hold it

  @SEC-05 @flood
  Scenario: Many logins at once all succeed
    When 20 logins are made at once
    Then each of their tokens opens the protected resource

  @SEC-05 @flood
  Scenario: Many renewals at once leave a working session
    Given a login bought a token
    When the token is renewed 20 times at once
    Then a working token is left

  @SEC-06
  Scenario: An oversized header is refused
    When the right login is sent with a header of 64 KiB
    Then it is refused with a 4xx
    And the right password buys a token

  @SEC-06
  Scenario: An oversized body is refused
    When the right login is sent with a body of 8 MiB
    Then it is refused with a 4xx
    And the right password buys a token

  @SEC-07
  Scenario: The login path offers no method that is not declared
    Given the full account is logged in
    When the login path is asked with each of "PUT, PATCH, DELETE" that is not declared
    Then each is refused with 404 or 405
