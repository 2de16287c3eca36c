@session
Feature: Refreshing
  The refresh token, with the access token beside it, obtains a new pair.

  @SES-08
  Scenario: A refresh answers a new token pair that works
    Given the full account is logged in
    When the pair is refreshed
    Then it is accepted
    And the answer is JSON
    And "token_type" is "Bearer", or as "token_type" in the login
    And "expires_in" is a whole number, or like "expires_in" in the login
    And "access_token" is a non-empty string
    And "refresh_token" is a non-empty string
    And the access tokens of both pairs differ
    When the collection is asked for with the access token of the second pair
    Then it is accepted

  @SES-08
  Scenario: A refreshed pair can be refreshed again
    Given the full account is logged in
    When the first pair is refreshed
    And the second pair is refreshed
    Then it is accepted
    When the collection is asked for with the access token of the third pair
    Then it is accepted

  @SES-13
  Scenario: A used refresh token is refused once its successor's access token is in use
    Given the full account is logged in
    And the first pair is refreshed
    And it is accepted
    And the collection is asked for with the access token of the second pair
    And it is accepted
    When the first pair is refreshed again beside the access token of the second pair
    Then it is refused

  @SES-13
  Scenario: A used refresh token is refused once its successor was refreshed itself
    Given the full account is logged in
    And the first pair is refreshed
    And it is accepted
    And the second pair is refreshed
    And it is accepted
    When the first pair is refreshed again
    Then it is refused

  @SES-14
  Scenario: The replay of a used refresh token ends the successor's access token
    Given the full account is logged in
    And the first pair is refreshed
    And it is accepted
    And the collection is asked for with the access token of the second pair
    And it is accepted
    When the first pair is refreshed again beside the access token of the second pair
    And the collection is asked for with the access token of the second pair
    Then it is refused

  @SES-14
  Scenario: The replay of a used refresh token ends the successor's refresh token
    Given the full account is logged in
    And the first pair is refreshed
    And it is accepted
    And the second pair is refreshed
    And it is accepted
    When the first pair is refreshed again
    And the third pair is refreshed
    Then it is refused

  @SES-14
  Scenario: A replay ends the successors that many refreshes at once have obtained
    Given the full account is logged in
    And the first pair is refreshed 8 times at once
    And one of their access tokens is used
    When the first pair is refreshed again
    Then none of their access tokens is accepted
    And none of their refresh tokens is accepted

  @SES-15
  Scenario: An access token is no refresh token
    Given the full account is logged in
    And the pair is refreshed
    And it is accepted
    When the access token is sent in place of the refresh token
    Then it is refused

  @SES-15
  Scenario: A refresh token grants no access to the collection
    Given the full account is logged in
    When the collection is asked for with the refresh token
    Then it is refused
    But the collection is asked for with the access token
    And it is accepted

  @SES-16 @clock
  Scenario: A refresh works although the access token beside it has expired
    Given the full account is logged in
    And the pair is refreshed
    And it is accepted
    And the access tokens of both pairs differ
    And the collection is asked for with the access token of the second pair
    And it is accepted
    And the full account is logged in a second time
    When it is just after the access token's end, 10 minutes after the login
    And the pair is refreshed
    Then it is accepted
    And "access_token" is a non-empty string
    When the collection is asked for with the access token
    Then it is accepted

  @SES-17
  Scenario: A garbled refresh token is refused and the session goes on
    Given the full account is logged in
    When the refresh token is sent in garbled forms
    Then each is refused
    But the collection is asked for with the access token
    And it is accepted
    And the pair is refreshed
    And it is accepted
