@form
Feature: Deleting a token
  DELETE of the login path, with the token in the query.

  @FRM-14
  Scenario: DELETE answers 204 with an empty body
    Given the full account is logged in
    When DELETE ends the token
    Then the status is 204
    And the body is empty

  @FRM-15
  Scenario: A deleted token grants no access
    Given the full account is logged in
    And the resource is asked for with the token
    And it is accepted
    When DELETE ends the token
    And the resource is asked for with the token
    Then it is refused

  @FRM-15
  Scenario: GET of a deleted token is 404
    Given the full account is logged in
    And GET asks for the token
    And it is accepted
    When DELETE ends the token
    And GET asks for the token
    Then it is refused with 404

  @FRM-15
  Scenario: A deleted token cannot be extended
    Given the full account is logged in
    And PUT extends the first token
    And it is accepted
    And "token" is a non-empty string
    When DELETE ends the second token
    And PUT extends the second token
    Then it is refused
    And no token is in the answer

  @FRM-23 @alone
  Scenario: Deleting one token leaves another one of the same user alive
    Given the full account is logged in
    And the resource is asked for with the token
    And it is accepted
    When the full account is logged in a second time
    And DELETE ends the first token
    And the resource is asked for with the second token
    Then it is accepted
    When GET asks for the second token
    Then it is accepted
