@session
Feature: Other languages and other letter cases
  Paths may be localised, and the keys of a reply may be written in another case.

  @SES-22
  Scenario: The login path of each language issues a token pair as the English one does
    Given the full account is logged in
    When the full account logs in at the login path of each language
    Then each login answers a token pair as that one did

  @SES-22
  Scenario: The collection of each language grants access as the English one does
    Given the full account is logged in
    When the collection of each language is asked for with the access token
    Then each is accepted and answers JSON

  @SES-22
  Scenario: The collection of each language denies access without a token
    Given the full account is logged in
    When the collection of each language is asked for without a token
    Then each is refused
    But the collection of each language is asked for with the access token
    And each is accepted

  @SES-22
  Scenario: The refresh path is the same in every language
    When the full account logs in at the login path of each language
    And each pair is refreshed at the one refresh path
    Then each is accepted

  @SES-23
  Scenario Outline: The keys of the reply are in <inflection> case where a request asks for it
    Given the full account is logged in
    When the full account logs in with the header "x-api-inflection: <inflection>"
    Then it is accepted
    And "<type>" is "Bearer", or as "token_type" in the login
    And "<expires>" is a whole number, or like "expires_in" in the login
    And "<access>" is a non-empty string
    And "<refresh>" is a non-empty string

    Examples:
      | inflection | type       | expires    | access       | refresh       |
      | camel      | tokenType  | expiresIn  | accessToken  | refreshToken  |
      | dash       | token-type | expires-in | access-token | refresh-token |
      | snake      | token_type | expires_in | access_token | refresh_token |
      | pascal     | TokenType  | ExpiresIn  | AccessToken  | RefreshToken  |
