@session
Feature: API keys
  A key in the header x-api-key stands for a login, within its permissions.

  @SES-21
  Scenario: An API key opens what its permissions allow
    When what the API key may open is asked for with the key
    Then it is accepted

  @SES-21
  Scenario: An API key does not open what its permissions do not allow
    When what the API key may not open is asked for with the key
    Then it is refused with 403
    But what the API key may open is asked for with the key
    And it is accepted

  @SES-21
  Scenario: An unknown API key opens nothing
    When what the API key may open is asked for with garbled forms of the key
    Then each is refused
    But what the API key may open is asked for with the key
    And it is accepted
