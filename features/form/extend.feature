@form
Feature: Extending a token
  PUT of the login path, in JSON, with the token and an optional longtoken.

  @FRM-11
  Scenario: PUT answers in the shape of the login
    Given the full account is logged in
    When PUT extends the token
    Then it is accepted
    And the answer is JSON
    And "token" is a non-empty string
    And "validTo" is a time
    And there is a member "user"

  @FRM-11
  Scenario: PUT extends a 24-hour token to 24 hours from now
    Given the full account is logged in
    When PUT extends the token
    Then it is accepted
    And "validTo" is 24 hours from now, to a minute

  @FRM-11
  Scenario: PUT with longtoken true extends a 24-hour token to 30 days from now
    Given the full account is logged in
    When PUT extends the token with longtoken true
    Then it is accepted
    And "validTo" is 30 days from now, to a minute

  @FRM-11
  Scenario: PUT without longtoken gives a 30-day token an end 24 hours from now
    Given the full account is logged in with longtoken "true"
    When PUT extends the token
    Then it is accepted
    And "validTo" is 24 hours from now, to a minute

  @FRM-11 @clock @needs:clock
  Scenario: PUT counts from the extension, not from the login
    Given the full account is logged in
    When it is just before the token's end, 24 hours after the login
    And PUT extends the token
    Then it is accepted
    And "validTo" is 24 hours from now, to a minute

  @FRM-12 @clock
  Scenario: A token that was extended before its end works after its first end
    Given the full account is logged in
    And it is just before the token's end, 24 hours after the login
    And PUT extends the token
    And it is accepted
    And "token" is a non-empty string
    And the resource is asked for with the second token
    And it is accepted
    When it is just after the first token's end, 24 hours after the login
    And the resource is asked for with the second token
    Then it is accepted

  @FRM-12 @clock
  Scenario: A token that was extended to 30 days works after its first end
    Given the full account is logged in
    And PUT extends the token with longtoken true
    And it is accepted
    And "token" is a non-empty string
    And the resource is asked for with the second token
    And it is accepted
    When it is just after the first token's end, 24 hours after the login
    And the resource is asked for with the second token
    Then it is accepted

  @FRM-13 @clock
  Scenario: An expired token cannot be extended and the user has to log in again
    Given the full account is logged in
    And the full account is logged in a second time
    And PUT extends the second token
    And it is accepted
    When it is just after the first token's end, 24 hours after the login
    And PUT extends the first token
    Then it is refused
    And no token is in the answer
    But the right password obtains a token

  @FRM-21
  Scenario: The answer to an extension is not to be stored
    Given the full account is logged in
    And PUT extends the token
    And it is accepted
    Then the "Cache-Control" header says "no-store"

  @FRM-22
  Scenario Outline: An extension that is none is refused: <what>
    Given the full account is logged in
    And PUT extends the token
    And it is accepted
    When PUT sends the body <body>
    Then it is refused with a 4xx
    And no token is in the answer

    Examples:
      | what                 | body                       |
      | malformed JSON       | {"token":"TOKEN"           |
      | no token             | {"longtoken":true}         |
      | a number for a token | {"token":7}                |
      | a list for an object | ["TOKEN"]                  |
      | an object for a token | {"token":{"is":"TOKEN"}}  |

  @FRM-22
  Scenario: An extension of a token that was never issued is refused
    Given the full account is logged in
    And PUT extends the token
    And it is accepted
    When PUT sends the body {"token":"f87x9f87x9f87x9f87x9f87x9f87x9f87x9f87x9"}
    Then it is refused with a 4xx
