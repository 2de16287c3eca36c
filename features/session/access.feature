@session
Feature: Using the access token
  The token goes into the header Authorization, behind the word Bearer.

  @SES-04
  Scenario: The access token grants access to the collection
    Given the full account is logged in
    When the collection is asked for with the access token
    Then it is accepted
    And the answer is JSON

  @SES-05
  Scenario: Without a token access to the collection is denied
    When the collection is asked for without a token
    Then it is refused
    But the full account is logged in
    And the collection is asked for with the access token
    And it is accepted

  @SES-05
  Scenario: With a garbled token access to the collection is denied
    Given the full account is logged in
    When the collection is asked for with garbled forms of the access token
    Then each is refused
    But the collection is asked for with the access token
    And it is accepted

  @SES-05
  Scenario: With an empty or a made-up token access to the collection is denied
    Given the full account is logged in
    When the collection is asked for with empty and made-up tokens
    Then each is refused
    But the collection is asked for with the access token
    And it is accepted

  @SES-06
  Scenario: A request without a token is answered with 401 and a challenge
    Given the full account is logged in
    When the collection is asked for without a token
    Then it is refused with 401
    And the answer has a "WWW-Authenticate" header
    But the collection is asked for with the access token
    And it is accepted

  @SES-06
  Scenario: A request with a garbled token is answered with 401 and a challenge
    Given the full account is logged in
    When the collection is asked for with garbled forms of the access token
    Then each is refused with 401
    And each answer has a "WWW-Authenticate" header
    But the collection is asked for with the access token
    And it is accepted

  @SES-07
  Scenario: A user without the right gets 403
    Given the limited account is logged in
    When the collection is asked for with the access token
    Then it is refused with 403
    But the full account is logged in
    And the collection is asked for with the access token
    And it is accepted

  @SES-09 @clock
  Scenario: An access token works until just before its end and not after it
    Given the full account is logged in
    When it is just before the access token's end, 10 minutes after the login
    And the collection is asked for with the access token
    Then it is accepted
    When it is just after the access token's end, 10 minutes after the login
    And the collection is asked for with the access token
    Then it is refused

  @SES-09 @clock
  Scenario: An access token from a refresh outlives the one before it
    Given the full account is logged in
    And it is just before the access token's end, 10 minutes after the login
    And the pair is refreshed
    And it is accepted
    And the access tokens of both pairs differ
    And the collection is asked for with the access token of the second pair
    And it is accepted
    When it is just before the access token's end, 10 minutes after the refresh
    And the collection is asked for with the access token of the second pair
    Then it is accepted

  @SES-09 @clock
  Scenario: An access token from a refresh is refused once its life is over
    Given the full account is logged in
    And the pair is refreshed
    And it is accepted
    And the collection is asked for with the access token
    And it is accepted
    When it is just after the access token's end, 10 minutes after the refresh
    And the collection is asked for with the access token
    Then it is refused
