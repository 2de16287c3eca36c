@scoped
Feature: Issue a token by credentials
  A user name and a password obtain a token, for a life in words, for all that the
  user may do or for a list of scopes.

  @SCP-01
  Scenario: The right credentials obtain a token
    When the full account asks for a token
    Then it is accepted
    And the answer is JSON
    And "_id" is a non-empty string
    And "issuedAt" is a whole number
    And "expiresAt" is a whole number
    And "issuedAt" is a time of today in milliseconds
    And "user.name" is a non-empty string
    And "token" is a non-empty string

  @SCP-02
  Scenario: Without expiresIn a token lives for the declared default life
    Given the full account asks for a token
    And "token" is a non-empty string
    Then it lives for the declared default life, to the second

  @SCP-03
  Scenario Outline: "<life>" is exactly that life
    When the full account asks for a token for "<life>"
    Then it lives for <seconds> seconds

    Examples:
      | life       | seconds |
      | 30 minutes | 1800    |
      | 12 hours   | 43200   |
      | 8 days     | 691200  |
      | 90 days    | 7776000 |

  @SCP-04
  Scenario: "5 years" is five years
    When the full account asks for a token for "5 years"
    Then it lives for 5 years of 365 days or of the calendar

  @SCP-23 @guess
  Scenario: A wrong password obtains no token
    Given the throttle is reset
    And the right password obtains a token
    When the full account logs in with a wrong password
    Then it is refused
    And no token is in the answer
    But the right password obtains a token

  @SCP-23 @guess
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

  @SCP-23
  Scenario: An unknown account obtains no token
    When an unknown account logs in
    Then it is refused
    And no token is in the answer
    But the right password obtains a token

  @SCP-24 @guess
  Scenario: A wrong password is answered 401
    Given the throttle is reset
    And the right password obtains a token
    When the full account logs in with a wrong password
    Then it is refused with 401
    But the right password obtains a token

  @SCP-24
  Scenario: An unknown account is answered 401
    When an unknown account logs in
    Then it is refused with 401
    But the right password obtains a token

  @SCP-25
  Scenario Outline: A login for "<life>" obtains no token
    When the full account asks for a token for "<life>"
    Then it is refused with a 4xx
    And no token is in the answer
    But the full account asks for a token for "12 hours"
    And it is accepted

    Examples:
      | life              |
      | soon              |
      | -1 days           |
      | 0 days            |
      | 99999999999 years |

  @SCP-25
  Scenario Outline: A login for the scope "<scope>" obtains no token
    When the full account asks for a token for the scopes "<scope>"
    Then it is refused with a 4xx
    And no token is in the answer
    But the full account asks for a token for the scopes "GET {list}"
    And it is accepted

    Examples:
      | scope   |
      | objects |
      | GET     |
      | {list}  |

  @SCP-29
  Scenario: The answer to a login says no-store
    Given the full account asks for a token
    And "token" is a non-empty string
    Then the "Cache-Control" header says "no-store"

  @SCP-32
  Scenario Outline: A login with <mistake> gets a 4xx and no token
    When the body <body> is sent to the login
    Then it is refused with a 4xx
    And no token is in the answer
    But the right password obtains a token

    Examples:
      | mistake                         | body                                                                    |
      | malformed JSON                  | {"username":"{login}","password":"{password}"                           |
      | a list for an object            | ["{login}","{password}"]                                                |
      | no members                      | {}                                                                      |
      | no user name                    | {"password":"{password}"}                                               |
      | a number for a user name        | {"username":7,"password":"{password}"}                                  |
      | a text for the scopes           | {"username":"{login}","password":"{password}","scopes":"GET {list}"}    |
      | numbers for the scopes          | {"username":"{login}","password":"{password}","scopes":[7]}             |
      | an object for expiresIn         | {"username":"{login}","password":"{password}","expiresIn":{"days":8}}   |

  @SCP-32 @guess
  Scenario Outline: A login with <mistake> in place of the password gets a 4xx and no token
    Given the throttle is reset
    And the right password obtains a token
    When the body <body> is sent to the login
    Then it is refused with a 4xx
    And no token is in the answer
    But the right password obtains a token

    Examples:
      | mistake   | body                                          |
      | nothing   | {"username":"{login}"}                        |
      | a number  | {"username":"{login}","password":7}           |
      | an object | {"username":"{login}","password":{"is":"it"}} |
