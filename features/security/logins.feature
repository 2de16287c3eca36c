@session @form @rpc @scoped
Feature: What an attacker tries with logins

  @SEC-03 @throttle
  Scenario: Guessing the password of an account is slowed down
    Given a login obtained a token
    When wrong passwords are tried for the full account, as many as declared
    Then the guessing was slowed or refused
    And the right password obtains a token again after the declared wait

  @SEC-03 @throttle
  Scenario: Guessing at an account that does not exist is slowed down too
    Given a login obtained a token
    When wrong passwords are tried for an unknown account, as many as declared
    Then the guessing was slowed or refused
    And the right password obtains a token again after the declared wait

  @SEC-10 @throttle
  Scenario: The password of an account is not guessed under its other names
    Given a login obtained a token
    When wrong passwords are tried for each name of the full account in turn, as many as declared
    Then the guessing was slowed or refused
    And the right password obtains a token again after the declared wait

  @SEC-04 @guess
  Scenario: A wrong password is never sent back
    Given the throttle is reset
    And a login obtained a token
    When a made-up password is sent for the full account
    And a made-up password is sent for an unknown account
    Then no answer contains that password
    But the right password obtains a token

  @SEC-04 @needs:http
  Scenario: A password in a login that cannot be read is never sent back
    When a made-up password is sent in a truncated login
    And a made-up password is sent as plain text
    Then no answer contains that password
    But the right password obtains a token

  @SEC-04
  Scenario: The answer to the right login does not contain its password
    Given the right password is sent
    Then the answer does not contain it

  @SEC-06 @alone
  Scenario: An oversized header is refused
    When the right login is sent with a header of 64 KiB
    Then it is refused with a 4xx
    But the right password obtains a token

  @SEC-06 @alone
  Scenario: An oversized body is refused
    When the right login is sent with a body of 8 MiB
    Then it is refused with a 4xx
    But the right password obtains a token
