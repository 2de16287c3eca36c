@session
Feature: Logging in
  E-mail and password obtain a token pair: an access token for ten minutes, and
  a refresh token.

  @SES-01
  Scenario: The right e-mail and password obtain a token pair
    When the full account logs in
    Then it is accepted
    And the answer is JSON
    And "token_type" is "Bearer"
    And "expires_in" is a whole number
    And "access_token" is a non-empty string
    And "refresh_token" is a non-empty string

  @SES-02
  Scenario: The login says how long the access token lives
    Given the full account is logged in
    Then "expires_in" is 600, or the life that the manifest declares

  @SES-02
  Scenario: The refresh says how long the new access token lives
    Given the full account is logged in
    And the pair is refreshed
    And it is accepted
    Then "expires_in" is 600, or the life that the manifest declares

  @SES-03
  Scenario: The documented curl command logs in
    When the full account logs in by the documented curl command
    Then it is accepted
    And "access_token" is a non-empty string

  @SES-03
  Scenario: The documented curl command refreshes
    Given the full account is logged in
    When the pair is refreshed by the documented curl command
    Then it is accepted
    And "access_token" is a non-empty string

  @SES-10 @guess
  Scenario: A wrong password obtains no token
    Given the throttle is reset
    When the full account logs in with a wrong password
    Then it is refused
    And no token is in the answer
    But the right password obtains a token

  @SES-10
  Scenario: An unknown e-mail address obtains no token
    When an unknown account logs in
    Then it is refused
    And no token is in the answer
    But the right password obtains a token

  @SES-10 @guess
  Scenario Outline: A password that is nearly right obtains no token: <what>
    Given the throttle is reset
    When the full account logs in with <what>
    Then it is refused
    And no token is in the answer
    But the right password obtains a token

    Examples:
      | what                                    |
      | an empty password                       |
      | the right password and one letter more  |
      | the right password less its last letter |
      | the right password in other letter case |
      | the right password and a space          |
      | a space and the right password          |

  @SES-11 @guess
  Scenario: A wrong password is answered with 401
    Given the throttle is reset
    When the full account logs in with a wrong password
    Then it is refused with 401
    But the right password obtains a token

  @SES-12 @guess
  Scenario: An unknown e-mail address and a wrong password are indistinguishable
    Given the throttle is reset
    And the full account is logged in
    When a wrong password and an unknown account are each tried twice
    Then both kinds of refusal are indistinguishable

  @SES-24
  Scenario: The answer to a login is not to be stored
    Given the full account is logged in
    Then the "Cache-Control" header says "no-store"

  @SES-24
  Scenario: The answer to a refresh is not to be stored
    Given the full account is logged in
    And the pair is refreshed
    And it is accepted
    Then the "Cache-Control" header says "no-store"
