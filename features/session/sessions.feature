@session
Feature: Sessions
  A session is an IP address, a device and a user, all read-only.

  @SES-18
  Scenario: A session shows its IP address
    Given the full account is logged in
    When the session is looked up in the list of sessions
    Then it shows an IP address

  @SES-18
  Scenario: A session shows its device
    Given the full account is logged in
    When the session is looked up in the list of sessions
    Then it shows the device that logged in

  @SES-18
  Scenario: A session shows its user
    Given the full account is logged in
    When the session is looked up in the list of sessions
    Then it shows the user who logged in

  @SES-19
  Scenario Outline: A session cannot be changed with <method>
    Given the full account is logged in
    And the session is looked up in the list of sessions
    When "<method>" tries to change its IP address, its device and its user
    Then it is refused
    And the session still shows the same IP address, device and user

    Examples:
      | method |
      | PUT    |
      | PATCH  |

  @SES-20
  Scenario: The access token of an ended session grants no access
    Given the full account is logged in
    And the collection is asked for with the access token
    And it is accepted
    And the first session is looked up in the list of sessions
    When the first session is ended
    And the collection is asked for with the access token
    Then it is refused

  @SES-20
  Scenario: The refresh token of an ended session obtains no token
    Given the full account is logged in
    And the first pair is refreshed
    And it is accepted
    And the first session is looked up in the list of sessions
    When the first session is ended
    And the second pair is refreshed
    Then it is refused

  @SES-20
  Scenario: The refresh token of an ended session obtains no token beside another session's access token
    Given the full account is logged in
    And the full account is logged in a second time
    And the first session is looked up in the list of sessions
    When the first session is ended
    And the first pair is refreshed beside the access token of the second pair
    Then it is refused
    But the second pair is refreshed
    And it is accepted

  @SES-26 @needs:sessions_api
  Scenario: Ending one session leaves another session of the same user alone
    Given the full account is logged in
    When the full account is logged in a second time
    Given the first session is ended
    When the collection is asked for with the access token of the second pair
    Then it is accepted
    When the second pair is refreshed
    Then it is accepted

  @SES-26
  Scenario: Refreshing one session leaves another session of the same user alone
    Given the full account is logged in
    When the full account is logged in a second time
    And the first pair is refreshed
    Then it is accepted
    When the collection is asked for with the access token of the second pair
    Then it is accepted
    When the second pair is refreshed
    Then it is accepted
