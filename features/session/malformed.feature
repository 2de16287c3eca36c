@session
Feature: Malformed requests
  What is no login and no refresh gets a 4xx and no token. EMAIL, PASSWORD and
  REFRESH stand for the right values.

  @SES-25
  Scenario Outline: A login that is malformed is refused: <what>
    When the login '<body>' is sent
    Then it is refused with a 4xx
    And no token is in the answer
    But the right password obtains a token

    Examples:
      | what                       | body                                                                   |
      | nothing                    |                                                                        |
      | truncated                  | {"session":{"email":"EMAIL","password":"PASSWORD"                      |
      | no JSON                    | email=EMAIL&password=PASSWORD                                          |
      | an empty object            | {}                                                                     |
      | an empty session           | {"session":{}}                                                         |
      | no e-mail                  | {"session":{"password":"PASSWORD"}}                                    |
      | a null session             | {"session":null}                                                       |
      | a session that is a text   | {"session":"EMAIL PASSWORD"}                                           |
      | a session that is an array | {"session":["EMAIL","PASSWORD"]}                                       |
      | an array                   | ["EMAIL","PASSWORD"]                                                   |
      | null                       | null                                                                   |

  @SES-25 @guess
  Scenario Outline: A login that may count as one with a wrong password is refused: <what>
    Given the throttle is reset
    When the login '<body>' is sent
    Then it is refused with a 4xx
    And no token is in the answer
    But the right password obtains a token

    Examples:
      | what                       | body                                                                   |
      | no password                | {"session":{"email":"EMAIL"}}                                          |
      | a null password            | {"session":{"email":"EMAIL","password":null}}                          |
      | an e-mail in an array      | {"session":{"email":["EMAIL"],"password":"PASSWORD"}}                  |
      | a password in an object    | {"session":{"email":"EMAIL","password":{"value":"PASSWORD"}}}          |

  @SES-25
  Scenario Outline: A refresh that is malformed is refused: <what>
    Given the full account is logged in
    And the pair is refreshed
    And it is accepted
    When the refresh '<body>' is sent
    Then it is refused with a 4xx
    And no token is in the answer

    Examples:
      | what                        | body                           |
      | nothing                     |                                |
      | truncated                   | {"refresh_token":"REFRESH"     |
      | an empty object             | {}                             |
      | a null token                | {"refresh_token":null}         |
      | an empty token              | {"refresh_token":""}           |
      | a number                    | {"refresh_token":42}           |
      | a token in an array         | {"refresh_token":["REFRESH"]}  |
      | an array                    | ["REFRESH"]                    |
