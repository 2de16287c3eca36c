@session
Feature: API keys
  A key in the header x-api-key replaces a login, within the permissions of the key.

  @SES-21
  Scenario: An API key grants access to what its permissions allow
    When what the API key grants access to is asked for with the key
    Then it is accepted

  @SES-21
  Scenario: An API key grants no access to what its permissions do not allow
    When what the API key grants no access to is asked for with the key
    Then it is refused with 403
    But what the API key grants access to is asked for with the key
    And it is accepted

  @SES-21
  Scenario: An unknown API key grants no access
    When what the API key grants access to is asked for with garbled forms of the key
    Then each is refused
    But what the API key grants access to is asked for with the key
    And it is accepted
