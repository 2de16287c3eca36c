@form
Feature: Asking whether a token is valid
  GET of the login path, with the token in the query.

  @FRM-08
  Scenario: GET of a live token answers exactly as the login did
    Given the full account is logged in
    When GET asks for the token
    Then it is accepted
    And "token", "validTo" and "user" are exactly those of the login

  @FRM-08
  Scenario: GET of a live 30-day token answers exactly as the login did
    Given the full account is logged in with longtoken "true"
    When GET asks for the token
    Then it is accepted
    And "token", "validTo" and "user" are exactly those of the login

  @FRM-08 @clock @needs:clock
  Scenario: GET of a live token some time later answers exactly as the login did
    Given the full account is logged in
    When some time has passed
    And GET asks for the token
    Then it is accepted
    And "token", "validTo" and "user" are exactly those of the login

  @FRM-09 @clock
  Scenario: GET of an expired token is 404
    Given the full account is logged in
    And some time has passed
    And GET asks for the token
    And it is accepted
    When it is just after the token's end, 24 hours after the login
    And GET asks for the token
    Then it is refused with 404

  @FRM-10
  Scenario: GET of a garbled token is 404
    Given the full account is logged in
    When GET asks for garbled forms of the token
    Then each is refused with 404
    But GET asks for the token
    And it is accepted

  @FRM-10
  Scenario: GET of a made-up token is 404
    Given the full account is logged in
    When GET asks for the token "f87x9f87x9f87x9f87x9f87x9f87x9f87x9f87x9"
    Then it is refused with 404
    But GET asks for the token
    And it is accepted

  @FRM-21
  Scenario: The answer to GET of a token is not to be stored
    Given the full account is logged in
    And GET asks for the token
    And it is accepted
    Then the "Cache-Control" header says "no-store"
