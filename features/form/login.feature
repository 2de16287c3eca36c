@form
Feature: Logging in
  An HTML form with login and pass obtains a token for 24 hours, or for 30 days.

  @FRM-01
  Scenario: The right login and password obtain a token
    When the full account logs in
    Then it is accepted
    And the answer is JSON
    And "token" is a non-empty string
    And "validTo" is a time
    And there is a member "user"

  @FRM-02
  Scenario: Without longtoken the token is valid for 24 hours
    Given the full account is logged in
    And "validTo" is a time
    Then "validTo" is 24 hours from now, to a minute

  @FRM-02
  Scenario: With longtoken false the token is valid for 24 hours
    When the full account logs in with longtoken "false"
    Then it is accepted
    And "validTo" is 24 hours from now, to a minute

  @FRM-03
  Scenario: With longtoken true the token is valid for 30 days
    When the full account logs in with longtoken "true"
    Then it is accepted
    And "validTo" is 30 days from now, to a minute

  @FRM-04
  Scenario: A login sent as JSON obtains no token
    When the login's members are sent as JSON
    Then no token is in the answer
    But the right password obtains a token

  @FRM-17 @guess
  Scenario: A wrong password obtains no token
    Given the throttle is reset
    When the full account logs in with a wrong password
    Then it is refused
    And no token is in the answer
    But the right password obtains a token

  @FRM-17
  Scenario: An unknown login obtains no token
    When an unknown account logs in
    Then it is refused
    And no token is in the answer
    But the right password obtains a token

  @FRM-17 @guess
  Scenario Outline: A password that is nearly right obtains no token: <what>
    Given the throttle is reset
    When the full account logs in with <what>
    Then it is refused
    And no token is in the answer
    But the right password obtains a token

    Examples:
      | what                                    |
      | an empty password                       |
      | the right password and one letter more  |
      | the right password less its last letter |
      | the right password in other letter case |
      | the right password and a space          |
      | a space and the right password          |

  @FRM-18 @guess
  Scenario: A wrong password is answered with 401
    Given the throttle is reset
    When the full account logs in with a wrong password
    Then it is refused with 401
    But the right password obtains a token

  @FRM-19 @guess
  Scenario: An unknown login and a wrong password are indistinguishable
    Given the throttle is reset
    And the full account is logged in
    When a wrong password and an unknown account are each tried twice
    Then both kinds of refusal are indistinguishable

  @FRM-20
  Scenario: The answer names the user who logged in
    When each declared account logs in
    Then "user" names the account in each answer

  @FRM-21
  Scenario: The answer to a login is not to be stored
    Given the full account is logged in
    Then the "Cache-Control" header says "no-store"

  @FRM-22
  Scenario Outline: A form that is no login is refused: <what>
    When the form "<body>" is sent
    Then it is refused with a 4xx
    And no token is in the answer
    But the right password obtains a token

    Examples:
      | what              | body                                                    |
      | nothing           |                                                         |
      | no login          | pass=PASSWORD                                           |
      | the login twice   | login=LOGIN&login=LOGIN&pass=PASSWORD                   |
      | longtoken twice   | login=LOGIN&pass=PASSWORD&longtoken=true&longtoken=false |

  @FRM-22 @guess
  Scenario Outline: A form that may count as a login with a wrong password is refused: <what>
    Given the throttle is reset
    When the form "<body>" is sent
    Then it is refused with a 4xx
    And no token is in the answer
    But the right password obtains a token

    Examples:
      | what              | body                                                    |
      | no password       | login=LOGIN                                             |
      | an empty password | login=LOGIN&pass=                                       |
      | the password twice | login=LOGIN&pass=PASSWORD&pass=PASSWORD                |

  @FRM-22 @alone
  Scenario: A form over every limit is refused
    When a form of 8 MiB is sent
    Then it is refused with a 4xx
    And no token is in the answer
    But the right password obtains a token

  @FRM-23 @alone
  Scenario: Two logins are two tokens
    Given the full account is logged in
    And the full account is logged in a second time
    Then both tokens differ

  @FRM-23 @alone
  Scenario: The first token outlives the second login
    Given the full account is logged in
    And the resource is asked for with the token
    And it is accepted
    When the full account is logged in a second time
    And the resource is asked for with the first token
    Then it is accepted

  @FRM-24
  Scenario Outline: Credentials in the query string of a <method> obtain no token
    When the credentials are sent in the query string with "<method>"
    Then no token is in the answer
    But the right password obtains a token

    Examples:
      | method |
      | POST   |
      | GET    |
