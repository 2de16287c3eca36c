@form
Feature: Using the token
  The token goes into the header X-Auth-Bearer.

  @FRM-05
  Scenario: The token grants access to the resource
    Given the full account is logged in
    When the resource is asked for with the token
    Then it is accepted

  @FRM-06
  Scenario: Without a token access to the resource is denied
    When the resource is asked for without a token
    Then it is refused
    But the full account is logged in
    And the resource is asked for with the token
    And it is accepted

  @FRM-06
  Scenario: With a garbled token access to the resource is denied
    Given the full account is logged in
    When the resource is asked for with garbled forms of the token
    Then each is refused
    But the resource is asked for with the token
    And it is accepted

  @FRM-06
  Scenario: With an empty or a made-up token access to the resource is denied
    Given the full account is logged in
    When the resource is asked for with empty and made-up tokens
    Then each is refused
    But the resource is asked for with the token
    And it is accepted

  @FRM-07
  Scenario: A request without a token is answered with 401
    Given the full account is logged in
    When the resource is asked for without a token
    Then it is refused with 401
    But the resource is asked for with the token
    And it is accepted

  @FRM-07
  Scenario: A request with a garbled token is answered with 401
    Given the full account is logged in
    When the resource is asked for with garbled forms of the token
    Then each is refused with 401
    But the resource is asked for with the token
    And it is accepted

  @FRM-16 @clock
  Scenario: A 24-hour token works until just before its end and not after it
    Given the full account is logged in
    And the resource is asked for with the token
    And it is accepted
    When it is just before the token's end, 24 hours after the login
    And the resource is asked for with the token
    Then it is accepted
    When it is just after the token's end, 24 hours after the login
    And the resource is asked for with the token
    Then it is refused

  @FRM-16 @clock
  Scenario: A 30-day token works until just before its end and not after it
    Given the full account is logged in with longtoken "true"
    And the resource is asked for with the token
    And it is accepted
    When it is just before the token's end, 30 days after the login
    And the resource is asked for with the token
    Then it is accepted
    When it is just after the token's end, 30 days after the login
    And the resource is asked for with the token
    Then it is refused

  @FRM-21
  Scenario: The answer to a request with a token is not to be stored
    Given the full account is logged in
    And the resource is asked for with the token
    And it is accepted
    Then the "Cache-Control" header says "no-store"
