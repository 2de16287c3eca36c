@session @form @rpc @scoped
Feature: What an attacker tries with tokens

  @SEC-01 @flood
  Scenario: Tokens cannot be guessed
    Given 200 logins are made
    Then all their tokens differ
    And their tokens share no beginning of more than 24 characters
    And at least 128 bits of their tokens vary

  @SEC-02
  Scenario: A token in the query string grants no access
    Given a login obtained a token
    Then the token in the query string as "access_token" grants no access
    And the token in the query string as "token" grants no access
    And the token in the query string as "auth_token" grants no access
    And the token in the query string as "bearer" grants no access
    But the token grants access to the protected resource

  @SEC-05 @flood
  Scenario: Many logins at once all succeed
    Given a login obtained a token
    And the token grants access to the protected resource
    When 20 logins are made at once
    Then each of their tokens grants access to the protected resource

  @SEC-05 @flood
  Scenario: Many renewals at once leave a working token
    Given another login's token can be renewed
    And a login obtained a token
    And the token grants access to the protected resource
    When the token is renewed 20 times at once
    Then a working token is left
